"""Channels made pixels and pixels made channels: the same elements in another order."""

from __future__ import annotations

from typing import Any

from zkynet._typing import Array
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import whole
from zkynet.ops.casting import as_tensor
from zkynet.ops.reordering import permute_dims
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def _image(name: str, x: Any, factor: Any, argument: str) -> tuple[Tensor, int]:
    x = as_tensor(name, x)
    if x.ndim < 3:
        raise ShapeError(
            f"{name}: the input has {x.ndim} {'axis' if x.ndim == 1 else 'axes'}, it has to have 3 at least",
            facts=[f"input  {x.shape}"],
            fix="pass channels, height and width, with any axes in front of them",
            op=name,
        )
    r = whole(name, argument, factor)
    if r < 1:
        raise InvalidValueError(f"{name}: {argument} is at least 1, received {r}", fix="pass a larger one", op=name)
    return x, r


def _not_divisible(name: str, what: str, x: Tensor, by: int) -> ShapeError:
    return ShapeError(
        f"{name}: the {what} cannot be divided by {by}",
        facts=[f"input  {x.shape}"],
        fix="choose lengths that are multiples of it",
        op=name,
    )


def pixel_shuffle(input: Array, upscale_factor: int) -> Tensor:
    """Groups of r² channels spread over squares of r by r pixels: (*, C r², H, W) becomes (*, C, H r, W r).

    ``out[c, h r + i, w r + j] = input[c r² + i r + j, h, w]``, the sub-pixel convolution of Shi et al. (2016).

    Args:
        input: (*, C r², H, W).
        upscale_factor: r, how many times higher and wider the result is.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.pixel_shuffle(zk.arange(4).reshape((4, 1, 1)), 2)
        Tensor([[[0, 1],
                 [2, 3]]])
    """
    x, r = _image("pixel_shuffle", input, upscale_factor, "upscale_factor")
    *lead, channels, h, w = x.shape
    if channels % (r * r):
        raise _not_divisible("pixel_shuffle", "number of channels", x, r * r)
    k = len(lead)
    parts = reshape(x, (*lead, channels // (r * r), r, r, h, w))
    moved = permute_dims(parts, (*range(k), k, k + 3, k + 1, k + 4, k + 2))
    return reshape(moved, (*lead, channels // (r * r), h * r, w * r))


def pixel_unshuffle(input: Array, downscale_factor: int) -> Tensor:
    """Squares of r by r pixels made r² channels: (*, C, H r, W r) becomes (*, C r², H, W); undoes `pixel_shuffle`.

    Args:
        input: (*, C, H r, W r).
        downscale_factor: r, how many times lower and narrower the result is.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.pixel_unshuffle(zk.zeros((1, 3, 8, 8)), 2).shape
        (1, 12, 4, 4)
    """
    x, r = _image("pixel_unshuffle", input, downscale_factor, "downscale_factor")
    *lead, channels, h, w = x.shape
    if h % r or w % r:
        raise _not_divisible("pixel_unshuffle", "height and width", x, r)
    k = len(lead)
    parts = reshape(x, (*lead, channels, h // r, r, w // r, r))
    moved = permute_dims(parts, (*range(k), k, k + 2, k + 4, k + 1, k + 3))
    return reshape(moved, (*lead, channels * r * r, h // r, w // r))


def channel_shuffle(input: Array, groups: int) -> Tensor:
    """Channels in groups dealt out like cards: channel ``i * C / groups + j`` becomes ``j * groups + i``.

    So that the next grouped convolution sees channels of every group (Zhang et al., ShuffleNet, 2018).

    Args:
        input: (N, C, *).
        groups: how many groups the channels are in.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.functional.channel_shuffle(zk.arange(4).reshape((1, 4, 1)), 2).reshape((-1,))
        Tensor([0, 2, 1, 3])
    """
    x, g = _image("channel_shuffle", input, groups, "groups")
    n, channels, *rest = x.shape
    if channels % g:
        raise _not_divisible("channel_shuffle", "number of channels", x, g)
    parts = reshape(x, (n, g, channels // g, *rest))
    return reshape(permute_dims(parts, (0, 2, 1, *range(3, len(rest) + 3))), x.shape)
