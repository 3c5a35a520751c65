"""Layers that drop elements, channels or examples while training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from zkynet.nn import functional as F
from zkynet.nn.functional.dropping import probability
from zkynet.nn.module import Module
from zkynet.tensor import Tensor

__all__ = ["AlphaDropout", "DropPath", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropping(Module):
    """What they share; each says which function it calls."""

    _drop: ClassVar[Callable[..., Any]]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        self.p = probability(type(self).__name__, p)
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The input with some of it dropped while training, in evaluation the input as it is.

        Args:
            input: floats, of the shape that the class says.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Dropout(0.5).eval().forward(zk.ones(3))
            Tensor([1., 1., 1.])
        """
        return type(self)._drop(input, self.p, self.training)

    def extra_repr(self) -> str:
        """The probability.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Dropout(0.5).extra_repr()
            'p=0.5'
        """
        return f"p={self.p}"


class Dropout(_Dropping):
    """Sets each element to zero with probability `p` while training, and multiplies the others by ``1 / (1 - p)``.

    Args:
        p: the probability to be dropped.
        inplace: taken and not used: values are never written over.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Dropout(0.5)(zk.ones((2, 3))).shape
        (2, 3)
    """

    _drop = staticmethod(F.dropout)


class Dropout1d(_Dropping):
    """Sets each channel of each example to zero with probability `p` while training; others are scaled up.

    Args:
        p: the probability of a channel to be dropped.
        inplace: taken and not used: values are never written over.

    Shapes: (N, C, L) or (C, L), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Dropout1d(0.5)(zk.ones((2, 3, 4))).shape
        (2, 3, 4)
    """

    _drop = staticmethod(F.dropout1d)


class Dropout2d(_Dropping):
    """Sets each channel of each example to zero with probability `p` while training; others are scaled up.

    Args:
        p: the probability of a channel to be dropped.
        inplace: taken and not used: values are never written over.

    Shapes: (N, C, H, W) or (N, C, L), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Dropout2d(0.5)(zk.ones((2, 3, 4, 4))).shape
        (2, 3, 4, 4)
    """

    _drop = staticmethod(F.dropout2d)


class Dropout3d(_Dropping):
    """Sets each channel of each example to zero with probability `p` while training; others are scaled up.

    Args:
        p: the probability of a channel to be dropped.
        inplace: taken and not used: values are never written over.

    Shapes: (N, C, D, H, W) or (C, D, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Dropout3d(0.5)(zk.ones((2, 3, 4, 4, 4))).shape
        (2, 3, 4, 4, 4)
    """

    _drop = staticmethod(F.dropout3d)


class AlphaDropout(_Dropping):
    """Dropout for self-normalising networks: mean 0 and variance 1 stay what they are.

    Args:
        p: the probability to be dropped.
        inplace: taken and not used: values are never written over.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.AlphaDropout(0.1)(zk.ones((2, 3))).shape
        (2, 3)
    """

    _drop = staticmethod(F.alpha_dropout)


class FeatureAlphaDropout(_Dropping):
    """`AlphaDropout` of whole channels.

    Args:
        p: the probability of a channel to be dropped.
        inplace: taken and not used: values are never written over.

    Shapes: (N, C, *), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.FeatureAlphaDropout(0.1)(zk.ones((2, 3, 4))).shape
        (2, 3, 4)
    """

    _drop = staticmethod(F.feature_alpha_dropout)


class DropPath(_Dropping):
    """Sets each example to zero with probability `p` while training: stochastic depth, for residual branches.

    Args:
        p: the probability of an example to be dropped.

    Shapes: (N, *), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.DropPath(0.2)(zk.ones((2, 3))).shape
        (2, 3)
    """

    _drop = staticmethod(F.drop_path)

    def __init__(self, p: float = 0.5) -> None:
        self.p = probability("DropPath", p)
