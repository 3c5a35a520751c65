"""Activation functions of straight pieces as modules, also with slopes that are learned or drawn.

``inplace`` is taken so that code written for PyTorch runs, and does nothing: values are never written over.
"""

from __future__ import annotations

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.nn import functional as F
from zkynet.nn import init as initial
from zkynet.nn.activations import _Activation
from zkynet.nn.functional.drawn_activations import slopes
from zkynet.nn.module import Module
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sizes import check_size
from zkynet.ops.arguments import number
from zkynet.tensor import Tensor

__all__ = [
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "Softshrink",
    "Threshold",
]


class ReLU(_Activation):
    """The rectified linear unit, ``max(x, 0)``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReLU()(zk.tensor([-1.0, 2.0]))
        Tensor([0., 2.])
    """

    _function = staticmethod(F.relu)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class ReLU6(_Activation):
    """``min(max(x, 0), 6)``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.ReLU6()(zk.tensor([-1.0, 7.0]))
        Tensor([0., 6.])
    """

    _function = staticmethod(F.relu6)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class LeakyReLU(_Activation):
    """``x`` where it is positive, ``negative_slope * x`` elsewhere.

    Args:
        negative_slope: the slope on the left.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.LeakyReLU(0.5)(zk.tensor([-1.0, 2.0]))
        Tensor([-0.5,  2. ])
    """

    _function = staticmethod(F.leaky_relu)
    _settings = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        self.negative_slope = number("LeakyReLU", "negative_slope", negative_slope)
        self.inplace = inplace


class PReLU(Module):
    """``x`` where it is positive, ``weight * x`` elsewhere, with slopes that are learned.

    Args:
        num_parameters: 1 for one slope, or the number of channels, along axis 1, for one each.
        init: the slope to begin with.
        device: where it lives.
        dtype: its data type.

    Shapes: (N, C, *), in and out; any with a single slope.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.PReLU()(zk.tensor([-1.0, 2.0])).tolist()
        [-0.25, 2.0]
    """

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: DeviceLike = None, dtype: DTypeLike = None
    ) -> None:
        self.num_parameters = check_size("PReLU", "num_parameters", num_parameters)
        self.init = number("PReLU", "init", init)
        self.weight = new_parameter((self.num_parameters,), dtype, device)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the slopes to what they began with.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PReLU().reset_parameters()
        """
        initial.constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """The activation of the input.

        Args:
            input: floats of shape (N, C, *), or any with a single slope.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PReLU(3).forward(zk.ones((2, 3, 4))).shape
            (2, 3, 4)
        """
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of slopes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.PReLU().extra_repr()
            'num_parameters=1'
        """
        return f"num_parameters={self.num_parameters}"


class RReLU(Module):
    """``x`` where it is positive, elsewhere `x` times a slope: drawn for each element while training, else the mean.

    Args:
        lower: the least slope.
        upper: the largest slope.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.RReLU(0.25, 0.75).eval()(zk.tensor([-1.0, 2.0]))
        Tensor([-0.5,  2. ])
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        self.lower, self.upper = slopes("RReLU", lower, upper)
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """The activation of the input.

        Args:
            input: floats of any shape.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RReLU().forward(zk.tensor([2.0]))
            Tensor([2.])
        """
        return F.rrelu(input, self.lower, self.upper, self.training)

    def extra_repr(self) -> str:
        """The bounds.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RReLU(0.25, 0.75).extra_repr()
            'lower=0.25, upper=0.75'
        """
        return f"lower={self.lower}, upper={self.upper}"


class Hardshrink(_Activation):
    """``x``, and 0 where it is no larger in size than `lambd`.

    Args:
        lambd: the largest size to be suppressed.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Hardshrink()(zk.tensor([2.0, 0.25]))
        Tensor([2., 0.])
    """

    _function = staticmethod(F.hardshrink)
    _settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = number("Hardshrink", "lambd", lambd)


class Softshrink(_Activation):
    """``x`` moved towards 0 by `lambd`, and 0 if it is nearer than that.

    Args:
        lambd: by how much, from 0 on.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Softshrink()(zk.tensor([-2.0, 0.25]))
        Tensor([-1.5,  0. ])
    """

    _function = staticmethod(F.softshrink)
    _settings = ("lambd",)

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = number("Softshrink", "lambd", lambd)


class Hardsigmoid(_Activation):
    """A `Sigmoid` of straight lines, ``min(max(x / 6 + 1/2, 0), 1)``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Hardsigmoid()(zk.tensor([-4.0, 1.5]))
        Tensor([0.  , 0.75])
    """

    _function = staticmethod(F.hardsigmoid)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Hardswish(_Activation):
    """``x * hardsigmoid(x)``.

    Args:
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Hardswish()(zk.tensor([1.5, 4.0]))
        Tensor([1.125, 4.   ])
    """

    _function = staticmethod(F.hardswish)

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace


class Hardtanh(_Activation):
    """``x`` cut at `min_val` and `max_val`.

    Args:
        min_val: the least result.
        max_val: the largest result.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Hardtanh()(zk.tensor([-2.0, 0.5]))
        Tensor([-1. ,  0.5])
    """

    _function = staticmethod(F.hardtanh)
    _settings = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        self.min_val = number("Hardtanh", "min_val", min_val)
        self.max_val = number("Hardtanh", "max_val", max_val)
        self.inplace = inplace


class Threshold(_Activation):
    """``x`` where it is above `threshold`, `value` elsewhere.

    Args:
        threshold: the number to compare with.
        value: what replaces the others.
        inplace: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Threshold(1.0, -5.0)(zk.tensor([0.5, 2.0]))
        Tensor([-5.,  2.])
    """

    _function = staticmethod(F.threshold)
    _settings = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        self.threshold = number("Threshold", "threshold", threshold)
        self.value = number("Threshold", "value", value)
        self.inplace = inplace
