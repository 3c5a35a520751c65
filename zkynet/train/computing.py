"""What a batch comes to: predictions and a loss, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zkynet.errors import ArgumentError, ShapeError, described
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

Computed = tuple[Tensor, Any, Any, Mapping[str, Any]]
"""The loss, the predictions and targets for the metrics, and other values by name."""


def by_loss(t: Trainer, batch: Any) -> Computed:
    """With a loss of predictions and targets."""
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise ArgumentError(
            "Trainer: a batch is a tuple of inputs and, last, the targets",
            facts=[f"received  {described(batch)}"],
            fix="pass data of pairs (x, y), or an objective that knows what to do with a batch",
        )
    *inputs, targets = batch
    predictions = t.model(*inputs) if t.mixed is None else t.forward(*inputs)
    loss = t.loss(predictions, targets)  # type: ignore[misc]
    if not isinstance(loss, Tensor) or loss.shape != ():
        raise no_scalar("the loss", loss)
    return loss, predictions, targets, {}


def by_objective(t: Trainer, batch: Any) -> Computed:
    """With a function of the model and the batch."""
    out = t.objective(t.model, batch)  # type: ignore[misc]
    predictions = targets = None
    values: Mapping[str, Any] = {}
    loss = out
    if isinstance(out, tuple):
        loss, *rest = out
        if len(rest) == 1 and isinstance(rest[0], Mapping):
            values = rest[0]
        elif len(rest) == 2:
            predictions, targets = rest
        elif len(rest) == 3 and isinstance(rest[2], Mapping):
            predictions, targets, values = rest
        else:
            raise ArgumentError(
                f"the objective returned {len(out)} things",
                fix="return the loss, or (loss, predictions, targets), or (loss, {'name': value})",
            )
    if not isinstance(loss, Tensor) or loss.shape != ():
        raise no_scalar("the objective's loss", loss)
    if t.metrics and predictions is None:
        raise ArgumentError(
            "the objective gives no predictions and targets, which the metrics need",
            fix="return (loss, predictions, targets), or leave the metrics out",
        )
    return loss, predictions, targets, values


def is_float(value: Any) -> bool:
    """Whether it is a tensor of floating numbers."""
    return isinstance(value, Tensor) and value.dtype.kind in "fV"


def no_scalar(what: str, loss: Any) -> ShapeError | ArgumentError:
    """The error for a loss that is no tensor of one number."""
    if not isinstance(loss, Tensor):
        return ArgumentError(f"{what} is a tensor, received {described(loss)}", fix="return a tensor of one number")
    return ShapeError(
        f"{what} is not a single number: its shape is {loss.shape}", fix="take its mean, as reduction='mean' does"
    )
