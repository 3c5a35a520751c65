"""The training loop: what a loop written by hand does, and in the same order.

Without the options it is

    for epoch in range(epochs):
        for x, y in loader:
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

and it gives the same numbers, to the last bit. All that is done beyond that stands in this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError, ZkynetError
from zkynet.nn.gradients import clip_grad_norm_
from zkynet.tensor import Tensor
from zkynet.train.batches import inputs_of
from zkynet.train.outputs import joined
from zkynet.train.resuming import leave_if_asked
from zkynet.train.running import Running, StepLogs

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


def train(t: Trainer, batches: Iterable[Any], validation: Iterable[Any] | None, until: int) -> None:
    """Train epoch by epoch, until `until` of them are done or somebody has called `Trainer.stop`."""
    while t.epoch < until and t.stop_reason is None:
        if not t.in_epoch:  # else the run is taken up in the middle of an epoch, and has its sums already
            t.in_epoch, t.drained = True, False
            t.running.reset()
            t._call("on_epoch_start")
        for group in grouped(t, batches):
            train_step(t, group)
            leave_if_asked(t)
            if t.stop_reason is not None:
                return
        if t.running.batches == 0:
            raise InvalidValueError("the training data gave no batch", fix="pass data with at least one batch")
        end_epoch(t, validation)
        leave_if_asked(t)


def grouped(t: Trainer, batches: Iterable[Any]) -> Iterator[list[Any]]:
    """The batches of each step, one by default; at the end of the epoch there may be fewer of them."""
    # after a resume, a loader gives what is left of the epoch; of a list, what was done is left out here
    done = 0 if hasattr(batches, "load_state_dict") else t.running.batches
    source = islice(batches, done, None)
    while not t.drained and (group := list(islice(source, t.accumulate))):
        t.drained = len(group) < t.accumulate  # with this step, a loader is at the beginning of its next epoch
        yield group


def train_step(t: Trainer, group: list[Any]) -> None:
    """One step of the optimiser: forward and backward for each batch of the group, then the update."""
    weights, losses = [t.weight(batch) for batch in group], []
    total, guarded = sum(weights), t.guard.enabled
    if guarded:
        t.guard.before_step()
    for batch, weight in zip(group, weights, strict=True):
        loss, predictions, targets, values = t.compute(batch)
        backward(t, loss, weight / total)
        losses.append(loss)
        try:
            t.running.add(loss, predictions, targets, values, weight)
        except ZkynetError:  # metrics refuse NaN: then it is told where that comes from instead
            t.guard.blame(loss, group)
            raise

    optimizer = t.optimizer if t.mixed is None else t.mixed
    if t.mixed is not None:
        t.mixed.unscale_()
    if t._hooks["on_backward"]:
        t._call("on_backward")
    norm = None if t.clip_norm is None else clip_grad_norm_(t.parameters, t.clip_norm)
    if guarded:
        t.guard.before_update(losses, norm, group)
    t.lr = t.optimizer.param_groups[0]["lr"]
    optimizer.step()
    optimizer.zero_grad()
    if t.schedule is not None and t.schedule_per == "step":
        t.schedule.step()
    if t.ema is not None:
        t.ema.update()
    t.step += 1

    # the step is done: here, and at the end of an epoch, the state of the trainer may be saved
    if t.loggers and t.step % t.log_every == 0:
        t.guard.settle()
        t._log("step", {"loss": loss.item(), "lr": float(t.lr)})
    if t._hooks["on_step_end"]:
        t._call("on_step_end", StepLogs(loss, t.lr))


def backward(t: Trainer, loss: Tensor, share: float) -> None:
    """Collect the gradients of a batch, which is a share of its step: all of it, unless batches are accumulated."""
    if share != 1 and not t.loss_is_sum:
        loss = loss * share
    if t.mixed is None:
        loss.backward()
    else:
        t.mixed.backward(loss)  # scaled, into float32 copies


def end_epoch(t: Trainer, validation: Iterable[Any] | None) -> None:
    """Validate, write the epoch's row of the history, and step a schedule that counts epochs."""
    t.guard.settle()
    row = {"epoch": t.epoch + 1, "step": t.step, **t.running.compute()}
    if validation is not None:
        row |= {f"val_{name}": value for name, value in evaluate(t, validation).items()}
    row["lr"] = float(t.lr)
    if t.schedule is not None and t.schedule_per == "epoch":
        t.schedule.step(*t._figure(row))
    t.epoch += 1
    t.in_epoch = False
    t.history.append(row)
    t._log("epoch", row)
    t._call("on_epoch_end", row)


def evaluate(t: Trainer, batches: Iterable[Any]) -> dict[str, float]:
    """The means of loss and metrics over all batches: no dropout, no gradients, averaged weights if there are some."""
    measured = Running(t.metrics)
    with t._evaluating(), no_grad():
        for batch in batches:
            measured.add(*t.compute(batch), t.weight(batch))
    if measured.batches == 0:
        raise InvalidValueError("the data to evaluate on gave no batch", fix="pass data with at least one batch")
    return measured.compute()


def predict(t: Trainer, batches: Iterable[Any]) -> Any:
    """What the model says of all batches, joined along their first axis."""
    parts = []
    with t._evaluating(), no_grad():
        for batch in batches:
            parts.append(t.forward(*inputs_of(batch)))
    if not parts:
        raise InvalidValueError("the data to predict from gave no batch", fix="pass at least one example")
    return joined(parts)
