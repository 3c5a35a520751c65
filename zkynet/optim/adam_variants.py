"""Adamax, NAdam and RAdam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.optim.groups import Group
from zkynet.optim.optimizer import Optimizer, Params, descent_direction
from zkynet.optim.settings import at_least_zero, betas_below_one, is_used, plain

__all__ = ["Adamax", "NAdam", "RAdam"]


class Adamax(Optimizer):
    r"""Adamax (Kingma and Ba, 2015): Adam with the largest gradient of late for the root of the mean square.

    .. math::
        m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad u \leftarrow \max(\beta_2 u, |g| + \epsilon), \quad
        p \leftarrow p - \frac{\eta}{1 - \beta_1^t} \cdot \frac{m}{u}

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the mean gradient and of the largest one is kept.
        eps: what is added to the size of a gradient.
        weight_decay: the factor of the L2 penalty.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.Adamax([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([   0.5, -199.5], requires_grad=True)
    """

    counters = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Adamax", group, "lr", "eps", "weight_decay")
        betas_below_one("Adamax", group)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        beta1, beta2 = map(plain, group["betas"])
        return {
            "size": plain(group["lr"]) / (1 - beta1 ** plain(counters["step"])),
            "new1": 1 - beta1,
            "old2": beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {"maximize": bool(group["maximize"]), "decays": is_used(group["weight_decay"])}

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        u: Any,
        *,
        size: Any,
        new1: Any,
        old2: Any,
        eps: Any,
        weight_decay: Any,
        maximize: bool,
        decays: bool,
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        m += new1 * (g - m)
        u *= old2
        d = xp.abs(g)
        d += eps
        u = xp.maximum(u, d)
        d = m / u
        d *= size
        p -= d
        return p, m, u


class NAdam(Optimizer):
    r"""NAdam (Dozat, 2016): Adam that looks ahead along its momentum, as Nesterov's form of gradient descent does.

    .. math::
        \mu_t = \beta_1 (1 - \tfrac12 0.96^{t \psi}), \quad
        p \leftarrow p - \frac{\eta}{\sqrt{v / (1 - \beta_2^t)} + \epsilon} \left(
        \frac{\mu_{t+1} m}{1 - \prod_{i \le t+1} \mu_i} + \frac{(1 - \mu_t) g}{1 - \prod_{i \le t} \mu_i} \right)

    with the means :math:`m` and :math:`v` of `Adam`.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the means of gradients and of their squares is kept.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        momentum_decay: how fast the momentum reaches its full size, ψ.
        decoupled_weight_decay: whether weights decay by themselves, as in `AdamW`.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -200.0], requires_grad=True)
        >>> optimizer = zk.optim.NAdam([w], lr=0.5, betas=(0.0, 0.999))
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> zk.round(w * 2).tolist()
        [1.0, -399.0]
    """

    counters = ("step", "mu_product")

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "momentum_decay": momentum_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("NAdam", group, "lr", "eps", "weight_decay", "momentum_decay")
        betas_below_one("NAdam", group)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _started(self, group: Group) -> dict[str, Any]:
        return {"step": 0, "mu_product": 1.0}

    def _momentum(self, group: Group, t: Any) -> Any:
        return plain(group["betas"][0]) * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"]))

    def _advanced(self, group: Group, counters: dict[str, Any]) -> dict[str, Any]:
        t = counters["step"] + 1
        return {"step": t, "mu_product": counters["mu_product"] * self._momentum(group, t)}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        t, product, lr, (beta1, beta2) = *counters.values(), plain(group["lr"]), map(plain, group["betas"])
        following = self._momentum(group, t + 1)
        root = (1 - beta2**t) ** 0.5
        return {
            "of_g": lr * (1 - self._momentum(group, t)) / (1 - product) * root,
            "of_m": lr * following / (1 - product * following) * root,
            "new1": 1 - beta1,
            "old2": beta2,
            "new2": 1 - beta2,
            "eps": group["eps"] * root,  # the root is taken out of the denominator
            "weight_decay": group["weight_decay"],
            "keep": 1 - lr * plain(group["weight_decay"]),
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        decays, decoupled = is_used(group["weight_decay"]), bool(group["decoupled_weight_decay"])
        return {
            "maximize": bool(group["maximize"]),
            "decays": decays and not decoupled,
            "shrinks": decays and decoupled,
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        v: Any,
        *,
        of_g: Any,
        of_m: Any,
        new1: Any,
        old2: Any,
        new2: Any,
        eps: Any,
        weight_decay: Any,
        keep: Any,
        maximize: bool,
        decays: bool,
        shrinks: bool,
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        if shrinks:
            p *= keep
        m += new1 * (g - m)
        v *= old2
        v += new2 * (g * g)
        d = of_g * g
        d += of_m * m
        d /= xp.sqrt(v) + eps
        p -= d
        return p, m, v


class RAdam(Optimizer):
    r"""RAdam (Liu et al., 2020): Adam that does without its denominator while too few gradients were seen to trust it.

    .. math::
        \rho_\infty = \frac{2}{1 - \beta_2} - 1, \quad
        \rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t}, \quad
        r_t = \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}}

    and Adam's step times :math:`r_t` if :math:`\rho_t > 5`, a step along the mean gradient before that.

    Args:
        params: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        betas: how much of the means of gradients and of their squares is kept.
        eps: what is added to the denominator.
        weight_decay: the factor of the L2 penalty.
        decoupled_weight_decay: whether weights decay by themselves, as in `AdamW`.
        maximize: whether to go up instead of down.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor([1.0, -2.0], requires_grad=True)
        >>> optimizer = zk.optim.RAdam([w], lr=0.25)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([ 0.5, -1. ], requires_grad=True)
    """

    counters = ("step",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "decoupled_weight_decay": decoupled_weight_decay,
                "maximize": maximize,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("RAdam", group, "lr", "eps", "weight_decay")
        betas_below_one("RAdam", group)

    def _variant(self, group: Group, p: Any) -> bool:
        """Whether enough gradients were seen."""
        return self._length(group, self.state[p].get("step", 0) + 1) > 5

    def _length(self, group: Group, t: Any) -> Any:
        beta2 = plain(group["betas"][1])
        return 2 / (1 - beta2) - 1 - 2 * t * beta2**t / (1 - beta2**t)

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        t, lr, (beta1, beta2) = counters["step"], plain(group["lr"]), map(plain, group["betas"])
        size = lr / (1 - beta1**t)
        if variant:
            longest, length = 2 / (1 - beta2) - 1, self._length(group, t)
            share = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            size = size * (share * (1 - beta2**t)) ** 0.5
        return {
            "size": size,
            "new1": 1 - beta1,
            "old2": beta2,
            "new2": 1 - beta2,
            "eps": group["eps"],
            "weight_decay": group["weight_decay"],
            "keep": 1 - lr * plain(group["weight_decay"]),
        }

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        decays, decoupled = is_used(group["weight_decay"]), bool(group["decoupled_weight_decay"])
        return {
            "maximize": bool(group["maximize"]),
            "decays": decays and not decoupled,
            "shrinks": decays and decoupled,
            "adapts": bool(variant),
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        v: Any,
        *,
        size: Any,
        new1: Any,
        old2: Any,
        new2: Any,
        eps: Any,
        weight_decay: Any,
        keep: Any,
        maximize: bool,
        decays: bool,
        shrinks: bool,
        adapts: bool,
    ) -> tuple[Any, ...]:
        g = descent_direction(g, p, maximize, decays, weight_decay)
        if shrinks:
            p *= keep
        m += new1 * (g - m)
        v *= old2
        v += new2 * (g * g)
        d = size * m
        if adapts:
            d /= xp.sqrt(v) + eps
        p -= d
        return p, m, v
