"""Initial values with a structure: identities, orthogonal and sparse matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet import random
from zkynet.autodiff.modes import no_grad
from zkynet.backend.registry import use_backend
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.linalg.decompositions import qr
from zkynet.nn.init.filling import checked, draw, fill
from zkynet.ops.arguments import number, whole
from zkynet.ops.counted import eye
from zkynet.ops.creation import asarray
from zkynet.tensor import Tensor

__all__ = ["dirac_", "eye_", "orthogonal_", "sparse_"]


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
    tensor = checked("eye_", tensor, 2)
    if len(tensor.shape) != 2:
        raise ShapeError(f"init.eye_ fills a matrix, received shape {tensor.shape}", op="eye_")
    with use_backend(tensor.backend.name):
        return fill(tensor, eye(*tensor.shape, dtype=tensor.dtype, device=tensor.device))


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
    tensor = checked("dirac_", tensor, 3)
    groups = whole("init.dirac_", "groups", groups)
    outputs, inputs, *kernel = tensor.shape
    if groups < 1 or outputs % groups:
        raise InvalidValueError(
            f"init.dirac_: {outputs} output channels cannot be parted into {groups} groups", op="dirac_"
        )
    each = outputs // groups
    middle = tuple(k // 2 for k in kernel)
    values = np.zeros(tensor.shape)
    for group in range(groups):
        for i in range(min(each, inputs)):
            values[(group * each + i, i, *middle)] = 1.0
    return fill(tensor, asarray(values))


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
    tensor = checked("orthogonal_", tensor, 2)
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
        return fill(tensor, (q * gain).reshape(tensor.shape))


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
    tensor = checked("sparse_", tensor, 2)
    share = number("init.sparse_", "sparsity", sparsity)
    if len(tensor.shape) != 2 or not 0 <= share <= 1:
        raise InvalidValueError(
            f"init.sparse_ fills a matrix with a share of zeros between 0 and 1, "
            f"received shape {tensor.shape} and {share}",
            op="sparse_",
        )
    rows, columns = tensor.shape
    n_zeros = math.ceil(share * rows)
    draw(tensor, random.normal, 0.0, number("init.sparse_", "std", std), generator=generator)
    with use_backend(tensor.backend.name), no_grad():
        keys = random.uniform(0.0, 1.0, (rows, columns), device=tensor.device, generator=generator)
        ranks = keys.argsort(axis=0).argsort(axis=0)  # of each entry among those of its column
        kept = (ranks >= n_zeros).astype(tensor.dtype)
        return fill(tensor, tensor.detach() * kept)
