"""What a step changes, remembered from before it, so that the step can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet.graph import Leaf, next_number
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


class Before:
    """Where the random numbers are, and the buffers; with `updated` also all that the update of a step changes.

    No value is copied: what is held here keeps its memory, and the update goes to new one.
    """

    def __init__(self, t: Trainer, updated: bool) -> None:
        self.trainer = t
        self.blocks = [generator._block for generator in t.generators]  # all of their state that a step changes
        self.batches = t.running.batches  # of this epoch
        self.held: list[tuple[Tensor, Any]] = [(b, b._raw) for b in t.buffers] if t.buffers else []
        self.updated = updated
        if updated:
            optimizer = t.optimizer
            self.held += [(p, p._raw) for _, p in t.named_parameters]
            if t.mixed is not None:
                self.held += [(p, p._raw) for p in t.mixed.masters]
                self.scaler = t.mixed.scaler.state_dict()
            self.remembered = {p: dict(state) for p, state in optimizer.state.items()}
            for state in self.remembered.values():
                self.held += [(value, value._raw) for value in state.values() if value.__class__ is Tensor]
            self.steps, self.rates = optimizer._steps, [group["lr"] for group in optimizer.param_groups]
            self.schedule = None if t.schedule is None else dict(t.schedule.state_dict())
            if t.ema is not None:
                self.averaged = t.ema.n_averaged
                self.averages = [(name, average, average._raw) for name, average in t.ema.averages.items()]
            self.step, self.lr = t.step, t.lr

    def restore(self) -> None:
        """Take the step back: everything is as it was, and there are no gradients."""
        t = self.trainer
        for tensor, raw in self.held:
            if tensor.node.__class__ is Leaf:
                tensor.node.changed = next_number()
            tensor._raw = raw
        if self.updated:
            optimizer = t.optimizer
            optimizer.state.clear()
            optimizer.state.update(self.remembered)
            optimizer._steps = self.steps
            if t.mixed is not None:
                t.mixed.scaler.load_state_dict(self.scaler)
            if t.schedule is not None and self.schedule is not None:
                t.schedule.load_state_dict(self.schedule)
            for group, rate in zip(optimizer.param_groups, self.rates, strict=True):
                group["lr"] = rate
            if t.ema is not None:
                t.ema.n_averaged = self.averaged
                for name, average, raw in self.averages:
                    average._raw = raw
                    t.ema.averages[name] = average
            t.step, t.lr = self.step, self.lr
        (t.mixed or t.optimizer).zero_grad()
        for generator, block in zip(t.generators, self.blocks, strict=True):
            generator.load_state_dict({**generator.state_dict(), "block": block})
