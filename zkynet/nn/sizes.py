"""Layers that may be made without the size of their input, which is then that of the first one."""

from __future__ import annotations

from typing import Any, ClassVar

from zkynet.errors import InvalidValueError, ShapeError
from zkynet.nn.module import Module
from zkynet.nn.parameter import UninitializedParameter
from zkynet.nn.tree import own_parameters
from zkynet.ops.arguments import whole


class SizedByInput(Module):
    """A layer one of whose sizes may be None until its first call.

    A subclass names the attribute in `size_name`, makes its parameters by `new_parameter` with None in their shapes
    where the size is not known, says in `shape_of` what they become, and calls `infer` at its first call, and
    `reset_parameters` when the size was given.
    """

    size_name: ClassVar[str]

    def shape_of(self, name: str, size: int) -> tuple[int, ...]:
        """The shape of a parameter for a size.

        Args:
            name: the parameter's name.
            size: the size that was left out.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(None, 2).shape_of("weight", 5)
            (2, 5)
        """
        p = getattr(self, name)
        return tuple(size if n is None else n for n in p.template[0])

    def size_from(self, name: str, shape: tuple[int, ...]) -> int:
        """The size that a parameter of a shape belongs to.

        Args:
            name: the parameter's name.
            shape: its shape.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(None, 2).size_from("weight", (2, 5))
            5
        """
        p = getattr(self, name)
        return shape[p.template[0].index(None)]

    def reset_parameters(self) -> None:
        """Give the parameters new initial values.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).reset_parameters()
        """

    def infer(self, size: int) -> None:
        """Take the size, and make the parameters that wait for it.

        Args:
            size: the size that was left out.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.Linear(None, 2)
            >>> layer.infer(5); layer
            Linear(in_features=5, out_features=2, bias=True)
        """
        check_size(type(self).__name__, self.size_name, size)
        for name, p in list(own_parameters(self)):
            if isinstance(p, UninitializedParameter):
                p.materialize(self.shape_of(name, size))
        setattr(self, self.size_name, size)
        self.reset_parameters()

    def infer_from(self, shapes: dict[str, tuple[int, ...]]) -> None:
        """Take the size from the shapes of saved parameters.

        Args:
            shapes: the shapes by name.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.Linear(None, 2)
            >>> layer.infer_from({"weight": (2, 5)}); layer.in_features
            5
        """
        self.infer(next(self.size_from(name, shape) for name, shape in shapes.items()))


def check_size(layer: str, name: str, value: Any, at_least: int = 1) -> int:
    """A size of a layer: a whole number that is not too small."""
    n = whole(layer, name, value)
    if n < at_least:
        raise InvalidValueError(
            f"{layer}: {name} is at least {at_least}, received {n}", fix=f"pass a larger {name}", op=layer
        )
    return n


def check_rank(layer: str, x: Any, ranks: tuple[int, ...], layout: str) -> None:
    """Refuse an input with another number of axes than the layer takes."""
    if len(x.shape) not in ranks:
        wanted = " or ".join(map(str, ranks))
        raise ShapeError(
            f"{layer} takes inputs of {wanted} axes, received one of {len(x.shape)}",
            facts=[f"expected  {layout}", f"received  {tuple(x.shape)}"],
            fix="reshape the input; x[None] adds an axis in front",
            op=layer,
        )
