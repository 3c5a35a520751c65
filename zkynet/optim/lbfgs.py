"""L-BFGS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zkynet.autodiff.modes import enable_grad, no_grad
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.graph import Leaf, next_number
from zkynet.ops.arguments import whole
from zkynet.optim.groups import Group
from zkynet.optim.line_search import Point, strong_wolfe
from zkynet.optim.optimizer import Optimizer, Params
from zkynet.optim.settings import at_least_zero, plain
from zkynet.tensor import Tensor, wrap

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """L-BFGS (Liu and Nocedal, 1989): steps of Newton's method, with the curvature seen in the last steps.

    It evaluates the loss several times in a step, so that `step` needs a closure. All parameters form one group. The
    loss and norms of gradients are looked at on the host, as the line search asks for it.

    Args:
        params: parameters, or pairs of name and parameter.
        lr: the length of a step, or of the first one that the line search tries.
        max_iter: how many iterations a call of `step` makes at most.
        max_eval: how many evaluations it makes at most, by default ``max_iter * 5 / 4``.
        tolerance_grad: a gradient whose elements are smaller ends the iterations.
        tolerance_change: a smaller change of the loss or of the parameters ends them.
        history_size: how many steps are remembered.
        line_search_fn: ``"strong_wolfe"``, or None for steps of a fixed length.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([-1.0, 2.0], dtype="float64", requires_grad=True)
        >>> optimizer = zk.optim.LBFGS([w], max_iter=100, line_search_fn="strong_wolfe")
        >>> def closure():
        ...     optimizer.zero_grad()
        ...     loss = (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2
        ...     loss.backward()
        ...     return loss
        >>> _ = optimizer.step(closure)
        >>> zk.round(w.detach(), 4)
        Tensor([1., 1.], dtype=float64)
    """

    elementwise = False

    def __init__(
        self,
        params: Params,
        lr: float = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "max_iter": max_iter,
                "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                "tolerance_grad": tolerance_grad,
                "tolerance_change": tolerance_change,
                "history_size": history_size,
                "line_search_fn": line_search_fn,
            },
        )

    def _checked(self, group: Group, before: list[Group]) -> Group:
        if before:
            raise InvalidValueError(
                "LBFGS has one group of parameters, whose curvature it follows as a whole",
                fix="pass all parameters at once",
            )
        return super()._checked(group, before)

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("LBFGS", group, "lr", "tolerance_grad", "tolerance_change")
        for name in ("max_iter", "max_eval", "history_size"):
            if whole("LBFGS", name, group[name]) < 1:
                raise InvalidValueError(
                    f"LBFGS: {name} is at least 1, received {group[name]}", fix=f"pass a larger {name}"
                )
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise InvalidValueError(
                f"LBFGS: line_search_fn is 'strong_wolfe' or None, received {group['line_search_fn']!r}",
                fix="pass one of them",
            )

    def _buffer_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        return None

    def _step(self, closure: Callable[[], Any] | None) -> Any:
        if not callable(closure):
            raise ArgumentError(
                f"LBFGS.step takes a closure, received {described(closure)}",
                fix="pass a function that calls zero_grad(), computes the loss, calls backward() and returns the loss",
            )
        with no_grad():
            return _Search(self, closure).run()


class _Search:
    """The iterations of one step; what they remember is kept in the state of the first parameter."""

    def __init__(self, optimizer: LBFGS, closure: Callable[[], Any]) -> None:
        self.optimizer = optimizer
        self.closure = closure
        self.settings = optimizer.param_groups[0]
        self.params: list[Any] = self.settings["params"]
        self.backend = self.params[0].backend
        self.xp = self.backend.xp
        self.state = optimizer.state.setdefault(self.params[0], {})
        self.loss: Any = None
        self.evaluations = 0

    # -- vectors over all parameters -----------------------------------------------------------------------------

    def dot(self, a: Any, b: Any) -> float:
        return float(self.backend.scalar(self.xp.vecdot(a, b)))

    def largest(self, a: Any) -> float:
        return float(self.backend.scalar(self.xp.max(self.xp.abs(a))))

    def evaluate(self) -> tuple[float, Any]:
        """The loss and the gradient where the parameters are."""
        with enable_grad():
            loss = self.closure()
        self.loss = loss if self.loss is None else self.loss
        self.evaluations += 1
        optimizer = self.optimizer
        found = optimizer._gradients.ready(optimizer.param_groups, optimizer._call)
        ready = [p for _, ps in found for p in ps]
        optimizer._claims.check(optimizer, ready, optimizer._call)
        optimizer._claims.take(optimizer, ready)
        optimizer._gradients.used(ready)
        xp = self.xp
        grads = [xp.zeros_like(p._raw) if p.grad is None else p.grad._raw for p in self.params]
        return float(loss), xp.concat([xp.reshape(g, (-1,)) for g in grads])

    def go_to(self, start: list[Any], t: float, direction: Any) -> None:
        """Set the parameters to `start` plus `t` times the direction."""
        offset = 0
        for p, raw in zip(self.params, start, strict=True):
            size = p.size
            part = self.xp.reshape(direction[offset : offset + size], raw.shape)
            offset += size
            if p.node.__class__ is Leaf:
                p.node.changed = next_number()
            p._raw = raw + t * part

    # -- the iterations -------------------------------------------------------------------------------------------

    def run(self) -> Any:
        s, settings = self.state, self.settings
        f, g = self.evaluate()
        s.setdefault("n_iter", 0)
        s.setdefault("func_evals", 0)
        if self.largest(g) > settings["tolerance_grad"]:
            for k in range(settings["max_iter"]):
                following = self.iterate(f, g, last=k + 1 == settings["max_iter"])
                if following is None:
                    break
                f, g = following
        s["func_evals"] += self.evaluations
        return self.loss

    def iterate(self, f: float, g: Any, last: bool) -> tuple[float, Any] | None:
        """One step along a new direction; the loss and gradient after it, or None where the search ends."""
        s, settings = self.state, self.settings
        lr, tolerance = plain(settings["lr"]), settings["tolerance_change"]
        s["n_iter"] += 1
        d = self.direction(g)
        t = lr
        if s["n_iter"] == 1:
            t = min(1.0, 1.0 / float(self.backend.scalar(self.xp.sum(self.xp.abs(g))))) * lr
        s.update(d=self.kept(d), t=t, prev_flat_grad=self.kept(g), prev_loss=f)
        slope = self.dot(g, d)
        if slope > -tolerance:
            return None
        start = [p._raw for p in self.params]
        if settings["line_search_fn"] is None:
            self.go_to(start, t, d)
            if last:
                return None
            new_f, new_g = self.evaluate()
        else:

            def at(distance: float) -> Point:
                self.go_to(start, distance, d)
                value, gradient = self.evaluate()
                return Point(distance, value, gradient, self.dot(gradient, d))

            limit = settings["max_eval"] - self.evaluations
            found, _ = strong_wolfe(at, Point(0.0, f, g, slope), t, self.largest(d), limit)
            s["t"] = t = found.t
            self.go_to(start, t, d)
            new_f, new_g = found.f, found.g
        finished = (
            last
            or self.evaluations >= settings["max_eval"]
            or self.largest(new_g) <= settings["tolerance_grad"]
            or self.largest(d) * abs(t) <= tolerance
            or abs(new_f - f) < tolerance
        )
        return None if finished else (new_f, new_g)

    def direction(self, g: Any) -> Any:
        """Where to go: the inverse of the curvature seen so far, times the gradient downwards."""
        s = self.state
        if s["n_iter"] == 1:
            s.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -g
        change = g - s["prev_flat_grad"]._raw
        step = s["t"] * s["d"]._raw
        agreement = self.dot(change, step)
        if agreement > 1e-10:
            for key, value in (("old_dirs", self.kept(change)), ("old_stps", self.kept(step)), ("ro", 1 / agreement)):
                s[key] = [*s[key], value][-self.settings["history_size"] :]
            s["H_diag"] = agreement / self.dot(change, change)
        memory = list(zip(s["old_dirs"], s["old_stps"], s["ro"], strict=True))
        q, shares = -g, []
        for y, x, ro in reversed(memory):
            shares.append(self.dot(x._raw, q) * ro)
            q = q - shares[-1] * y._raw
        q = q * s["H_diag"]
        for (y, x, ro), share in zip(memory, reversed(shares), strict=True):
            q = q + (share - self.dot(y._raw, q) * ro) * x._raw
        return q

    def kept(self, raw: Any) -> Tensor:
        return wrap(raw, self.backend, None)
