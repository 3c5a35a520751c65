"""Initial values whose size suits the number of inputs and outputs of a layer."""

from __future__ import annotations

import math
from typing import Any

from zkynet import random
from zkynet.errors import InvalidValueError
from zkynet.nn.init.filling import checked, draw
from zkynet.ops.arguments import number, word
from zkynet.tensor import Tensor

__all__ = ["calculate_gain", "kaiming_normal_", "kaiming_uniform_", "xavier_normal_", "xavier_uniform_"]


def fans(tensor: Tensor) -> tuple[int, int]:
    """How many inputs each output of a weight sees, and how many outputs each input reaches."""
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor by which weights are scaled so that an activation keeps the size of its inputs.

    Args:
        nonlinearity: the activation: ``linear``, ``conv1d`` (to 3d, also transposed), ``sigmoid``, ``tanh``, ``relu``,
            ``leaky_relu`` or ``selu``.
        param: the slope of ``leaky_relu``, 0.01 by default.

    Example:
        >>> import zkynet as zk
        >>> round(zk.nn.init.calculate_gain("relu"), 4)
        1.4142
    """
    name = word("init.calculate_gain", "nonlinearity", nonlinearity)
    slope = 0.01 if param is None else number("init.calculate_gain", "param", param)
    gains = {"sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 0.75}
    gains["leaky_relu"] = math.sqrt(2.0 / (1 + slope**2))
    gains.update(dict.fromkeys(["linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3))], 1.0))
    if name not in gains:
        raise InvalidValueError(
            f"init.calculate_gain knows no activation {name!r}",
            facts=[f"it knows  {', '.join(sorted(gains))}"],
            fix="pass one of these, or scale the weights yourself",
            op="calculate_gain",
        )
    return gains[name]


def xavier_uniform_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill by Glorot and Bengio (2010): evenly from [-a, a] with ``a = gain * sqrt(6 / (fan_in + fan_out))``.

    Args:
        tensor: the weight of a linear or convolutional layer.
        gain: a factor; see `calculate_gain`.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.xavier_uniform_(zk.zeros((2, 4)))
        >>> bool((abs(w) <= 1).all())
        True
    """
    tensor = checked("xavier_uniform_", tensor, 2)
    std = number("init.xavier_uniform_", "gain", gain) * math.sqrt(2.0 / max(sum(fans(tensor)), 1))
    bound = math.sqrt(3.0) * std
    return draw(tensor, random.uniform, -bound, bound, generator=generator)


def xavier_normal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill by Glorot and Bengio (2010): normally with ``std = gain * sqrt(2 / (fan_in + fan_out))``.

    Args:
        tensor: the weight of a linear or convolutional layer.
        gain: a factor; see `calculate_gain`.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.xavier_normal_(zk.zeros((2, 4))).shape
        (2, 4)
    """
    tensor = checked("xavier_normal_", tensor, 2)
    std = number("init.xavier_normal_", "gain", gain) * math.sqrt(2.0 / max(sum(fans(tensor)), 1))
    return draw(tensor, random.normal, 0.0, std, generator=generator)


def _kaiming(name: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    mode = word(f"init.{name}", "mode", mode)
    if mode not in ("fan_in", "fan_out"):
        raise InvalidValueError(f"init.{name}: mode is 'fan_in' or 'fan_out', received {mode!r}", op=name)
    fan = fans(tensor)[0 if mode == "fan_in" else 1]
    return calculate_gain(nonlinearity, number(f"init.{name}", "a", a)) / math.sqrt(max(fan, 1))


def kaiming_uniform_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill by He et al. (2015): evenly from [-b, b] with ``b = gain * sqrt(3 / fan)``.

    Args:
        tensor: the weight of a linear or convolutional layer.
        a: the slope of the leaky ReLU behind it.
        mode: ``"fan_in"`` keeps the size of values forward, ``"fan_out"`` that of gradients backward.
        nonlinearity: the activation; see `calculate_gain`.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.kaiming_uniform_(zk.zeros((2, 6)), nonlinearity="relu")
        >>> bool((abs(w) <= 1).all())
        True
    """
    tensor = checked("kaiming_uniform_", tensor, 2)
    bound = math.sqrt(3.0) * _kaiming("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return draw(tensor, random.uniform, -bound, bound, generator=generator)


def kaiming_normal_(
    tensor: Tensor,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Tensor:
    """Fill by He et al. (2015): normally with ``std = gain / sqrt(fan)``.

    Args:
        tensor: the weight of a linear or convolutional layer.
        a: the slope of the leaky ReLU behind it.
        mode: ``"fan_in"`` keeps the size of values forward, ``"fan_out"`` that of gradients backward.
        nonlinearity: the activation; see `calculate_gain`.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.kaiming_normal_(zk.zeros((2, 6)), nonlinearity="relu").shape
        (2, 6)
    """
    tensor = checked("kaiming_normal_", tensor, 2)
    std = _kaiming("kaiming_normal_", tensor, a, mode, nonlinearity)
    return draw(tensor, random.normal, 0.0, std, generator=generator)
