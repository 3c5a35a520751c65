"""What comes out of each layer, and what that says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag, number, whole
from zkynet.tensor import Tensor
from zkynet.train.callbacks import Callback
from zkynet.train.tables import aligned

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

__all__ = ["ActivationStatistics"]

ENDS = {"Sigmoid": (0.0, 1.0), "Hardsigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0), "Hardtanh": (-1.0, 1.0)}
"""Where activations end that saturate."""

FIGURES = ("mean", "spread", "zeros", "saturated")


class ActivationStatistics(Callback):
    """Records what comes out of each layer, and says in plain words which are dead, saturated, faded or too large.

    A layer is a module without others in it. Of its output are recorded the mean, the spread (the standard deviation
    from example to example, over all units), the share of zeros, and, of sigmoids and tanh, the share within 1 % of the
    ends of their range. What is written as a function in a `forward` is not seen.

    Args:
        every: after how many steps they are looked at.
        dead: a share of zeros above which a layer is called dead.
        saturated: a share at the ends of the range above which a layer is called saturated.
        faded: a spread below this, where inputs are usually around 1.
        large: a spread above this.
        show: whether the table is printed when the training ends.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> model = zk.nn.Sequential(zk.nn.Linear(4, 16), zk.nn.Tanh(), zk.nn.Linear(16, 1))
        >>> _ = zk.nn.init.normal_(model[0].weight, std=50.0)
        >>> statistics = zk.train.ActivationStatistics(every=1, show=False)
        >>> trainer = zk.train.Trainer(model, "mse", "sgd", callbacks=[statistics], progress=False)
        >>> history = trainer.fit((zk.random.normal(shape=(64, 4)), zk.random.normal(shape=(64, 1))))
        >>> statistics.verdicts
        {'0': 'fine', '1': 'saturated', '2': 'fine'}
    """

    def __init__(
        self,
        every: int = 10,
        dead: float = 0.95,
        saturated: float = 0.5,
        faded: float = 1e-3,
        large: float = 1e3,
        show: bool = True,
    ) -> None:
        name = "ActivationStatistics"
        self.every = whole(name, "every", every)
        if self.every < 1:
            raise InvalidValueError(f"{name}: every is at least 1, received {every}", fix="pass 10")
        self.dead, self.saturated = number(name, "dead", dead), number(name, "saturated", saturated)
        self.faded, self.large = number(name, "faded", faded), number(name, "large", large)
        self.show = flag(name, "show", show)
        self.steps: list[int] = []
        self._rows: list[dict[str, Any]] = []
        self._handles: list[Any] = []

    def on_fit_start(self, trainer: Trainer) -> None:
        """Listen to the layers."""
        for name, module in trainer.model.named_modules():
            if not any(True for _ in module.children()):
                self._handles.append(module.register_forward_hook(self._listener(trainer, name or "model")))

    def _listener(self, trainer: Trainer, name: str) -> Any:
        def listen(module: Module, args: Any, out: Any) -> None:
            if module.training and trainer.step % self.every == 0 and isinstance(out, Tensor) and out.size:
                if not self.steps or self.steps[-1] != trainer.step + 1:
                    self.steps.append(trainer.step + 1)
                    self._rows.append({})
                if out.dtype.kind in "fV" and name not in self._rows[-1]:
                    self._rows[-1][name] = _measured(module, out.detach())

        return listen

    @property
    def figures(self) -> dict[str, dict[str, list[float]]]:
        """For each layer the lists ``mean``, ``spread``, ``zeros`` and ``saturated``, one entry for each of `steps`.

        Example:
            >>> import zkynet as zk
            >>> zk.train.ActivationStatistics().figures
            {}
        """
        out: dict[str, dict[str, list[float]]] = {}
        for row in self._rows:
            for name, values in row.items():
                if any(isinstance(value, Tensor) for value in values):
                    values[:] = [value.item() if isinstance(value, Tensor) else value for value in values]
                for figure, value in zip(FIGURES, values, strict=True):
                    out.setdefault(name, {each: [] for each in FIGURES})[figure].append(float(value))
        return out

    @property
    def verdicts(self) -> dict[str, str]:
        """For each layer ``"fine"``, ``"dead"``, ``"saturated"``, ``"faded"``, ``"large"`` or ``"not finite"``.

        Example:
            >>> import zkynet as zk
            >>> zk.train.ActivationStatistics().verdicts
            {}
        """
        return {name: self._verdict({k: v[-1] for k, v in each.items()}) for name, each in self.figures.items()}

    def _verdict(self, last: Mapping[str, float]) -> str:
        if not math.isfinite(last["mean"]) or not math.isfinite(last["spread"]):
            return "not finite"
        if last["zeros"] > self.dead:
            return "dead"
        if last["saturated"] > self.saturated:
            return "saturated"
        if last["spread"] > self.large:
            return "large"
        return "faded" if last["spread"] < self.faded else "fine"

    def table(self) -> str:
        """The layers with their last figures and what they say, as a text.

        Example:
            >>> import zkynet as zk
            >>> zk.train.ActivationStatistics().table()
            'no layers were looked at'
        """
        figures, verdicts = self.figures, self.verdicts
        if not figures:
            return "no layers were looked at"
        words = {
            "fine": "fine",
            "dead": "dead: almost all of its outputs are zero, and pass no gradient",
            "saturated": "saturated: at the ends of its range the slope is almost zero",
            "faded": "faded: almost the same output for every input",
            "large": "large: too large for the layers behind it",
            "not finite": "not finite: NaN or infinity",
        }
        rows = [["layer", "mean", "spread", "zeros", "saturated", ""]]
        for name, each in figures.items():
            last = [each[figure][-1] for figure in FIGURES]
            shares = [f"{last[2]:.0%}", f"{last[3]:.0%}" if not math.isnan(last[3]) else "-"]
            rows.append([name, f"{last[0]:.2e}", f"{last[1]:.2e}", *shares, words[verdicts[name]]])
        return aligned(rows)

    def on_fit_end(self, trainer: Trainer) -> None:
        """Listen no more, and print the table."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        if self.show and self.steps:
            print(self.table(), flush=True)

    def state_dict(self) -> dict[str, Any]:
        """All that was recorded."""
        _ = self.figures  # fetches what is on a device
        return {"steps": list(self.steps), "rows": [{k: list(v) for k, v in row.items()} for row in self._rows]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what was recorded."""
        self.steps = list(state_dict["steps"])
        self._rows = [{k: list(v) for k, v in row.items()} for row in state_dict["rows"]]


def _measured(module: Module, out: Tensor) -> list[Any]:
    """The figures of an output, left where they are computed."""
    with no_grad():
        x = out.astype("float32") if out.dtype.itemsize == 2 else out
        low, high = ENDS.get(type(module).__name__, (math.nan, math.nan))
        margin = 0.01 * (high - low)
        ends: Any = math.nan
        if not math.isnan(low):
            ends = ((x < low + margin) | (x > high - margin)).astype("float32").mean()
        spread = (x.var(axis=0) if x.ndim else x * 0).mean() ** 0.5
        return [x.mean(), spread, (x == 0).astype("float32").mean(), ends]
