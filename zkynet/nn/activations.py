"""Activation functions as modules.

``inplace`` is taken so that code written for PyTorch runs, and does nothing: values are never written over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from zkynet.nn import functional as F
from zkynet.nn.functional.gating import gelu_form
from zkynet.nn.module import Module
from zkynet.ops.arguments import number
from zkynet.tensor import Tensor

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "LogSigmoid",
    "Mish",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softsign",
    "Swish",
    "Tanh",
    "Tanhshrink",
]


class _Activation(Module):
    """A function of one tensor with settings that do not change; each subclass says which."""

    _function: ClassVar[Callable[..., Any]]
    _settings: ClassVar[tuple[str, ...]] = ()

    def forward(self, input: Tensor) -> Tensor:
        """The activation of the input.

        Args:
            input: a tensor of any shape.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ReLU().forward(zk.tensor([-1.0, 2.0]))
            Tensor([0., 2.])
        """
        return type(self)._function(input, *[getattr(self, name) for name in self._settings])

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.LeakyReLU(0.2).extra_repr()
            'negative_slope=0.2'
        """
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._settings)


class ELU(_Activation):
    """``x`` above 0, ``alpha * (exp(x) - 1)`` below.

    Args:
        alpha: minus the limit at minus infinity.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ELU()(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.63212056,  1.        ], dtype=float64)
    """

    _function = staticmethod(F.elu)
    _settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = number("ELU", "alpha", alpha)
        self.inplace = inplace


class SELU(_Activation):
    """The scaled `ELU` of self-normalising networks, ``1.0507 * elu(x, 1.6733)``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.SELU()(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-1.11133074,  1.05070099], dtype=float64)
    """

    _function = staticmethod(F.selu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class CELU(_Activation):
    """``x`` above 0, ``alpha * (exp(x / alpha) - 1)`` below, whose slope has no jump.

    Args:
        alpha: minus the limit at minus infinity, not 0.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.CELU(2.0)(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.78693868,  1.        ], dtype=float64)
    """

    _function = staticmethod(F.celu)
    _settings = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        self.alpha = number("CELU", "alpha", alpha)
        self.inplace = inplace


class GELU(_Activation):
    """The Gaussian error linear unit, ``x * Phi(x)`` with the standard normal distribution function Phi.

    Args:
        approximate: "none" for the exact function, "tanh" for ``x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))) / 2``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.GELU()(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.15865525,  0.84134475], dtype=float64)
    """

    _function = staticmethod(F.gelu)
    _settings = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = gelu_form("GELU", approximate)


class SiLU(_Activation):
    """The sigmoid linear unit ``x * sigmoid(x)``, also called `Swish`.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.SiLU()(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.26894142,  0.73105858], dtype=float64)
    """

    _function = staticmethod(F.silu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


Swish = SiLU


class Mish(_Activation):
    """``x * tanh(softplus(x))``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Mish()(zk.tensor([-1.0, 1.0], dtype="float64"))
        Tensor([-0.30340146,  0.86509839], dtype=float64)
    """

    _function = staticmethod(F.mish)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Sigmoid(_Activation):
    """The logistic function ``1 / (1 + exp(-x))``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Sigmoid()(zk.tensor([0.0]))
        Tensor([0.5])
    """

    _function = staticmethod(F.sigmoid)


class LogSigmoid(_Activation):
    """The logarithm of the logistic function, ``-log(1 + exp(-x))``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LogSigmoid()(zk.tensor([0.0], dtype="float64"))
        Tensor([-0.69314718], dtype=float64)
    """

    _function = staticmethod(F.logsigmoid)


class Tanh(_Activation):
    """The hyperbolic tangent.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Tanh()(zk.tensor([0.0]))
        Tensor([0.])
    """

    _function = staticmethod(F.tanh)


class Tanhshrink(_Activation):
    """``x - tanh(x)``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Tanhshrink()(zk.tensor([1.0], dtype="float64"))
        Tensor([0.23840584], dtype=float64)
    """

    _function = staticmethod(F.tanhshrink)


class Softsign(_Activation):
    """``x / (1 + abs(x))``.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softsign()(zk.tensor([-1.0, 3.0]))
        Tensor([-0.5 ,  0.75])
    """

    _function = staticmethod(F.softsign)


class Softplus(_Activation):
    """``log(1 + exp(beta * x)) / beta``, a smooth `ReLU`, exact everywhere.

    Args:
        beta: how sharp the bend is, not 0.
        threshold: taken and not used: PyTorch returns `x` above it, which is less exact.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softplus()(zk.tensor([0.0], dtype="float64"))
        Tensor([0.69314718], dtype=float64)
    """

    _function = staticmethod(F.softplus)
    _settings = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = number("Softplus", "beta", beta)
        self.threshold = number("Softplus", "threshold", threshold)
