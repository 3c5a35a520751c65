"""`model.fit(x, y)`: a trainer in one line."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, described
from zkynet.nn.module import Module
from zkynet.tensor import Tensor
from zkynet.train.batches import is_array
from zkynet.train.history import History
from zkynet.train.trainer import Trainer

__all__ = ["fit_module"]


def fit_module(model: Module, x: Any, y: Any = None, **options: Any) -> History:
    """Train a model with a `Trainer` that is made for it; what ``model.fit(x, y)`` does.

    Args:
        model: what is trained.
        x: the inputs, or all of the data.
        y: the targets.
        **options: of `Trainer` and of `Trainer.fit`.

    Example:
        >>> import zkynet as zk
        >>> x = zk.tensor([[0.0], [1.0], [2.0]])
        >>> list(zk.train.fit_module(zk.nn.Linear(1, 1), x, 2 * x, epochs=2, progress=False))
        ['epoch', 'step', 'loss', 'lr']
    """
    data = x if y is None else (x, y)
    of_fit = set(inspect.signature(Trainer.fit).parameters) - {"self", "data"}
    of_trainer = set(inspect.signature(Trainer.__init__).parameters) - {"self", "model"}
    unknown = [name for name in options if name not in of_fit | of_trainer]
    if unknown:
        raise ArgumentError(
            f"fit has no option {unknown[0]!r}",
            facts=[f"it has  {', '.join(sorted(of_fit | of_trainer))}"],
            fix="pass one of them",
        )
    if options.get("loss") is None and options.get("objective") is None:
        options["loss"] = _loss_for(data)
        if options["loss"] == "cross_entropy":
            options.setdefault("metrics", ["accuracy"])
    trainer = Trainer(model, **{name: options.pop(name) for name in list(options) if name in of_trainer})
    return trainer.fit(data, **options)


def _loss_for(data: Any) -> str:
    """The loss that goes with the targets of some data."""
    data = getattr(data, "dataset", data)  # that of a loader
    try:
        target = data[-1] if isinstance(data, tuple) or is_array(data[0]) else data[0][-1]
    except (TypeError, IndexError, KeyError):
        raise ArgumentError(
            f"fit: no loss is named, and none can be told from {described(data)}", fix='pass loss="cross_entropy"'
        ) from None
    kind = (target if isinstance(target, Tensor) else np.asarray(target)).dtype.kind
    return "cross_entropy" if kind in "iub" else "mse"
