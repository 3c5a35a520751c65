"""Linear, bilinear and embedding layers, and those that only change the shape."""

from __future__ import annotations

import math
from typing import Any

from zkynet._typing import ArrayLike, DeviceLike, DTypeLike
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.module import Module
from zkynet.nn.parameter import Parameter, new_parameter
from zkynet.nn.sizes import SizedByInput, check_size
from zkynet.ops.arguments import number, whole, whole_numbers
from zkynet.ops.axes import normalize_axis
from zkynet.ops.creation import tensor
from zkynet.tensor import Tensor

__all__ = ["Bilinear", "Embedding", "Flatten", "Identity", "Linear", "Unflatten"]


class Identity(Module):
    """Hands its input on as it is.

    Args:
        *args: taken and not used, so that it can stand for any layer.
        **kwargs: taken and not used.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Identity()(zk.ones(2))
        Tensor([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    def forward(self, input: Tensor) -> Tensor:
        """The input.

        Args:
            input: a tensor of any shape.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Identity().forward(zk.ones(2))
            Tensor([1., 1.])
        """
        return input


class Linear(SizedByInput):
    """The affine map ``y = x @ weight.T + bias`` over the last axis.

    Both are drawn evenly from [-1/sqrt(in_features), 1/sqrt(in_features)].

    Args:
        in_features: the length of the last axis of the input; None to take that of the first one.
        out_features: the length of the last axis of the output.
        bias: False for none.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.Linear(3, 2)
        >>> layer(zk.ones((5, 3))).shape
        (5, 2)
    """

    size_name = "in_features"

    def __init__(
        self,
        in_features: int | None,
        out_features: int,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.in_features = None if in_features is None else check_size("Linear", "in_features", in_features)
        self.out_features = check_size("Linear", "out_features", out_features)
        self.weight = new_parameter((self.out_features, self.in_features), dtype, device)
        self.bias = new_parameter((self.out_features,), dtype, device) if bias else None
        if self.in_features is not None:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give weight and bias new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).reset_parameters()
        """
        assert self.in_features is not None
        bound = 1 / math.sqrt(self.in_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """The affine map of the input.

        Args:
            input: (..., in_features).

        Returns:
            (..., out_features).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).forward(zk.ones((5, 4, 3))).shape
            (5, 4, 2)
        """
        if self.in_features is None and input.shape:
            self.infer(input.shape[-1])
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2, bias=False).extra_repr()
            'in_features=3, out_features=2, bias=False'
        """
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """The bilinear map ``y_k = x1 @ weight[k] @ x2 + bias_k`` over the last axes.

    Args:
        in1_features: the length of the last axis of the first input.
        in2_features: that of the second.
        out_features: that of the output.
        bias: False for none.
        device: where the parameters live.
        dtype: their data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Bilinear(2, 3, 4)(zk.ones((5, 2)), zk.ones((5, 3))).shape
        (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.in1_features = check_size("Bilinear", "in1_features", in1_features)
        self.in2_features = check_size("Bilinear", "in2_features", in2_features)
        self.out_features = check_size("Bilinear", "out_features", out_features)
        self.weight = new_parameter((self.out_features, self.in1_features, self.in2_features), dtype, device)
        self.bias = new_parameter((self.out_features,), dtype, device) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give weight and bias new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Bilinear(2, 3, 4).reset_parameters()
        """
        bound = 1 / math.sqrt(self.in1_features)
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """The bilinear map of the inputs.

        Args:
            input1: (..., in1_features).
            input2: (..., in2_features).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Bilinear(2, 3, 4).forward(zk.ones((5, 2)), zk.ones((5, 3))).shape
            (5, 4)
        """
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Bilinear(2, 3, 4).extra_repr()
            'in1_features=2, in2_features=3, out_features=4, bias=True'
        """
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Embedding(Module):
    """A table of learned vectors, looked up by integers.

    The rows are drawn normally with mean 0 and standard deviation 1.

    Args:
        num_embeddings: how many rows the table has.
        embedding_dim: their length.
        padding_idx: a row that starts as zeros and is not learned, for padding.
        max_norm: rows of a larger norm are scaled down to it before they are used.
        norm_type: of which norm `max_norm` speaks.
        device: where the table lives.
        dtype: its data type.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Embedding(10, 3)(zk.tensor([[1, 2], [3, 9]])).shape
        (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        *,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.num_embeddings = n = check_size("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = check_size("Embedding", "embedding_dim", embedding_dim)
        if padding_idx is not None:
            place = whole("Embedding", "padding_idx", padding_idx)
            if not -n <= place < n:
                raise InvalidValueError(
                    f"Embedding: padding_idx is a row of the table, there is no row {place} of {n}",
                    fix=f"pass a number from 0 to {n - 1}",
                )
            padding_idx = place % n
        self.padding_idx = padding_idx
        self.max_norm = None if max_norm is None else number("Embedding", "max_norm", max_norm)
        self.norm_type = number("Embedding", "norm_type", norm_type)
        self.weight = new_parameter((n, self.embedding_dim), dtype, device)
        self.reset_parameters()

    @classmethod
    def from_pretrained(
        cls, embeddings: ArrayLike, freeze: bool = True, padding_idx: int | None = None, **options: Any
    ) -> Embedding:
        """An embedding with a given table.

        Args:
            embeddings: the table, (rows, length).
            freeze: whether it is left as it is; False to learn on.
            padding_idx: a row that is not learned.
            **options: the other arguments of `Embedding`.

        Example:
            >>> import zkynet as zk
            >>> e = zk.nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])
            >>> e(zk.tensor(1))
            Tensor([3., 4.])
        """
        table = tensor(embeddings)
        if len(table.shape) != 2:
            raise ShapeError(f"Embedding.from_pretrained takes a table (rows, length), received shape {table.shape}")
        out = cls(*table.shape, padding_idx, **{"dtype": table.dtype, **options})
        out.weight = Parameter(table.to(dtype=out.weight.dtype), requires_grad=not freeze)
        return out

    def reset_parameters(self) -> None:
        """Give the table new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Embedding(10, 3).reset_parameters()
        """
        init.normal_(self.weight)
        if self.padding_idx is not None:
            values = self.weight.detach()
            values[self.padding_idx] = 0.0
            self.weight.data = values.data

    def forward(self, input: Tensor) -> Tensor:
        """The rows of the table.

        Args:
            input: integers, (...).

        Returns:
            (..., embedding_dim).

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Embedding(10, 3).forward(zk.tensor([1, 2])).shape
            (2, 3)
        """
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type)

    def extra_repr(self) -> str:
        """The sizes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Embedding(10, 3, padding_idx=0).extra_repr()
            '10, 3, padding_idx=0'
        """
        text = f"{self.num_embeddings}, {self.embedding_dim}"
        if self.padding_idx is not None:
            text += f", padding_idx={self.padding_idx}"
        if self.max_norm is not None:
            text += f", max_norm={self.max_norm}"
        return text


class Flatten(Module):
    """Makes one axis of several, by default of all but the first.

    Args:
        start_dim: the first of them.
        end_dim: the last of them.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Flatten()(zk.ones((2, 3, 4))).shape
        (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = whole("Flatten", "start_dim", start_dim)
        self.end_dim = whole("Flatten", "end_dim", end_dim)

    def forward(self, input: Tensor) -> Tensor:
        """The input with one axis in place of several.

        Args:
            input: a tensor with these axes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Flatten(0, 1).forward(zk.ones((2, 3, 4))).shape
            (6, 4)
        """
        n = len(input.shape)
        start, end = normalize_axis("Flatten", self.start_dim, n), normalize_axis("Flatten", self.end_dim, n)
        if start > end:
            raise ShapeError(
                f"Flatten: start_dim {self.start_dim} comes after end_dim {self.end_dim} in {n} axes",
                fix="swap them",
            )
        shape = input.shape
        return input.reshape((*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))

    def extra_repr(self) -> str:
        """The axes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Flatten().extra_repr()
            'start_dim=1, end_dim=-1'
        """
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Makes several axes of one.

    Args:
        dim: the axis.
        unflattened_size: the lengths of the new ones; one of them may be -1.

    Example:
        >>> import zkynet as zk
        >>> zk.nn.Unflatten(1, (3, 4))(zk.ones((2, 12))).shape
        (2, 3, 4)
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        self.dim = whole("Unflatten", "dim", dim)
        self.unflattened_size = whole_numbers("Unflatten", "unflattened_size", unflattened_size)

    def forward(self, input: Tensor) -> Tensor:
        """The input with several axes in place of one.

        Args:
            input: a tensor with this axis.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Unflatten(0, (2, -1)).forward(zk.ones((6, 4))).shape
            (2, 3, 4)
        """
        shape = input.shape
        at = normalize_axis("Unflatten", self.dim, len(shape))
        known = math.prod(n for n in self.unflattened_size if n >= 0)
        free = sum(n < 0 for n in self.unflattened_size)
        if free > 1 or (known != shape[at] if not free else not known or shape[at] % known):
            raise ShapeError(
                f"Unflatten: an axis of length {shape[at]} cannot become {self.unflattened_size}",
                facts=[f"input  {shape}, axis {at}"],
                fix="choose lengths whose product is that of the axis",
            )
        sizes = tuple(n if n >= 0 else shape[at] // known for n in self.unflattened_size)
        return input.reshape((*shape[:at], *sizes, *shape[at + 1 :]))

    def extra_repr(self) -> str:
        """The axes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Unflatten(1, (3, 4)).extra_repr()
            'dim=1, unflattened_size=(3, 4)'
        """
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
