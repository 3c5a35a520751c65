"""Muon."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, UnsizedError, described
from zkynet.optim.groups import Group, called
from zkynet.optim.optimizer import Optimizer, Params
from zkynet.optim.settings import at_least_zero, plain

__all__ = ["Muon"]

RATES = (None, "original", "match_rms_adamw")


class Muon(Optimizer):
    r"""Muon (Jordan et al., 2024), for matrices: momentum whose singular values are brought to about 1.

    .. math::
        m \leftarrow \mu m + (1 - \mu) g, \quad
        p \leftarrow (1 - \eta \lambda) p - \eta s \, U V^T
        \quad\text{with}\quad U \Sigma V^T = (1 - \mu) g + \mu m

    where :math:`U V^T` is approached by Newton-Schulz iterations :math:`x \leftarrow a x + b x x^T x + c (x x^T)^2 x`.
    These are computed in the parameter's own precision (PyTorch takes bfloat16). Embeddings, biases and the last layer
    are better left to AdamW.

    Args:
        params: matrices: parameters, pairs of name and parameter, or groups of them.
        lr: the learning rate η.
        weight_decay: the decay λ of weights by themselves.
        momentum: how much of the mean gradient is kept.
        nesterov: whether to look ahead along the momentum.
        ns_coefficients: the factors a, b, c of an iteration.
        eps: the smallest norm that a matrix is divided by.
        ns_steps: how many iterations are made.
        adjust_lr_fn: how the step depends on the shape (rows, columns): ``"original"`` (or None) for
            ``s = sqrt(max(1, rows / columns))``, ``"match_rms_adamw"`` for ``s = 0.2 * sqrt(max(rows, columns))``.

    Example:
        >>> import zkynet as zk
        >>> w = zk.eye(2).requires_grad_()
        >>> optimizer = zk.optim.Muon([w], lr=0.5, weight_decay=0.0)
        >>> w.grad = zk.tensor([[100.0, 0.0], [0.0, 1.0]])
        >>> optimizer.step()
        >>> (w < 0.75).tolist()
        [[True, True], [True, True]]
    """

    elementwise = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                "weight_decay": weight_decay,
                "momentum": momentum,
                "nesterov": nesterov,
                "ns_coefficients": ns_coefficients,
                "eps": eps,
                "ns_steps": ns_steps,
                "adjust_lr_fn": adjust_lr_fn,
            },
        )

    def _check(self, group: Mapping[str, Any]) -> None:
        at_least_zero("Muon", group, "lr", "weight_decay", "momentum", "eps")
        coefficients, steps = group["ns_coefficients"], group["ns_steps"]
        if not isinstance(coefficients, (tuple, list)) or len(coefficients) != 3:
            raise ArgumentError(
                f"Muon: ns_coefficients are three numbers, received {described(coefficients)}",
                fix="leave them out, or pass (a, b, c)",
            )
        if not isinstance(steps, int) or not 0 <= steps < 100:
            raise InvalidValueError(f"Muon: ns_steps is below 100, received {described(steps)}", fix="pass 5")
        if group["adjust_lr_fn"] not in RATES:
            raise InvalidValueError(
                f"Muon: adjust_lr_fn is 'original' or 'match_rms_adamw', received {group['adjust_lr_fn']!r}",
                fix="leave it out, or pass one of them",
            )
        for k, p in enumerate(group["params"]):
            try:
                shape = p.shape
            except UnsizedError:
                continue
            if len(shape) != 2:
                raise ShapeError(
                    f"Muon: {called(dict(group), k, k)} is no matrix",
                    facts=[f"shape  {shape}"],
                    fix="give Muon the matrices of the hidden layers, and the other parameters to AdamW",
                )

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        return {"momentum_buffer": 0.0}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        lr, momentum = plain(group["lr"]), plain(group["momentum"])
        return {"lr": lr, "momentum": momentum, "new": 1 - momentum, "keep": 1 - lr * plain(group["weight_decay"])}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        return {
            "nesterov": bool(group["nesterov"]),
            "coefficients": tuple(group["ns_coefficients"]),
            "eps": group["eps"],
            "steps": group["ns_steps"],
            "matches_adamw": group["adjust_lr_fn"] == "match_rms_adamw",
        }

    @staticmethod
    def _rule(
        xp: Any,
        g: Any,
        p: Any,
        m: Any,
        *,
        lr: Any,
        momentum: Any,
        new: Any,
        keep: Any,
        nesterov: bool,
        coefficients: tuple[float, float, float],
        eps: float,
        steps: int,
        matches_adamw: bool,
    ) -> tuple[Any, ...]:
        m += new * (g - m)
        direction = orthogonalized(xp, g + momentum * (m - g) if nesterov else m, coefficients, eps, steps)
        rows, columns = p.shape
        scale = 0.2 * sqrt(max(rows, columns)) if matches_adamw else sqrt(max(1, rows / max(1, columns)))
        p *= keep
        p -= lr * (scale * direction)
        return p, m


def orthogonalized(xp: Any, x: Any, coefficients: tuple[float, float, float], eps: float, steps: int) -> Any:
    """A matrix with about the same singular vectors as `x` and singular values of about 1 (Jordan et al., 2024)."""
    a, b, c = coefficients
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = xp.matrix_transpose(x)
    x = x / xp.clip(xp.sqrt(xp.sum(x * x)), min=eps)
    for _ in range(steps):
        gram = xp.matmul(x, xp.matrix_transpose(x))
        x = a * x + xp.matmul(b * gram + c * xp.matmul(gram, gram), x)
    return xp.matrix_transpose(x) if tall else x
