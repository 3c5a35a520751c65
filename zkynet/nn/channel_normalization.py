"""Normalising layers with a mean and a variance for each channel: batch and instance norm."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.backend.registry import get_backend, use_backend
from zkynet.errors import ShapeError
from zkynet.nn import init
from zkynet.nn.functional.checks import floats
from zkynet.nn.functional.normalization import by_batch, by_instance, by_running
from zkynet.nn.functional.normalization_checks import more_than_one, share, small
from zkynet.nn.parameter import Parameter, UninitializedParameter, new_parameter
from zkynet.nn.sizes import SizedByInput, check_rank, check_size
from zkynet.ops.arguments import flag
from zkynet.ops.creation import tensor
from zkynet.ops.filled import ones, zeros
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]


class _ByChannel(SizedByInput):
    """What batch and instance norm share: a factor and a shift for each channel, and running statistics."""

    size_name = "num_features"
    ranks: ClassVar[tuple[int, ...]]
    layout: ClassVar[str]

    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None
    weight: Parameter | None
    bias: Parameter | None

    def __init__(
        self,
        num_features: int | None,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: DeviceLike,
        dtype: DTypeLike,
    ) -> None:
        name = type(self).__name__
        self.num_features = None if num_features is None else check_size(name, "num_features", num_features)
        self.eps = small(name, "eps", eps)
        self.momentum = None if momentum is None else share(name, momentum)
        self.affine = flag(name, "affine", affine)
        self.track_running_stats = flag(name, "track_running_stats", track_running_stats)
        self.weight = new_parameter((self.num_features,), dtype, device) if self.affine else None
        self.bias = new_parameter((self.num_features,), dtype, device) if self.affine else None
        self._made_with = (dtype, device)
        for buffer in ("running_mean", "running_var", "num_batches_tracked"):
            self.register_buffer(buffer, None)
        if self.num_features is not None:
            self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget the running statistics: mean 0, variance 1, no batch seen.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.BatchNorm1d(2)
            >>> _ = layer(zk.tensor([[1.0, 2.0], [3.0, 6.0]]))
            >>> layer.reset_running_stats(); layer.running_mean
            Tensor([0., 0.])
        """
        if not self.track_running_stats or self.num_features is None:
            return
        like = self.running_mean if self.running_mean is not None else self.weight
        dtype, device = self._made_with if like is None else (like.dtype, like.device)
        with use_backend(get_backend().name if like is None else like.backend.name):
            self.running_mean = zeros((self.num_features,), dtype=dtype, device=device)
            self.running_var = ones((self.num_features,), dtype=dtype, device=device)
            self.num_batches_tracked = tensor(0, dtype="int64", device=device)

    def reset_parameters(self) -> None:
        """Set the factors to 1 and the shifts to 0, and forget the running statistics.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.BatchNorm1d(2)
            >>> layer.reset_parameters(); layer.weight.tolist()
            [1.0, 1.0]
        """
        self.reset_running_stats()
        if self.weight is not None and self.bias is not None:
            init.ones_(self.weight)
            init.zeros_(self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """The normalised input; while training, the running statistics take it in.

        Args:
            input: floats with the channels along axis 1, as the class says.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.BatchNorm1d(2).forward(zk.tensor([[1.0, 2.0], [3.0, 2.0]])).shape
            (2, 2)
        """
        name = type(self).__name__
        check_rank(name, input, self.ranks, self.layout)
        unsized = isinstance(self.weight, UninitializedParameter)
        floats(name, input=input, weight=None if unsized else self.weight)
        batched = self._with_batch(input)
        channels = batched.shape[1]
        if self.num_features is None:
            self._check_counts(batched)
            self.infer(channels)
        elif channels != self.num_features:
            raise ShapeError(
                f"{name}: the input has {channels} channels, the layer was made for {self.num_features}",
                facts=[f"input         {input.shape}, which is {self.layout}", f"num_features  {self.num_features}"],
                fix=f"make the layer with num_features={channels}, or move the channels to axis 1",
                op=name,
                shape=input.shape,
            )
        out = self._normalized(name, batched)
        return out if batched is input else reshape(out, input.shape)

    def _late_buffers(self) -> tuple[str, ...]:
        """The buffers that come when the number of channels is known, for `load_state_dict`."""
        if self.num_features is not None or not self.track_running_stats:
            return ()
        return ("running_mean", "running_var", "num_batches_tracked")

    def infer_from(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Take the number of channels from the shapes of saved parameters or buffers.

        Args:
            shapes: by name, each of one length.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.BatchNorm1d(None)
            >>> layer.infer_from({"running_mean": (3,)}); layer.num_features
            3
        """
        self.infer(next(iter(shapes.values()))[0])

    def _with_batch(self, input: Tensor) -> Tensor:
        return input

    def _check_counts(self, input: Tensor) -> None:
        """Refuse a batch whose variance would be that of a single value."""

    def _normalized(self, name: str, input: Tensor) -> Tensor:
        raise NotImplementedError

    def _momentum(self) -> Any:
        """The share of this batch in the running statistics; a tensor where it depends on how many there were."""
        if self.momentum is not None or self.num_batches_tracked is None:
            return self.momentum or 0.0
        assert self.running_mean is not None
        return 1.0 / (self.num_batches_tracked + 1).astype(self.running_mean.dtype)

    def _count(self, input: Tensor) -> None:
        if self.num_batches_tracked is not None and input.size:
            self.num_batches_tracked.data = (self.num_batches_tracked + 1).data

    def extra_repr(self) -> str:
        """The settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.BatchNorm1d(2).extra_repr()
            '2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True'
        """
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_ByChannel):
    def __init__(
        self,
        num_features: int | None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)

    def _by_batch(self) -> bool:
        return self.training or not self.track_running_stats

    def _check_counts(self, input: Tensor) -> None:
        if self._by_batch():
            more_than_one(type(self).__name__, input, input.size // max(input.shape[1], 1), "channel")

    def _normalized(self, name: str, input: Tensor) -> Tensor:
        mean, var = self.running_mean, self.running_var
        if not self._by_batch():
            return by_running(name, input, mean, var, self.weight, self.bias, self.eps)
        out = by_batch(name, input, mean, var, self.weight, self.bias, self._momentum(), self.eps)
        self._count(input)
        return out


class BatchNorm1d(_BatchNorm):
    """Brings each channel to mean 0 and variance 1 over the batch, then scales and shifts it.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``. In evaluation, mean and variance are the running ones:
    ``running = (1 - momentum) * running + momentum * new``, where the variance is the unbiased one.

    Args:
        num_features: how many channels there are; None to take that of the first input.
        eps: what is added to the variance.
        momentum: the share of the new statistics in the running ones; None for the average over all batches.
        affine: whether there are a factor and a shift to be learned.
        track_running_stats: False to keep no running statistics, and to use those of the batch in evaluation too.
        device: where the parameters live.
        dtype: their data type.

    Shapes: (N, C) or (N, C, L), in and out.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.BatchNorm1d(2)
        >>> layer(zk.ones((8, 2))).shape, layer.running_mean
        ((8, 2), Tensor([0.1, 0.1]))
    """

    ranks, layout = (2, 3), "(N, C) or (N, C, L)"


class BatchNorm2d(_BatchNorm):
    """`BatchNorm1d` for images, with the same arguments.

    Shapes: (N, C, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.BatchNorm2d(2)(zk.ones((8, 2, 4, 4))).shape
        (8, 2, 4, 4)
    """

    ranks, layout = (4,), "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """`BatchNorm1d` for volumes, with the same arguments.

    Shapes: (N, C, D, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.BatchNorm3d(2)(zk.ones((8, 2, 4, 4, 4))).shape
        (8, 2, 4, 4, 4)
    """

    ranks, layout = (5,), "(N, C, D, H, W)"


class _InstanceNorm(_ByChannel):
    def __init__(
        self,
        num_features: int | None,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype)

    def _with_batch(self, input: Tensor) -> Tensor:
        return input if input.ndim == self.ranks[-1] else input[None]

    def _by_input(self) -> bool:
        return self.training or not self.track_running_stats

    def _check_counts(self, input: Tensor) -> None:
        if self._by_input():
            more_than_one(type(self).__name__, input, math.prod(input.shape[2:]), "channel of an example")

    def _normalized(self, name: str, input: Tensor) -> Tensor:
        mean, var = self.running_mean, self.running_var
        if not self._by_input():
            return by_running(name, input, mean, var, self.weight, self.bias, self.eps)
        out = by_instance(name, input, mean, var, self.weight, self.bias, self._momentum(), self.eps)
        self._count(input)
        return out


class InstanceNorm1d(_InstanceNorm):
    """Brings each channel of each example to mean 0 and variance 1, then scales and shifts it if that is asked for.

    ``y = (x - mean) / sqrt(variance + eps) * weight + bias``

    Args:
        num_features: how many channels there are; None to take that of the first input.
        eps: what is added to the variance.
        momentum: the share of the new statistics in the running ones; None for the average over all batches.
        affine: whether there are a factor and a shift to be learned.
        track_running_stats: whether to keep running statistics, averages over the examples, for evaluation.
        device: where the parameters live.
        dtype: their data type.

    Shapes: (N, C, L) or (C, L), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.InstanceNorm1d(2)(zk.ones((8, 2, 5))).shape
        (8, 2, 5)
    """

    ranks, layout = (2, 3), "(N, C, L) or (C, L)"


class InstanceNorm2d(_InstanceNorm):
    """`InstanceNorm1d` for images, with the same arguments.

    Shapes: (N, C, H, W) or (C, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.InstanceNorm2d(2)(zk.ones((8, 2, 4, 4))).shape
        (8, 2, 4, 4)
    """

    ranks, layout = (3, 4), "(N, C, H, W) or (C, H, W)"


class InstanceNorm3d(_InstanceNorm):
    """`InstanceNorm1d` for volumes, with the same arguments.

    Shapes: (N, C, D, H, W) or (C, D, H, W), in and out.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.InstanceNorm3d(2)(zk.ones((8, 2, 4, 4, 4))).shape
        (8, 2, 4, 4, 4)
    """

    ranks, layout = (4, 5), "(N, C, D, H, W) or (C, D, H, W)"
