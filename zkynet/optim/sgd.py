"""Stochastic gradient descent with momentum, and its average."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, is_used, plain
from zkynet.tensor import Tensor

__all__ = ["ASGD", "SGD"]


class SGD(Optimizer):
    r"""Gradient descent, with momentum if wanted.

    .. math::
        g \leftarrow g + \lambda p, \quad v \leftarrow \mu v + (1 - \tau) g, \quad p \leftarrow p - \eta v

    with :math:`v = g` in the first step, and :math:`g + \mu v` in place of :math:`v` in Nesterov's form.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        momentum: the share μ of the last direction that is kept.
        dampening: the share τ by which a gradient counts less for the momentum.
        weight_decay: the factor λ of the L2 penalty.
        nesterov: whether to look ahead along the momentum.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = zk.optim.SGD([w], lr=0.25, momentum=0.5)
        >>> for _ in range(2):
        ...     optimizer.zero_grad()
        ...     (w * w).sum().backward()
        ...     optimizer.step()
        >>> w
        Tensor([0., 0.], requires_grad=True)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("SGD", group, "lr", "momentum", "weight_decay")
        if group["nesterov"] and not (is_used(group["momentum"]) and group["dampening"] == 0):
            raise InvalidValueError(
                "SGD: Nesterov's form needs a momentum, and no dampening",
                facts=[f"momentum  {group['momentum']}", f"dampening  {group['dampening']}"],
                fix="pass momentum=0.9 and leave dampening out",
            )

    def _variant(self, group: Group, p: Tensor) -> bool:
        return self.state[p].get("momentum_buffer") is None  # whether it is the first step

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"momentum_buffer": 0.0} if is_used(group["momentum"]) else {}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        return {
            "lr": group["lr"],
            "momentum": group["momentum"],
            "share": 1.0 if variant else 1 - plain(group["dampening"]),
            "weight_decay": group["weight_decay"],
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {
            "maximize": bool(group["maximize"]),
            "decays": is_used(group["weight_decay"]),
            "damped": is_used(group["dampening"]),
            "nesterov": bool(group["nesterov"]),
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        *buffers: Any,
        lr: Any,
        momentum: Any,
        share: Any,
        weight_decay: Any,
        maximize: bool,
        decays: bool,
        damped: bool,
        nesterov: bool,
    ) -> tuple[Any, ...]:
        """The new parameter and momentum."""
        g = descent_direction(g, p, maximize, decays, weight_decay)
        if not buffers:
            p -= lr * g
            return (p,)
        (v,) = buffers
        v *= momentum
        v += share * g if damped else g
        p -= lr * (g + momentum * v if nesterov else v)
        return p, v


class ASGD(Optimizer):
    r"""Averaged gradient descent (Polyak and Juditsky, 1992): the mean of the parameters is kept too, as ``ax``.

    .. math::
        p \leftarrow (1 - \lambda \eta_t) p - \eta_t g, \quad
        \eta_t = \frac{\eta}{(1 + \lambda \eta t)^\alpha}, \quad
        \bar p \leftarrow \bar p + \frac{p - \bar p}{\max(1, t - t_0)}

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        lambd: the decay λ.
        alpha: the power α by which the learning rate falls.
        t0: the step from which on the mean is taken.
        weight_decay: the factor of the L2 penalty.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor(3.0, requires_grad=True)
        >>> optimizer = zk.optim.ASGD([w], lr=0.5, lambd=0.0)
        >>> (w * w).backward()
        >>> optimizer.step()
        >>> w.item(), optimizer.state[w]["ax"].item()
        (0.0, 0.0)
    """

    counters = ("step", "eta", "mu")

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0}
        super().__init__(params, {**settings, "weight_decay": weight_decay, "maximize": maximize})

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("ASGD", group, "lr", "weight_decay")

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"ax": 0.0}

    def _started(self, group: Group) -> dict[str, Any]:
        return {"step": 0, "eta": plain(group["lr"]), "mu": 1.0}

    def _advanced(self, group: Group, counters: dict[str, Any]) -> dict[str, Any]:
        t, lr, lambd = counters["step"] + 1, plain(group["lr"]), group["lambd"]
        return {
            "step": t,
            "eta": lr / (1 + lambd * lr * t) ** group["alpha"],
            "mu": 1 / max(1, t - group["t0"]),
            "now": (counters["eta"], counters["mu"]),
        }

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        eta, mu = counters.pop("now")
        return {"eta": eta, "mu": mu, "keep": 1 - group["lambd"] * eta, "weight_decay": group["weight_decay"]}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"]), "decays": is_used(group["weight_decay"])}

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        ax: Any,
        *,
        eta: Any,
        mu: Any,
        keep: Any,
        weight_decay: Any,
        maximize: bool,
        decays: bool,
    ) -> tuple[Any, ...]:
        """The new parameter and its mean."""
        g = descent_direction(g, p, maximize, decays, weight_decay)
        p *= keep
        p -= eta * g
        ax += mu * (p - ax)
        return p, ax
