"""Initial values of weights: each function gives a tensor new values in place and returns it.

All draw from `zkynet.random`, so that the same seed gives the same weights on every backend and device.
"""

from __future__ import annotations

import math
from typing import Any

from zkynet import dtypes as dt
from zkynet import random
from zkynet.autodiff.modes import no_grad
from zkynet.backend.registry import use_backend
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.linalg.decompositions import qr
from zkynet.nn.parameter import UninitializedParameter
from zkynet.ops.arguments import number, whole, word
from zkynet.ops.counted import eye
from zkynet.ops.creation import asarray
from zkynet.ops.filled import full, zeros
from zkynet.tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


def _checked(name: str, tensor: Any, least_axes: int = 0) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise ArgumentError(
            f"init.{name} fills a tensor, received {described(tensor)}", fix="pass a parameter of a layer", op=name
        )
    if isinstance(tensor, UninitializedParameter):
        raise tensor._unsized()
    if not dt.is_differentiable(tensor.dtype):
        raise ArgumentError(f"init.{name} fills a floating tensor, this one is {tensor.dtype}", op=name)
    if len(tensor.shape) < least_axes:
        raise ShapeError(
            f"init.{name} needs a tensor of at least {least_axes} axes, received one of {len(tensor.shape)}",
            facts=[f"shape  {tensor.shape}"],
            fix="biases and other vectors are filled with zeros_, uniform_ or normal_",
            op=name,
        )
    return tensor


def _fill(tensor: Tensor, values: Tensor) -> Tensor:
    """Give `tensor` new values of its own shape, in its own dtype, where it lives."""
    moved = values.to(tensor.backend.name, dtype=tensor.dtype, device=tensor.device)
    tensor.data = tensor.backend.own(moved._raw)
    return tensor


def _draw(tensor: Tensor, how: Any, *parameters: float, generator: Any = None) -> Tensor:
    """Fill `tensor` with draws of a distribution of `zkynet.random`."""
    narrow = tensor.dtype.itemsize == 2  # 16-bit floats are drawn as float32 and rounded
    dtype = dt.float32 if narrow else tensor.dtype
    with use_backend(tensor.backend.name):
        values = how(*parameters, tensor.shape, dtype=dtype, device=tensor.device, generator=generator)
    return _fill(tensor, values)


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with numbers drawn evenly from the interval [a, b).

    Args:
        tensor: what to fill.
        a: the lower end.
        b: the upper end.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.uniform_(zk.zeros((2, 3)), -1, 1)
        >>> w.shape, bool((abs(w) <= 1).all())
        ((2, 3), True)
    """
    tensor = _checked("uniform_", tensor)
    a, b = number("init.uniform_", "a", a), number("init.uniform_", "b", b)
    return _draw(tensor, random.uniform, a, b, generator=generator)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with normally distributed numbers.

    Args:
        tensor: what to fill.
        mean: their mean.
        std: their standard deviation.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.normal_(zk.zeros((2, 3)), std=0.02).shape
        (2, 3)
    """
    tensor = _checked("normal_", tensor)
    mean, std = number("init.normal_", "mean", mean), number("init.normal_", "std", std)
    return _draw(tensor, random.normal, mean, std, generator=generator)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> Tensor:
    """Fill with normally distributed numbers, of those between `a` and `b` alone.

    Args:
        tensor: what to fill.
        mean: the mean of the distribution before it is cut.
        std: its standard deviation.
        a: the smallest number.
        b: the largest number.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.trunc_normal_(zk.zeros((20, 30)))
        >>> bool((abs(w) <= 2).all())
        True
    """
    tensor = _checked("trunc_normal_", tensor)
    values = [number("init.trunc_normal_", n, v) for n, v in (("mean", mean), ("std", std), ("a", a), ("b", b))]
    return _draw(tensor, random.truncated_normal, *values, generator=generator)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number.

    Args:
        tensor: what to fill.
        val: the number.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.constant_(zk.zeros(2), 0.5)
        Tensor([0.5, 0.5])
    """
    tensor = _checked("constant_", tensor)
    val = number("init.constant_", "val", val)
    with use_backend(tensor.backend.name):
        return _fill(tensor, full(tensor.shape, val, dtype=tensor.dtype, device=tensor.device))


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones.

    Args:
        tensor: what to fill.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.ones_(zk.zeros(2))
        Tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros.

    Args:
        tensor: what to fill.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.zeros_(zk.ones(2))
        Tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with the identity, as far as it goes.

    Args:
        tensor: a matrix.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.eye_(zk.zeros((2, 3)))
        Tensor([[1., 0., 0.],
                [0., 1., 0.]])
    """
    tensor = _checked("eye_", tensor, 2)
    if len(tensor.shape) != 2:
        raise ShapeError(f"init.eye_ fills a matrix, received shape {tensor.shape}", op="eye_")
    with use_backend(tensor.backend.name):
        return _fill(tensor, eye(*tensor.shape, dtype=tensor.dtype, device=tensor.device))


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it hands its input channels on as they are.

    Args:
        tensor: the weight, (out channels, in channels / groups, *kernel).
        groups: the groups of the convolution.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.init.dirac_(zk.zeros((2, 2, 3)))[:, :, 1]
        Tensor([[1., 0.],
                [0., 1.]])
    """
    tensor = _checked("dirac_", tensor, 3)
    groups = whole("init.dirac_", "groups", groups)
    outputs, inputs, *kernel = tensor.shape
    if groups < 1 or outputs % groups:
        raise InvalidValueError(
            f"init.dirac_: {outputs} output channels cannot be parted into {groups} groups", op="dirac_"
        )
    each = outputs // groups
    middle = tuple(k // 2 for k in kernel)
    import numpy as np

    values = np.zeros(tensor.shape)
    for group in range(groups):
        for i in range(min(each, inputs)):
            values[(group * each + i, i, *middle)] = 1.0
    return _fill(tensor, asarray(values))


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
    tensor = _checked("xavier_uniform_", tensor, 2)
    std = number("init.xavier_uniform_", "gain", gain) * math.sqrt(2.0 / max(sum(fans(tensor)), 1))
    bound = math.sqrt(3.0) * std
    return _draw(tensor, random.uniform, -bound, bound, generator=generator)


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
    tensor = _checked("xavier_normal_", tensor, 2)
    std = number("init.xavier_normal_", "gain", gain) * math.sqrt(2.0 / max(sum(fans(tensor)), 1))
    return _draw(tensor, random.normal, 0.0, std, generator=generator)


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
    tensor = _checked("kaiming_uniform_", tensor, 2)
    bound = math.sqrt(3.0) * _kaiming("kaiming_uniform_", tensor, a, mode, nonlinearity)
    return _draw(tensor, random.uniform, -bound, bound, generator=generator)


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
    tensor = _checked("kaiming_normal_", tensor, 2)
    std = _kaiming("kaiming_normal_", tensor, a, mode, nonlinearity)
    return _draw(tensor, random.normal, 0.0, std, generator=generator)


def orthogonal_(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with an orthogonal matrix (Saxe et al., 2013), its further axes taken together.

    Args:
        tensor: the weight of a layer.
        gain: a factor.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.orthogonal_(zk.zeros((3, 3), dtype="float64"))
        >>> zk.allclose(w @ w.T, zk.eye(3, dtype="float64"))
        True
    """
    tensor = _checked("orthogonal_", tensor, 2)
    gain = number("init.orthogonal_", "gain", gain)
    if not tensor.size:
        return tensor
    rows, columns = tensor.shape[0], tensor.size // tensor.shape[0]
    dtype = dt.float32 if tensor.dtype.itemsize == 2 else tensor.dtype
    with use_backend(tensor.backend.name), no_grad():
        flat = random.normal(
            0.0, 1.0, (max(rows, columns), min(rows, columns)), dtype=dtype, device=tensor.device, generator=generator
        )
        q, r = qr(flat)
        diagonal = r.diagonal()
        q = q * (diagonal / diagonal.abs())  # makes the draw even over all orthogonal matrices (Mezzadri, 2007)
        if rows < columns:
            q = q.T
        return _fill(tensor, (q * gain).reshape(tensor.shape))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix normally, with a share of zeros in each column (Martens, 2010).

    Args:
        tensor: a matrix.
        sparsity: the share of zeros in each column.
        std: the standard deviation of the others.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Example:
        >>> import zkynet as zk
        >>> w = zk.nn.init.sparse_(zk.zeros((10, 4)), sparsity=0.3)
        >>> (w == 0).sum(axis=0)
        Tensor([3, 3, 3, 3])
    """
    tensor = _checked("sparse_", tensor, 2)
    share = number("init.sparse_", "sparsity", sparsity)
    if len(tensor.shape) != 2 or not 0 <= share <= 1:
        raise InvalidValueError(
            f"init.sparse_ fills a matrix with a share of zeros between 0 and 1, "
            f"received shape {tensor.shape} and {share}",
            op="sparse_",
        )
    rows, columns = tensor.shape
    n_zeros = math.ceil(share * rows)
    normal_(tensor, 0.0, std, generator)
    with use_backend(tensor.backend.name), no_grad():
        keys = random.uniform(0.0, 1.0, (rows, columns), device=tensor.device, generator=generator)
        ranks = keys.argsort(axis=0).argsort(axis=0)  # of each entry among those of its column
        kept = (ranks >= n_zeros).astype(tensor.dtype)
        return _fill(tensor, tensor.detach() * kept + zeros((), dtype=tensor.dtype, device=tensor.device))


def __dir__() -> list[str]:
    return __all__
