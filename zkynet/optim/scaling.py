"""Losses scaled up, so that small gradients are not lost in 16 bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from zkynet.autodiff.modes import no_grad
from zkynet.backend.updates import Update
from zkynet.dtypes import float32
from zkynet.errors import ArgumentError, DTypeError, GradientError, InvalidValueError, described
from zkynet.graph import Leaf
from zkynet.ops.arguments import flag, number, whole
from zkynet.optim.half_precision import HALF
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor, wrap

__all__ = ["GradScaler"]


class GradScaler:
    """Scales a loss before `backward`, and the gradients back before a step; a step with infinities or NaN is left out.

    The scale grows while all goes well and shrinks where gradients overflow. With 16-bit parameters use it through
    `MixedPrecision`.

    Args:
        init_scale: the scale at first.
        growth_factor: by what it grows.
        backoff_factor: by what it shrinks after an overflow.
        growth_interval: after how many steps without one it grows.
        enabled: False makes all methods do as if there were no scaler.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor(1.0, requires_grad=True)
        >>> optimizer = zk.optim.SGD([w], lr=0.25)
        >>> scaler = zk.optim.GradScaler()
        >>> scaler.scale(w * w).backward()
        >>> w.grad.item()
        131072.0
        >>> scaler.step(optimizer)
        >>> scaler.update()
        >>> w.item()
        0.5
    """

    def __init__(
        self,
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        name = "GradScaler"
        self._scale = number(name, "init_scale", init_scale)
        self._growth_factor = number(name, "growth_factor", growth_factor)
        self._backoff_factor = number(name, "backoff_factor", backoff_factor)
        self._growth_interval = whole(name, "growth_interval", growth_interval)
        self._growth_tracker = 0
        self._enabled = flag(name, "enabled", enabled)
        if self._enabled:
            if not self._scale > 0:
                raise InvalidValueError(f"{name}: init_scale is above 0, received {init_scale}", fix="leave it out")
            if not self._growth_factor > 1:
                raise InvalidValueError(f"{name}: growth_factor is above 1, received {growth_factor}", fix="pass 2.0")
            if not 0 < self._backoff_factor < 1:
                raise InvalidValueError(
                    f"{name}: backoff_factor is between 0 and 1, received {backoff_factor}", fix="pass 0.5"
                )
        self._found: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()  # optimisers unscaled since the last update
        self._stepped: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()

    def scale(self, outputs: Any) -> Any:
        """A loss, or several, times the scale; 16-bit ones as float32.

        Args:
            outputs: a tensor, or a list or tuple of them.

        Example:
            >>> import zkynet as zk
            >>> zk.optim.GradScaler(init_scale=4.0).scale(zk.tensor(0.5))
            Tensor(2.)
        """
        if not self._enabled:
            return outputs
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.scale(each) for each in outputs)
        if not isinstance(outputs, Tensor):
            raise ArgumentError(f"GradScaler.scale takes tensors, received {described(outputs)}", fix="pass the loss")
        wide = outputs.astype(float32) if outputs.dtype.name in HALF else outputs
        return wide * self._scale

    def unscale_(self, optimizer: Optimizer) -> None:
        """Scale the gradients of an optimiser's parameters back, so that they can be clipped; `step` does it otherwise.

        Args:
            optimizer: the optimiser.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> optimizer, scaler = zk.optim.SGD([w]), zk.optim.GradScaler()
            >>> scaler.scale(w * w).backward()
            >>> scaler.unscale_(optimizer)
            >>> w.grad
            Tensor(2.)
        """
        if not self._enabled:
            return
        if optimizer in self._found:
            raise InvalidValueError(
                "GradScaler.unscale_() was called twice for one optimiser since the last update()",
                fix="call it once, after backward() and before step()",
            )
        if optimizer in self._stepped:
            raise InvalidValueError(
                "GradScaler.unscale_() was called after step()", fix="call update() after each step"
            )
        params = [
            p
            for group in optimizer.param_groups
            for p in group["params"]
            if isinstance(p.node, Leaf) and p.grad is not None
        ]
        for p in params:
            if p.dtype == "float16":
                raise DTypeError(
                    f"GradScaler cannot scale the gradients of {optimizer._call(p)} back: they are float16",
                    facts=["scaled back, the small ones would be lost after all"],
                    fix="keep float32 copies of the parameters: zk.optim.MixedPrecision does that",
                )
        self._found[optimizer] = _unscaled(params, 1 / self._scale)

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """Scale gradients back if that was not done, and make a step if they are finite; returns what the step returns.

        Args:
            optimizer: the optimiser.
            *args: what its `step` takes, but for a closure.
            **kwargs: further arguments of its `step`.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> optimizer, scaler = zk.optim.SGD([w], lr=1.0), zk.optim.GradScaler()
            >>> w.grad = zk.tensor(float("inf"))
            >>> scaler.step(optimizer)
            >>> scaler.update()
            >>> w.item(), scaler.get_scale()
            (1.0, 32768.0)
        """
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if any(callable(each) for each in (*args, *kwargs.values())):
            raise ArgumentError(
                "GradScaler.step takes no closure", fix="call backward() yourself, then step(optimizer)"
            )
        if optimizer in self._stepped:
            raise InvalidValueError(
                "GradScaler.step() was called twice for one optimiser since the last update()",
                fix="call update() after each step",
            )
        if optimizer not in self._found:
            self.unscale_(optimizer)
        self._stepped[optimizer] = True
        if self._found[optimizer]:
            return optimizer.step(*args, **kwargs)
        optimizer._steps += 1  # it was this one's turn, as schedules want to know
        return None

    def update(self, new_scale: float | None = None) -> None:
        """Let the scale grow or shrink, after the steps of all optimisers.

        Args:
            new_scale: the scale to go on with, instead.

        Example:
            >>> import zkynet as zk
            >>> scaler = zk.optim.GradScaler()
            >>> scaler.update(8.0)
            >>> scaler.get_scale()
            8.0
        """
        if not self._enabled:
            return
        if new_scale is not None:
            self._scale = number("GradScaler.update", "new_scale", new_scale)
        elif not self._found:
            raise GradientError(
                "GradScaler.update() was called before any step(optimizer)", fix="call scaler.step(optimizer) first"
            )
        elif not all(self._found.values()):
            self._scale *= self._backoff_factor
            self._growth_tracker = 0
        else:
            self._growth_tracker += 1
            if self._growth_tracker == self._growth_interval:
                self._scale *= self._growth_factor
                self._growth_tracker = 0
        self._found.clear()
        self._stepped.clear()

    def get_scale(self) -> float:
        """The scale; 1.0 where scaling is not enabled.

        Example:
            >>> import zkynet as zk
            >>> zk.optim.GradScaler().get_scale()
            65536.0
        """
        return float(self._scale) if self._enabled else 1.0

    def is_enabled(self) -> bool:
        """Whether anything is scaled.

        Example:
            >>> import zkynet as zk
            >>> zk.optim.GradScaler(enabled=False).is_enabled()
            False
        """
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """The scale and how it moves, in PyTorch's layout; empty where scaling is not enabled.

        Example:
            >>> import zkynet as zk
            >>> zk.optim.GradScaler().state_dict()["scale"]
            65536.0
        """
        if not self._enabled:
            return {}
        return {
            "scale": self.get_scale(),
            "growth_factor": self._growth_factor,
            "backoff_factor": self._backoff_factor,
            "growth_interval": self._growth_interval,
            "_growth_tracker": self._growth_tracker,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over the scale and how it moves.

        Args:
            state_dict: what `state_dict` of a scaler that is enabled gave, here or in PyTorch.

        Example:
            >>> import zkynet as zk
            >>> scaler = zk.optim.GradScaler()
            >>> scaler.load_state_dict({**scaler.state_dict(), "scale": 2.0})
            >>> scaler.get_scale()
            2.0
        """
        if not self._enabled:
            return
        names = ("scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker")
        if not isinstance(state_dict, Mapping) or not set(names) <= set(state_dict):
            raise ArgumentError(
                f"GradScaler.load_state_dict takes what state_dict() gave, received {described(state_dict)}",
                facts=["that of a scaler that is not enabled is empty"],
                fix=f"pass a dict with {', '.join(names)}",
            )
        self._scale = float(state_dict["scale"])
        self._growth_factor, self._backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self._growth_interval, self._growth_tracker = state_dict["growth_interval"], state_dict["_growth_tracker"]


def _unscaled(params: list[Tensor], factor: float) -> bool:
    """Multiply gradients by a factor; whether all of them are finite."""
    groups: dict[Any, list[Any]] = {}
    for p in params:
        groups.setdefault((p.backend, p.backend.device_of(p._raw)), []).append(p)
    finite = True
    for (backend, device), each in groups.items():
        flags = backend.full((), 1.0, float32, device)
        columns = [[flags], *[[p.grad._raw] for p in each]]
        with no_grad(), backend.quiet():
            done = backend.run_updates([Update(_scaled_back, [], columns, {"factor": factor}, {}, False)])[0]
            finite = bool(backend.scalar(done[0][0]) == 1) and finite
        for p, (raw,) in zip(each, done[1:], strict=True):
            if p.grad.node is None:
                p.grad._raw = raw
            else:
                p.grad = wrap(raw, backend, None)  # the graph behind it is that of the scaled one
    return finite


def _scaled_back(xp: Any, finite: Any, *grads: Any, factor: Any) -> tuple[Any, ...]:
    """1 if all are finite, and the gradients times the factor."""
    out = []
    for g in grads:
        g *= factor
        finite = finite * xp.astype(xp.all(xp.isfinite(g)), finite.dtype)
        out.append(g)
    return (finite, *out)
