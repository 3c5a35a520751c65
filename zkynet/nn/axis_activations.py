"""Activations along an axis: softmax and its kin, and gated linear units."""

from __future__ import annotations

from zkynet.nn import functional as F
from zkynet.nn.activations import _Activation
from zkynet.nn.functional.activations import said
from zkynet.nn.functional.gating import gelu_form
from zkynet.nn.module import Module
from zkynet.nn.sizes import check_rank
from zkynet.ops.arguments import whole
from zkynet.tensor import Tensor

__all__ = ["GEGLU", "GLU", "LogSoftmax", "ReGLU", "Softmax", "Softmax2d", "Softmin", "SwiGLU"]


class GLU(_Activation):
    """The gated linear unit: the first half along an axis, times the `Sigmoid` of the second half.

    Args:
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.GLU()(zk.tensor([1.0, 2.0, 0.0, 0.0]))
        Tensor([0.5, 1. ])
    """

    _function = staticmethod(F.glu)
    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = whole("GLU", "dim", dim)


class SwiGLU(_Activation):
    """The first half along an axis, times the `SiLU` of the second half.

    Args:
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.SwiGLU()(zk.tensor([2.0, 1.0], dtype="float64"))
        Tensor([1.46211716], dtype=float64)
    """

    _function = staticmethod(F.swiglu)
    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = whole("SwiGLU", "dim", dim)


class GEGLU(_Activation):
    """The first half along an axis, times the `GELU` of the second half.

    Args:
        dim: the axis to halve.
        approximate: which form of `GELU`, "none" or "tanh".

    Example:
        >>> import zkynet as zk
        >>> zk.nn.GEGLU()(zk.tensor([2.0, 1.0], dtype="float64"))
        Tensor([1.68268949], dtype=float64)
    """

    _function = staticmethod(F.geglu)
    _settings = ("dim", "approximate")

    def __init__(self, dim: int = -1, approximate: str = "none") -> None:
        self.dim = whole("GEGLU", "dim", dim)
        self.approximate = gelu_form("GEGLU", approximate)


class ReGLU(_Activation):
    """The first half along an axis, times the `ReLU` of the second half.

    Args:
        dim: the axis to halve.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReGLU()(zk.tensor([2.0, 3.0, 1.5, -1.0]))
        Tensor([3., 0.])
    """

    _function = staticmethod(F.reglu)
    _settings = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = whole("ReGLU", "dim", dim)


class Softmax(_Activation):
    """``exp(x) / sum(exp(x))`` along an axis.

    Args:
        dim: the axis along which the results add up to 1; it has to be said.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softmax(dim=-1)(zk.tensor([3.0, 3.0]))
        Tensor([0.5, 0.5])
    """

    _function = staticmethod(F.softmax)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = whole("Softmax", "dim", said("Softmax", dim))


class Softmin(_Activation):
    """The `Softmax` of ``-x``.

    Args:
        dim: the axis along which the results add up to 1; it has to be said.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softmin(dim=-1)(zk.tensor([3.0, 3.0]))
        Tensor([0.5, 0.5])
    """

    _function = staticmethod(F.softmin)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = whole("Softmin", "dim", said("Softmin", dim))


class LogSoftmax(_Activation):
    """The logarithm of `Softmax`, exact where that is tiny.

    Args:
        dim: the axis along which the probabilities add up to 1; it has to be said.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LogSoftmax(dim=-1)(zk.tensor([0.0, 1000.0]))
        Tensor([-1000.,     0.])
    """

    _function = staticmethod(F.log_softmax)
    _settings = ("dim",)

    def __init__(self, dim: int | None = None) -> None:
        self.dim = whole("LogSoftmax", "dim", said("LogSoftmax", dim))


class Softmax2d(Module):
    """`Softmax` over the channels of images.

    Shapes: (N, C, H, W) or (C, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softmax2d()(zk.ones((1, 4, 1, 1))).flatten()
        Tensor([0.25, 0.25, 0.25, 0.25])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The probabilities of the channels.

        Args:
            input: floats of shape (N, C, H, W) or (C, H, W).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Softmax2d().forward(zk.ones((2, 3, 4, 4))).shape
            (2, 3, 4, 4)
        """
        check_rank("Softmax2d", input, (3, 4), "(N, C, H, W) or (C, H, W)")
        return F.softmax(input, -3)
