"""Single steps of recurrent layers, for loops written by hand: `RNNCell`, `LSTMCell`, `GRUCell`."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ShapeError
from zkynet.nn import functional as F
from zkynet.nn import init
from zkynet.nn.functional.recurrent import check_nonlinearity
from zkynet.nn.functional.sequence_checks import as_sequence, initial_states
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sizes import SizedByInput, check_rank, check_size
from zkynet.ops.arguments import flag
from zkynet.tensor import Tensor

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class Cell(SizedByInput):
    """What the three kinds share: their parameters and what they ask of input and states."""

    size_name = "input_size"
    gates: ClassVar[int]
    states: ClassVar[tuple[str, ...]] = ("hx",)

    def _build(
        self, input_size: int | None, hidden_size: int, bias: bool, device: DeviceLike, dtype: DTypeLike
    ) -> None:
        name = type(self).__name__
        self.input_size = None if input_size is None else check_size(name, "input_size", input_size)
        self.hidden_size = check_size(name, "hidden_size", hidden_size)
        rows = self.gates * self.hidden_size
        with_bias = flag(name, "bias", bias)
        self.weight_ih = new_parameter((rows, self.input_size), dtype, device)
        self.weight_hh = new_parameter((rows, self.hidden_size), dtype, device)
        self.bias_ih = new_parameter((rows,), dtype, device) if with_bias else None
        self.bias_hh = new_parameter((rows,), dtype, device) if with_bias else None
        if self.input_size is not None:
            self.reset_parameters()

    @property
    def bias(self) -> bool:
        """Whether there are biases.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRUCell(3, 4).bias
            True
        """
        return self.bias_ih is not None

    def reset_parameters(self) -> None:
        """Draw all parameters evenly from [-1/sqrt(hidden_size), 1/sqrt(hidden_size)].

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRUCell(3, 4).reset_parameters()
        """
        bound = 1 / math.sqrt(self.hidden_size)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def extra_repr(self) -> str:
        """The sizes and what differs from the defaults.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRUCell(3, 4, bias=False).extra_repr()
            '3, 4, bias=False'
        """
        text = f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")
        kind = getattr(self, "nonlinearity", "tanh")
        return text + ("" if kind == "tanh" else f", nonlinearity={kind!r}")

    def _check(self, input: Any, hx: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Input and states, once found to fit; the missing sizes are taken from the first input."""
        name = type(self).__name__
        x = as_sequence(name, input)
        check_rank(name, x, (1, 2), "(N, input_size), or (input_size,) for a single example")
        if self.input_size is None:
            self.infer(x.shape[-1])
        elif x.shape[-1] != self.input_size:
            raise ShapeError(
                f"{name}: the input has {x.shape[-1]} features, input_size is {self.input_size}",
                facts=[f"input  {x.shape}"],
                fix="pass inputs whose last axis is input_size long",
                op=name,
            )
        shape = (*x.shape[:-1], self.hidden_size)
        facts = [f"input  {x.shape}", f"{self.hidden_size} is hidden_size"]
        return x, initial_states(name, hx, self.states, (shape,) * len(self.states), x, facts)

    def _weights(self) -> tuple[Any, ...]:
        return (self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class RNNCell(Cell):
    """One step of a simple recurrent layer: ``h' = tanh(W_ih x + b_ih + W_hh h + b_hh)``.

    Args:
        input_size: how many features an input has; None to take that of the first one.
        hidden_size: the length H of the state.
        bias: False for none.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        device: where the parameters live.
        dtype: their data type.

    Its parameters are ``weight_ih`` (H, input_size), ``weight_hh`` (H, H), ``bias_ih`` and ``bias_hh`` (H,).

    Example:
        >>> import zkynet as zk
        >>> cell = zk.nn.RNNCell(3, 4)
        >>> h = cell(zk.ones((2, 3)))
        >>> cell(zk.ones((2, 3)), h).shape
        (2, 4)
    """

    gates = 1

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.nonlinearity = check_nonlinearity("RNNCell", nonlinearity)
        self._build(input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state.

        Args:
            input: (N, input_size), or (input_size,) for a single example.
            hx: the state (N, H), or (H,); None for zeros.

        Returns:
            The next state, of the shape of `hx`.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.RNNCell(3, 4).forward(zk.ones(3)).shape
            (4,)
        """
        x, (h,) = self._check(input, hx)
        step = F.rnn_tanh_cell if self.nonlinearity == "tanh" else F.rnn_relu_cell
        return step(x, h, *self._weights())


class LSTMCell(Cell):
    """One step of long short-term memory.

    With ``i, f, o = sigmoid(...)`` and ``g = tanh(...)`` of ``W_ih x + b_ih + W_hh h + b_hh`` it is
    ``c' = f * c + i * g`` and ``h' = o * tanh(c')``.

    Args:
        input_size: how many features an input has; None to take that of the first one.
        hidden_size: the length H of output and cell.
        bias: False for none.
        device: where the parameters live.
        dtype: their data type.

    Its parameters are ``weight_ih`` (4H, input_size), ``weight_hh`` (4H, H), ``bias_ih`` and ``bias_hh`` (4H,).

    Example:
        >>> import zkynet as zk
        >>> cell = zk.nn.LSTMCell(3, 4)
        >>> h, c = cell(zk.ones((2, 3)))
        >>> h, c = cell(zk.ones((2, 3)), (h, c))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))
    """

    gates = 4
    states = ("h", "c")

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self._build(input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """The next output and cell.

        Args:
            input: (N, input_size), or (input_size,) for a single example.
            hx: the pair of output and cell, each (N, H), or (H,); None for zeros.

        Returns:
            The pair of the next output and cell, of the shapes in `hx`.

        Example:
            >>> import zkynet as zk
            >>> h, c = zk.nn.LSTMCell(3, 4).forward(zk.ones(3))
            >>> h.shape, c.shape
            ((4,), (4,))
        """
        x, (h, c) = self._check(input, hx)
        return F.lstm_cell(x, (h, c), *self._weights())


class GRUCell(Cell):
    """One step of gated recurrent units.

    Of the parts r, z, n of the weights, ``r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh)``,
    ``n = tanh(W_ih x + b_ih + r * (W_hh h + b_hh))``, and ``h' = (1 - z) * n + z * h``.

    Args:
        input_size: how many features an input has; None to take that of the first one.
        hidden_size: the length H of the state.
        bias: False for none.
        device: where the parameters live.
        dtype: their data type.

    Its parameters are ``weight_ih`` (3H, input_size), ``weight_hh`` (3H, H), ``bias_ih`` and ``bias_hh`` (3H,).

    Example:
        >>> import zkynet as zk
        >>> cell = zk.nn.GRUCell(3, 4)
        >>> h = cell(zk.ones((2, 3)))
        >>> cell(zk.ones((2, 3)), h).shape
        (2, 4)
    """

    gates = 3

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        bias: bool = True,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self._build(input_size, hidden_size, bias, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next state.

        Args:
            input: (N, input_size), or (input_size,) for a single example.
            hx: the state (N, H), or (H,); None for zeros.

        Returns:
            The next state, of the shape of `hx`.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRUCell(3, 4).forward(zk.ones(3)).shape
            (4,)
        """
        x, (h,) = self._check(input, hx)
        return F.gru_cell(x, h, *self._weights())
