"""Weight norm and spectral norm, as parametrizations with PyTorch's names."""

from __future__ import annotations

from typing import Any

from zkynet import random
from zkynet.autodiff.modes import no_grad
from zkynet.backend.registry import use_backend
from zkynet.errors import InvalidValueError
from zkynet.linalg.norms import vector_norm
from zkynet.nn import functional as F
from zkynet.nn.functional.normalization_checks import small
from zkynet.nn.module import Module
from zkynet.nn.parameter import UninitializedParameter
from zkynet.nn.parametrize import register_parametrization
from zkynet.nn.sizes import check_size
from zkynet.ops.axes import normalize_axis
from zkynet.ops.matmul import matmul
from zkynet.ops.reduction import sum as sum_of
from zkynet.ops.reordering import permute_dims
from zkynet.ops.shaping import reshape
from zkynet.tensor import Tensor

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    def __init__(self, dim: int | None) -> None:
        self.dim = dim

    def forward(self, length: Tensor, direction: Tensor) -> Tensor:
        return direction * (length / _lengths(direction, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return _lengths(weight, self.dim), weight


def _lengths(x: Tensor, dim: int | None) -> Tensor:
    """The Euclidean norm over all axes but one."""
    if dim is None:
        return vector_norm(x)
    return vector_norm(x, axis=tuple(a for a in range(x.ndim) if a != dim), keepdims=True)


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Learn length and direction of a weight apart: ``weight = original0 * original1 / norm(original1)``.

    Salimans and Kingma, Weight normalization (2016). Returns the module.

    Args:
        module: what holds the weight.
        name: its name there.
        dim: the axis along which each entry has a length of its own; None (or -1, as in PyTorch) for one length.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.weight_norm(zk.nn.Linear(3, 2))
        >>> {key: value.shape for key, value in layer.state_dict().items() if "original" in key}
        {'parametrizations.weight.original0': (2, 1), 'parametrizations.weight.original1': (2, 3)}
    """
    at = None if dim is None or dim == -1 else dim
    held = getattr(module, name, None) if isinstance(name, str) else None
    if at is not None and isinstance(held, Tensor) and not isinstance(held, UninitializedParameter):
        at = normalize_axis("weight_norm", at, held.ndim)
    return register_parametrization(module, name, _WeightNorm(at), unsafe=True)


class _SpectralNorm(Module):
    """Divides by the largest singular value, which power iteration finds; a vector is divided by its length."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int, dim: int, eps: float) -> None:
        self.dim, self.eps, self.n_power_iterations = dim, eps, n_power_iterations
        if weight.ndim < 2:
            return
        matrix = self._matrix(weight.detach())
        with use_backend(weight.backend.name):
            for name, n in zip(("_u", "_v"), matrix.shape, strict=True):
                start = random.normal(0.0, 1.0, (n,), dtype=weight.dtype, device=weight.device)
                self.register_buffer(name, F.normalize(start, dim=0, eps=eps))
        self._iterate(matrix, 15)

    def _matrix(self, weight: Tensor) -> Tensor:
        if self.dim:
            weight = permute_dims(weight, (self.dim, *(a for a in range(weight.ndim) if a != self.dim)))
        return reshape(weight, (weight.shape[0], -1))

    def _iterate(self, matrix: Tensor, times: int) -> None:
        with no_grad():
            u, v = self._u, self._v
            for _ in range(times):
                u = F.normalize(matmul(matrix, v), dim=0, eps=self.eps)
                v = F.normalize(matmul(u, matrix), dim=0, eps=self.eps)
            self._u.data, self._v.data = u.data, v.data

    def forward(self, weight: Tensor) -> Tensor:
        if weight.ndim < 2:
            return F.normalize(weight, dim=0, eps=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix.detach(), self.n_power_iterations)
        return weight / sum_of(self._u.detach() * matmul(matrix, self._v.detach()))

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: int | None = None,
) -> Module:
    """Keep the largest singular value of a weight at 1: ``weight = original / sigma(original)``.

    Sigma is estimated by power iteration, which goes on by some steps at each call while training; Miyato and others,
    Spectral normalization (2018). Returns the module.

    Args:
        module: what holds the weight.
        name: its name there.
        n_power_iterations: how many steps a call takes.
        eps: the least length to divide a vector by.
        dim: the axis of the outputs; by default 1 in transposed convolutions, else 0.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.spectral_norm(zk.nn.Linear(3, 2))
        >>> [key for key in layer.state_dict() if "weight" in key]
        ['parametrizations.weight.original', 'parametrizations.weight.0._u', 'parametrizations.weight.0._v']
    """
    steps = check_size("spectral_norm", "n_power_iterations", n_power_iterations)
    eps = small("spectral_norm", "eps", eps)
    held: Any = getattr(module, name, None) if isinstance(name, str) else None
    if not isinstance(held, Tensor) or isinstance(held, UninitializedParameter):
        return register_parametrization(module, name, Module())  # which says what is wrong
    if dim is None:
        dim = 1 if type(module).__name__.startswith("ConvTranspose") else 0
    if held.size == 0:
        raise InvalidValueError(f"spectral_norm: {name} has no elements", facts=[f"shape  {held.shape}"])
    at = normalize_axis("spectral_norm", dim, held.ndim)
    return register_parametrization(module, name, _SpectralNorm(held, steps, at, eps))
