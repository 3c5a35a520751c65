"""Optimisers and their options, and the steps that are made with them, here and in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 20
SHAPES = ((5, 4), (), (2, 3, 4))
MATRICES = ((5, 4), (3, 7))

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"lr": 0.1}),
    "sgd, the default": ("SGD", {}),
    "sgd, decay": ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    "sgd, up": ("SGD", {"lr": 0.1, "weight_decay": 0.1, "maximize": True}),
    "sgd, momentum": ("SGD", {"lr": 0.1, "momentum": 0.9}),
    "sgd, dampening": ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    "sgd, nesterov": ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    "asgd": ("ASGD", {"lr": 0.1, "lambd": 0.02, "t0": 5}),
    "asgd, up": ("ASGD", {"lr": 0.1, "alpha": 0.5, "weight_decay": 0.1, "maximize": True}),
    "adagrad": ("Adagrad", {"lr": 0.1}),
    "adagrad, decays": ("Adagrad", {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1}),
    "adagrad, start": ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "maximize": True}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop, momentum": ("RMSprop", {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}),
    "rmsprop, centred": ("RMSprop", {"alpha": 0.9, "centered": True, "maximize": True}),
    "rmsprop, centred, momentum": ("RMSprop", {"alpha": 0.9, "centered": True, "momentum": 0.5}),
    "adadelta": ("Adadelta", {}),
    "adadelta, decay": ("Adadelta", {"lr": 0.5, "rho": 0.8, "weight_decay": 0.1, "maximize": True}),
    "adam": ("Adam", {}),
    "adam, decay": ("Adam", {"lr": 0.01, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
    "adam, amsgrad": ("Adam", {"lr": 0.05, "betas": (0.8, 0.7), "amsgrad": True}),
    "adam, up": ("Adam", {"lr": 0.05, "weight_decay": 0.1, "maximize": True}),
    "adamw": ("AdamW", {}),
    "adamw, amsgrad": ("AdamW", {"lr": 0.05, "weight_decay": 0.3, "betas": (0.8, 0.7), "amsgrad": True}),
    "adamw, up": ("AdamW", {"lr": 0.05, "maximize": True}),
    "adamax": ("Adamax", {}),
    "adamax, decay": ("Adamax", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
    "nadam": ("NAdam", {}),
    "nadam, decay": ("NAdam", {"lr": 0.05, "momentum_decay": 0.1, "weight_decay": 0.1, "maximize": True}),
    "nadam, decoupled": ("NAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    "radam": ("RAdam", {}),
    "radam, decay": ("RAdam", {"lr": 0.05, "betas": (0.8, 0.9), "weight_decay": 0.1, "maximize": True}),
    "radam, decoupled": ("RAdam", {"lr": 0.05, "weight_decay": 0.1, "decoupled_weight_decay": True}),
    "rprop": ("Rprop", {}),
    "rprop, settings": ("Rprop", {"lr": 0.1, "etas": (0.4, 1.5), "step_sizes": (0.02, 0.15), "maximize": True}),
    "adafactor": ("Adafactor", {}),
    "adafactor, settings": (
        "Adafactor",
        {"lr": 0.03, "beta2_decay": -0.5, "eps": (1e-3, 0.5), "d": 1.5, "weight_decay": 0.1, "maximize": True},
    ),
    "muon": ("Muon", {}),
    "muon, settings": (
        "Muon",
        {"lr": 0.1, "momentum": 0.8, "nesterov": False, "ns_steps": 3, "adjust_lr_fn": "match_rms_adamw"},
    ),
    "muon, original": ("Muon", {"lr": 0.1, "weight_decay": 0.5, "adjust_lr_fn": "original"}),
}


def start(name: str) -> list[Any]:
    """The parameters before the first step, for the optimiser of a name."""
    rng = np.random.default_rng(len(name))
    return [rng.standard_normal(shape) for shape in (MATRICES if name == "Muon" else SHAPES)]


def gradient(values: Any, step: int) -> Any:
    """What stands for the gradient: it depends on the values, so that errors would add up."""
    return np.cos(3 * values + step) + 0.3 * values
