"""Losses, metrics and optimisers by name."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zkynet import metrics as all_metrics
from zkynet import nn, optim
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.metrics import Accuracy, Metric
from zkynet.nn import functional as F
from zkynet.optim import Optimizer

SHORT_LOSSES = {
    "mse": "mse_loss", "mae": "l1_loss", "l1": "l1_loss", "bce": "binary_cross_entropy", "nll": "nll_loss",
    "bce_with_logits": "binary_cross_entropy_with_logits", "huber": "huber_loss", "hinge": "hinge_loss",
    "smooth_l1": "smooth_l1_loss", "squared_error": "mse_loss", "absolute_error": "l1_loss",
}  # fmt: skip

SHORT_METRICS = {
    "mae": "MeanAbsoluteError", "mse": "MeanSquaredError", "rmse": "RootMeanSquaredError", "r2": "R2Score",
    "top5": "TopKAccuracy", "top_5_accuracy": "TopKAccuracy",
}  # fmt: skip


def loss_by_name(loss: Any) -> Callable[[Any, Any], Any]:
    """A loss as a function of predictions and targets."""
    if isinstance(loss, type) and issubclass(loss, nn.Module):
        loss = loss()
    if callable(loss):
        return loss
    if not isinstance(loss, str):
        raise ArgumentError(
            f"Trainer: loss is a name, or a function of predictions and targets; received {described(loss)}",
            fix='pass loss="cross_entropy", or an objective where the loss is made otherwise',
        )
    functions = {name: getattr(F, name) for name in dir(F) if _is_loss(name) and _takes_two(getattr(F, name))}
    classes = {name: getattr(nn, name) for name in dir(nn) if name.endswith("Loss")}
    classes = {name: kind for name, kind in classes.items() if _takes_two(kind.forward, besides=1)}
    name = SHORT_LOSSES.get(loss, loss)
    if name in functions:
        return functions[name]
    if name in classes:
        return classes[name]()
    raise unknown("loss", loss, [*functions, *SHORT_LOSSES, *classes], "a function of predictions and targets")


def optimizer_by_name(optimizer: Any, learning_rate: float | None) -> Callable[[Any], Optimizer]:
    """What makes an optimiser from parameters, of a name or of a function."""
    if isinstance(optimizer, str):
        kinds = {name: getattr(optim, name) for name in dir(optim)}
        kinds = {name.lower(): k for name, k in kinds.items() if isinstance(k, type) and issubclass(k, Optimizer)}
        for left_out in ("optimizer", "lbfgs"):
            kinds.pop(left_out, None)
        kind = kinds.get(optimizer.lower())
        if kind is None:
            raise unknown("optimizer", optimizer, kinds, "a function of the parameters")
        return lambda params: kind(params) if learning_rate is None else kind(params, lr=learning_rate)
    if learning_rate is not None:
        raise ArgumentError(
            "Trainer: learning_rate goes with an optimiser by name", fix="pass the rate to the optimiser: lr=..."
        )
    if not callable(optimizer):
        raise ArgumentError(
            f"Trainer: optimizer is a name, an optimiser, or a function of parameters; received {described(optimizer)}",
            fix="pass 'adam', zk.optim.Adam(model.parameters()), or lambda params: zk.optim.Adam(params)",
        )
    return optimizer


def metrics_by_name(metrics: Any, loss: Any) -> dict[str, Metric]:
    """Metrics by what they are called in the history."""
    if isinstance(metrics, (str, Metric)):
        metrics = [metrics]
    if isinstance(metrics, Mapping):
        return {str(name): _metric(metric, loss) for name, metric in metrics.items()}
    if not isinstance(metrics, Iterable):
        raise ArgumentError(
            f"Trainer: metrics is a list or a dict of metrics, received {described(metrics)}",
            fix='pass metrics=["accuracy"]',
        )
    out: dict[str, Metric] = {}
    for each in metrics:
        metric = _metric(each, loss)
        name = each if isinstance(each, str) and each.islower() else snake_case(type(metric).__name__)
        if name in out:
            raise InvalidValueError(
                f"Trainer: there are two metrics called {name!r}", fix="pass a dict, which gives each a name"
            )
        out[name] = metric
    if "loss" in out:
        raise InvalidValueError("Trainer: 'loss' is the name of the loss", fix="give the metric another name")
    return out


def _metric(metric: Any, loss: Any) -> Metric:
    if isinstance(metric, Metric):
        return metric
    if isinstance(metric, type) and issubclass(metric, Metric):
        return metric()
    if not isinstance(metric, str):
        raise ArgumentError(
            f"Trainer: a metric is a name or one of zk.metrics, received {described(metric)}",
            fix='pass "accuracy" or zk.metrics.Accuracy()',
        )
    if metric.lower() == "accuracy":
        return Accuracy(**_binary(loss))
    kinds = {name: getattr(all_metrics, name) for name in dir(all_metrics) if name not in ("Metric", "Mean")}
    kinds = {name: kind for name, kind in kinds.items() if issubclass(kind, Metric)}
    names = {name: kind for cls, kind in kinds.items() for name in (cls, snake_case(cls))}
    names |= {short: kinds[name] for short, name in SHORT_METRICS.items()}
    if metric not in names:
        raise unknown("metric", metric, names, "one of zk.metrics")
    kind = names[metric]
    return kind(**_binary(loss)) if "logits" in inspect.signature(kind).parameters else kind()


def _binary(loss: Any) -> dict[str, Any]:
    """Settings of a metric of decisions that go with a loss of answers yes or no."""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    name = SHORT_LOSSES.get(name, name)
    if name in ("binary_cross_entropy", "BCELoss"):
        return {"task": "binary"}
    if name in ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"):
        return {"task": "binary", "logits": True}
    return {}


def snake_case(name: str) -> str:
    """``TopKAccuracy`` as ``top_k_accuracy``.

    Example:
        >>> snake_case("TopKAccuracy"), snake_case("BLEU"), snake_case("R2Score"), snake_case("F1")
        ('top_k_accuracy', 'bleu', 'r2_score', 'f1')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def unknown(what: str, name: str, known: Iterable[str], instead: str) -> InvalidValueError:
    """The error for a name that is not known, with the nearest ones."""
    names = sorted(set(known), key=lambda each: (each.lower(), not each.islower()))
    lower = {each.lower(): each for each in reversed(names)}
    near = [lower[each] for each in difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.5)]
    return InvalidValueError(
        f"there is no {what} {name!r}",
        facts=[f"near it  {', '.join(near)}" if near else f"there are  {', '.join(names)}"],
        fix=f"pass {near[0]!r}, or {instead}" if near else f"pass one of them, or {instead}",
        name=name,
        near=near,
    )


def _is_loss(name: str) -> bool:
    return name.endswith(("_loss", "cross_entropy", "_with_logits", "kl_div"))


def _takes_two(function: Any, besides: int = 0) -> bool:
    """Whether a loss is one of predictions and targets alone."""
    parameters = list(inspect.signature(function).parameters.values())[besides:]
    needed = [p for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(needed) == 2
