"""Where a NaN or an infinity comes from: a step that failed is repeated, and every op in it looked at."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from zkynet.autodiff.nans import all_finite, debug_nans
from zkynet.errors import NonFiniteError
from zkynet.graph import next_number
from zkynet.nn.module import Module
from zkynet.tensor import Tensor
from zkynet.train import loop
from zkynet.train.before_step import Before

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

DATA = "find out where the data has it from, and leave it out or replace it"
WEIGHTS = "go back to a checkpoint from before, and lower the learning rate"


def explain(t: Trainer, before: Before, group: list[Any]) -> NonFiniteError:
    """The error for a step that began where the trainer is now; the trainer stays there.

    Args:
        t: the trainer, at the beginning of the step.
        before: takes back what the repetition changes.
        group: the batches of the step.
    """
    spans: list[tuple[int, int, str, Module]] = []
    cause: NonFiniteError | None = None
    batch = 0
    losses: list[float] = []
    try:
        weights = [t.weight(content) for content in group]
        with _numbered(t.model, spans), debug_nans():
            for batch, content in enumerate(group):
                loss = t.compute(content)[0]
                losses.append(loss.item())
                loop.backward(t, loss, weights[batch] / sum(weights))
    except NonFiniteError as error:
        cause = error
    bad = [name for name, p in t.named_parameters if p.grad is not None and not all_finite(p.backend, p.grad._raw)]
    before.restore()
    what, found = _seen(losses, bad, cause)
    headline = (
        f"{what} became {found} in step {t.step + 1} (epoch {t.epoch + 1}, {_which(before, group, batch, cause)})"
    )
    facts, fix = _facts(t, group, cause, spans)
    facts.append("nothing of this step was kept: the model is as it was before it")
    fields = dict(cause.fields) if cause is not None else {}
    fields |= {"batches": group, "step": t.step + 1, "epoch": t.epoch + 1, "layer": _layer(cause, spans)}
    return NonFiniteError(headline, facts=facts, fix=fix, **fields)


def _facts(t: Trainer, group: list[Any], cause: NonFiniteError | None, spans: Any) -> tuple[list[str], str]:
    """What is known about the place, and what to do."""
    in_data = [line for batch in group for line in _in_data(batch)]
    if in_data:
        return [f"it was in the batch already: {line}" for line in in_data[:4]], DATA
    weights = [name for name, p in t.named_parameters if not all_finite(p.backend, p._raw)]
    weights += [name for name, b in t.model.named_buffers() if not all_finite(b.backend, b._raw)]
    if weights:
        return [f"it was in the model already: {', '.join(weights[:6])}"], WEIGHTS
    if cause is None:
        return ["no op made it out of finite numbers"], (
            "look at what a callback does to gradients, and at infinities in the model that are put in on purpose"
        )
    layer = _layer(cause, spans)
    lines = [cause.headline, *([cause.place] if cause.place else [f"in the layer {layer}"] if layer else [])]
    return lines + cause.facts, cause.fix


def _seen(losses: list[float], bad: list[str], cause: NonFiniteError | None) -> tuple[str, str]:
    """What was not finite, and how."""
    wrong = [loss for loss in losses if not math.isfinite(loss)]
    if wrong:
        return "the loss", "NaN" if math.isnan(wrong[0]) else "infinite"
    if cause is not None and "gradient" not in cause.headline:
        return "the loss", "NaN" if "NaN" in cause.headline else "infinite"
    kind = "infinite" if cause is not None and "infinity" in cause.headline else "NaN"
    return (f"the gradient of {bad[0]}" if bad else "a gradient"), kind


def _which(before: Before, group: list[Any], batch: int, cause: Any) -> str:
    first = before.batches + 1
    if len(group) == 1 or cause is not None:
        return f"batch {first + batch}"
    return f"batches {first} to {first + len(group) - 1}"


def _layer(cause: NonFiniteError | None, spans: list[tuple[int, int, str, Module]]) -> str | None:
    """The innermost module that has recorded what failed."""
    if cause is None:
        return None
    if "module" in cause.fields:
        return str(cause.module)
    seq = cause.fields.get("seq")
    around = [span for span in spans if seq is not None and span[0] < seq < span[1]]
    if not around:
        return None
    _, _, name, module = min(around, key=lambda span: span[1] - span[0])
    return f"{name or type(module).__name__}, {module!r}" if not list(module.children()) else name


@contextmanager
def _numbered(model: Module, spans: list[tuple[int, int, str, Module]]) -> Iterator[None]:
    """A block in which it is noted between which numbers each module records its ops."""
    begun: list[int] = []

    def enter(module: Module, args: Any) -> None:
        begun.append(next_number())

    def leave(name: str) -> Any:
        return lambda module, args, out: spans.append((begun.pop(), next_number(), name, module))

    handles = []
    for name, module in model.named_modules():
        handles += [module.register_forward_pre_hook(enter), module.register_forward_hook(leave(name))]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _in_data(content: Any, place: str = "") -> Iterator[str]:
    """What is not finite in a batch, in words."""
    if isinstance(content, dict):
        for name, part in content.items():
            yield from _in_data(part, f"{place}[{name!r}]")
    elif isinstance(content, (tuple, list)):
        for k, part in enumerate(content):
            yield from _in_data(part, f"{place}[{k}]")
    elif isinstance(content, (Tensor, np.ndarray)) and content.dtype.kind in "fc":
        array = content.detach().numpy() if isinstance(content, Tensor) else content
        wrong = ~np.isfinite(array)
        if wrong.any():
            at = tuple(int(k) for k in np.argwhere(wrong)[0])
            yield f"{int(wrong.sum())} of {array.size} numbers of batch{place}, the first {array[at]} at {list(at)}"
