"""Recurrent layers over whole sequences: `RNN`, `LSTM`, `GRU`, of several layers and in both directions."""

from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar

from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError
from zkynet.graph import Recording
from zkynet.nn import init
from zkynet.nn.functional.dropping import dropout
from zkynet.nn.functional.gru import gru_sequence
from zkynet.nn.functional.lstm import lstm_sequence
from zkynet.nn.functional.recurrent import check_nonlinearity, rnn_sequence
from zkynet.nn.functional.sequence_checks import (
    as_sequence,
    initial_states,
    liveness,
    require_steps,
    restored,
    result_dtype,
    zero_outside,
)
from zkynet.nn.parameter import new_parameter
from zkynet.nn.sequences import PackedSequence, lengths_of, pack_padded_sequence, padded
from zkynet.nn.sizes import SizedByInput, check_rank, check_size
from zkynet.ops.arguments import flag, number
from zkynet.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN"]


class RecurrentLayers(SizedByInput):
    """What the three kinds share: parameters, directions, layers on layers, padding."""

    size_name = "input_size"
    gates: ClassVar[int]
    states: ClassVar[tuple[str, ...]] = ("h_0",)
    proj_size = 0

    def _build(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: DeviceLike,
        dtype: DTypeLike,
    ) -> None:
        name = type(self).__name__
        self.input_size = None if input_size is None else check_size(name, "input_size", input_size)
        self.hidden_size = check_size(name, "hidden_size", hidden_size)
        self.num_layers = check_size(name, "num_layers", num_layers)
        self.bias = flag(name, "bias", bias)
        self.batch_first = flag(name, "batch_first", batch_first)
        self.dropout = number(name, "dropout", dropout)
        self.bidirectional = flag(name, "bidirectional", bidirectional)
        if not 0 <= self.dropout <= 1:
            raise InvalidValueError(
                f"{name}: dropout is a probability between 0 and 1, received {dropout}",
                fix="pass for example dropout=0.1",
                op=name,
            )
        if self.dropout > 0 and self.num_layers == 1:
            warnings.warn(
                f"{name}: dropout={dropout} has no effect, because it is applied between layers and num_layers is 1",
                stacklevel=3,
            )
        h, p = self.hidden_size, self.proj_size
        rows = self.gates * h
        for layer in range(self.num_layers):
            features = self.input_size if layer == 0 else self._directions * (p or h)
            for suffix in self._suffixes(layer):
                shapes: dict[str, tuple[int | None, ...] | None] = {
                    "weight_ih": (rows, features),
                    "weight_hh": (rows, p or h),
                    "bias_ih": (rows,) if self.bias else None,
                    "bias_hh": (rows,) if self.bias else None,
                }
                if p:
                    shapes["weight_hr"] = (p, h)
                for each, shape in shapes.items():
                    setattr(self, each + suffix, None if shape is None else new_parameter(shape, dtype, device))
        if self.input_size is not None:
            self.reset_parameters()

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    def _suffixes(self, layer: int) -> list[str]:
        return [f"_l{layer}", f"_l{layer}_reverse"][: self._directions]

    def _weights(self, suffix: str) -> tuple[Any, Any, Any, Any]:
        held = self.__dict__
        w_ih, w_hh, b_ih, b_hh = (held[name + suffix] for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        return w_ih, w_hh, b_ih, b_hh

    def reset_parameters(self) -> None:
        """Draw all parameters evenly from [-1/sqrt(hidden_size), 1/sqrt(hidden_size)].

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRU(3, 4).reset_parameters()
        """
        bound = 1 / math.sqrt(self.hidden_size)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing; for code written for cuDNN, which wants all weights in one piece of memory.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRU(3, 4).flatten_parameters()
        """

    def extra_repr(self) -> str:
        """The sizes and what differs from the defaults.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.GRU(3, 4, num_layers=2).extra_repr()
            '3, 4, num_layers=2'
        """
        parts = [f"{self.input_size}, {self.hidden_size}"]
        defaults = {
            "num_layers": 1,
            "nonlinearity": "tanh",
            "bias": True,
            "batch_first": False,
            "dropout": 0.0,
            "bidirectional": False,
            "proj_size": 0,
        }
        parts += [f"{k}={getattr(self, k)!r}" for k, v in defaults.items() if getattr(self, k, v) != v]
        return ", ".join(parts)

    # -- the way through the layers -----------------------------------------------------------------------------

    def _step_through(
        self, x: Tensor, states: tuple[Tensor, ...], suffix: str, live: Tensor | None, reverse: bool
    ) -> tuple[Tensor, ...]:
        """Outputs and last states of one layer in one direction."""
        raise NotImplementedError

    def _run(self, input: Any, hx: Any, lengths: Any) -> tuple[Any, tuple[Tensor, ...]]:
        """Outputs, in the form of the input, and the last states of all layers and directions."""
        name = type(self).__name__
        if isinstance(input, PackedSequence):
            return self._run_packed(name, input, hx, lengths)
        x = as_sequence(name, input)
        layout = "(N, T, input_size)" if self.batch_first else "(T, N, input_size)"
        check_rank(name, x, (2, 3), f"{layout}, or (T, input_size) without a batch")
        xp = Recording.namespace
        if len(x.shape) == 3:
            if self.batch_first:
                x = xp.permute_dims(x, (1, 0, 2))
            out, last = self._run_padded(name, x, hx, lengths, ("N",))
            return xp.permute_dims(out, (1, 0, 2)) if self.batch_first else out, last
        if lengths is not None:
            raise ArgumentError(
                f"{name}: lengths were passed for a single sequence",
                facts=[f"input  {x.shape}, which is (T, input_size)"],
                fix="cut the sequence to its length, or add an axis for the batch",
                op=name,
            )
        out, last = self._run_padded(name, xp.expand_dims(x, axis=1), hx, None, ())
        return xp.squeeze(out, axis=1), tuple([xp.squeeze(s, axis=1) for s in last])

    def _run_packed(self, name: str, packed: PackedSequence, hx: Any, lengths: Any) -> tuple[Any, tuple[Tensor, ...]]:
        if lengths is not None:
            raise ArgumentError(
                f"{name}: a PackedSequence has its lengths in it, and others were passed",
                fix="leave lengths out, or pass the padded sequences",
                op=name,
            )
        data = as_sequence(name, packed.data)
        if len(data.shape) != 2:
            raise ShapeError(
                f"{name} takes packed sequences of vectors, received data of shape {data.shape}",
                fix="pack sequences of shape (length, input_size)",
                op=name,
            )
        known = lengths_of(packed)
        x = padded(packed, known, len(packed.batch_sizes), batch_first=False)
        out, last = self._run_padded(name, x, hx, known, ("N",))
        again = pack_padded_sequence(out, known, enforce_sorted=packed.sorted_indices is None)
        return packed._replace(data=again.data), last

    def _run_padded(
        self, name: str, x: Tensor, hx: Any, lengths: Any, batch: tuple[str, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Time first, with a batch; `hx` without one if `batch` is empty."""
        require_steps(name, x, 0)
        if self.input_size is None:
            self.infer(x.shape[2])
        elif x.shape[2] != self.input_size:
            raise ShapeError(
                f"{name}: the input has {x.shape[2]} features, input_size is {self.input_size}",
                facts=[f"input  {self._user_shape(x, batch)}"],
                fix="pass inputs whose last axis is input_size long",
                op=name,
            )
        states = self._initial(name, x, hx, batch)
        live = liveness(name, lengths, x)
        x = zero_outside(x, live)
        xp = Recording.namespace
        last: list[tuple[Tensor, ...]] = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training)
            outs = []
            for direction, suffix in enumerate(self._suffixes(layer)):
                at = layer * self._directions + direction
                here = states if hx is None else tuple([s[at, ...] for s in states])
                dtype = result_dtype(x, *here, *self._weights(suffix))
                out, *final = self._step_through(x, here, suffix, live, direction == 1)
                outs.append(restored(out, dtype))
                last.append(tuple([restored(s, dtype) for s in final]))
            x = zero_outside(outs[0] if len(outs) == 1 else xp.concat(outs, axis=2), live)
        return x, tuple([xp.stack(list(each), axis=0) for each in zip(*last, strict=True)])

    def _user_shape(self, x: Tensor, batch: tuple[str, ...]) -> tuple[int, ...]:
        steps, n, features = x.shape
        if not batch:
            return (steps, features)
        return (n, steps, features) if self.batch_first else x.shape

    def _initial(self, name: str, x: Tensor, hx: Any, batch: tuple[str, ...]) -> tuple[Tensor, ...]:
        """The initial states of all layers and directions; without any, zeros that all of them share."""
        n = x.shape[1]
        widths = (self.proj_size or self.hidden_size, self.hidden_size)[: len(self.states)]
        if hx is None:
            return initial_states(name, None, self.states, tuple([(n, width) for width in widths]), x, [])
        rows = self.num_layers * self._directions
        inner = (n,) if batch else ()
        layers = "1 layer" if self.num_layers == 1 else f"{self.num_layers} layers"
        directions = "1 direction" if self._directions == 1 else "2 directions"
        facts = [f"{rows} = {layers} x {directions}"]
        if batch:
            facts.append(f"{n} is the batch, of the input {self._user_shape(x, batch)}")
        facts.append(f"{widths[0]} is {'proj_size' if self.proj_size else 'hidden_size'}")
        if self.proj_size:
            facts.append(f"{widths[1]} is hidden_size")
        if self.batch_first:
            facts.append("batch_first changes input and output, but not the states")
        shapes = tuple([(rows, *inner, width) for width in widths])
        found = initial_states(name, hx, self.states, shapes, x, facts)
        return found if batch else tuple([Recording.namespace.expand_dims(s, axis=1) for s in found])


class RNN(RecurrentLayers):
    """Simple recurrent layers (Elman 1990): ``h = tanh(W_ih x + b_ih + W_hh h + b_hh)`` at each time.

    Args:
        input_size: how many features an element of a sequence has; None to take that of the first input.
        hidden_size: the length H of the state.
        num_layers: how many layers, each on the outputs of the one before.
        nonlinearity: ``"tanh"`` or ``"relu"``.
        bias: False for none.
        batch_first: True for inputs and outputs (N, T, ...) instead of (T, N, ...). States are not concerned.
        dropout: with what probability outputs are set to zero between layers, in training.
        bidirectional: True for a second walk from the end to the start, whose outputs stand behind the others.
        device: where the parameters live.
        dtype: their data type.

    Its parameters are ``weight_ih_l0`` (H, input_size), ``weight_hh_l0`` (H, H), ``bias_ih_l0`` and ``bias_hh_l0``
    (H,), those of the second layer ``weight_ih_l1``, of the way back ``weight_ih_l0_reverse``.

    Example:
        >>> import zkynet as zk
        >>> rnn = zk.nn.RNN(3, 4, batch_first=True, bidirectional=True)
        >>> out, h = rnn(zk.ones((2, 5, 3)))
        >>> out.shape, h.shape
        ((2, 5, 8), (2, 2, 4))
    """

    gates = 1

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.nonlinearity = check_nonlinearity("RNN", nonlinearity)
        self._build(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def _step_through(self, x: Any, states: Any, suffix: str, live: Any, reverse: bool) -> tuple[Tensor, ...]:
        (h,) = states
        return rnn_sequence(x, h, *self._weights(suffix), live, self.nonlinearity, reverse)

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None, lengths: Any = None
    ) -> tuple[Any, Tensor]:
        """Outputs at all times, and the last states.

        Args:
            input: (T, N, input_size), (N, T, input_size) with batch_first, (T, input_size) for a single sequence, or
                a `PackedSequence`.
            hx: the initial states (num_layers * directions, N, H), without N for a single sequence; None for zeros.
            lengths: how many elements each sequence has, N whole numbers from 1 to T; behind them is padding, which
                changes nothing and whose output is zero. The results are those of packed sequences.

        Returns:
            The outputs of the last layer, in the form of the input, with H features (2 H if bidirectional); and the
            last states of all layers and directions, of the shape of `hx`.

        Example:
            >>> import zkynet as zk
            >>> out, h = zk.nn.RNN(3, 4).forward(zk.ones((5, 2, 3)), lengths=[5, 2])
            >>> out.shape, h.shape, bool(zk.all(out[1, 1] == h[0, 1]))
            ((5, 2, 4), (1, 2, 4), True)
        """
        out, (h,) = self._run(input, hx, lengths)
        return out, h


class GRU(RecurrentLayers):
    """Gated recurrent units (Cho and others 2014), in the form that resets the state's contribution.

    At each time, of the parts r, z, n of the weights, ``r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh)``,
    ``n = tanh(W_ih x + b_ih + r * (W_hh h + b_hh))``, and ``h = (1 - z) * n + z * h``.

    Args:
        input_size: how many features an element of a sequence has; None to take that of the first input.
        hidden_size: the length H of the state.
        num_layers: how many layers, each on the outputs of the one before.
        bias: False for none.
        batch_first: True for inputs and outputs (N, T, ...) instead of (T, N, ...). States are not concerned.
        dropout: with what probability outputs are set to zero between layers, in training.
        bidirectional: True for a second walk from the end to the start, whose outputs stand behind the others.
        device: where the parameters live.
        dtype: their data type.

    Its parameters are ``weight_ih_l0`` (3H, input_size), ``weight_hh_l0`` (3H, H), ``bias_ih_l0`` and ``bias_hh_l0``
    (3H,), those of the second layer ``weight_ih_l1``, of the way back ``weight_ih_l0_reverse``.

    Example:
        >>> import zkynet as zk
        >>> gru = zk.nn.GRU(3, 4, num_layers=2)
        >>> out, h = gru(zk.ones((5, 2, 3)))
        >>> out.shape, h.shape
        ((5, 2, 4), (2, 2, 4))
    """

    gates = 3

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self._build(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def _step_through(self, x: Any, states: Any, suffix: str, live: Any, reverse: bool) -> tuple[Tensor, ...]:
        (h,) = states
        return gru_sequence(x, h, *self._weights(suffix), live, reverse)[:2]

    def forward(
        self, input: Tensor | PackedSequence, hx: Tensor | None = None, lengths: Any = None
    ) -> tuple[Any, Tensor]:
        """Outputs at all times, and the last states.

        Args:
            input: (T, N, input_size), (N, T, input_size) with batch_first, (T, input_size) for a single sequence, or
                a `PackedSequence`.
            hx: the initial states (num_layers * directions, N, H), without N for a single sequence; None for zeros.
            lengths: how many elements each sequence has, N whole numbers from 1 to T; behind them is padding, which
                changes nothing and whose output is zero. The results are those of packed sequences.

        Returns:
            The outputs of the last layer, in the form of the input, with H features (2 H if bidirectional); and the
            last states of all layers and directions, of the shape of `hx`.

        Example:
            >>> import zkynet as zk
            >>> out, h = zk.nn.GRU(3, 4).forward(zk.ones((5, 2, 3)), lengths=[5, 2])
            >>> out.shape, h.shape, bool(zk.all(out[1, 1] == h[0, 1]))
            ((5, 2, 4), (1, 2, 4), True)
        """
        out, (h,) = self._run(input, hx, lengths)
        return out, h


class LSTM(RecurrentLayers):
    """Long short-term memory (Hochreiter and Schmidhuber 1997).

    At each time ``i, f, o = sigmoid(...)`` and ``g = tanh(...)`` of ``W_ih x + b_ih + W_hh h + b_hh``, then
    ``c = f * c + i * g`` and ``h = o * tanh(c)``, projected to ``W_hr h`` if there is a `proj_size`.

    Args:
        input_size: how many features an element of a sequence has; None to take that of the first input.
        hidden_size: the length H of the cell.
        num_layers: how many layers, each on the outputs of the one before.
        bias: False for none.
        batch_first: True for inputs and outputs (N, T, ...) instead of (T, N, ...). States are not concerned.
        dropout: with what probability outputs are set to zero between layers, in training.
        bidirectional: True for a second walk from the end to the start, whose outputs stand behind the others.
        proj_size: the length of projected outputs, less than `hidden_size`; 0 for no projection.
        device: where the parameters live.
        dtype: their data type.

    With P for the length of the outputs, its parameters are ``weight_ih_l0`` (4H, input_size), ``weight_hh_l0``
    (4H, P), ``bias_ih_l0`` and ``bias_hh_l0`` (4H,), ``weight_hr_l0`` (P, H) if they are projected, those of the second
    layer ``weight_ih_l1``, of the way back ``weight_ih_l0_reverse``.

    Example:
        >>> import zkynet as zk
        >>> lstm = zk.nn.LSTM(3, 4, batch_first=True)
        >>> out, (h, c) = lstm(zk.ones((2, 5, 3)))
        >>> out.shape, h.shape, c.shape
        ((2, 5, 4), (1, 2, 4), (1, 2, 4))
    """

    gates = 4
    states = ("h_0", "c_0")

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: DeviceLike = None,
        dtype: DTypeLike = None,
    ) -> None:
        self.proj_size = check_size("LSTM", "proj_size", proj_size, 0)
        if self.proj_size and self.proj_size >= check_size("LSTM", "hidden_size", hidden_size):
            raise InvalidValueError(
                f"LSTM: proj_size is less than hidden_size, received {proj_size} and {hidden_size}",
                fix="pass a smaller proj_size, or 0 for no projection",
                op="LSTM",
            )
        self._build(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, device, dtype)

    def _step_through(self, x: Any, states: Any, suffix: str, live: Any, reverse: bool) -> tuple[Tensor, ...]:
        w_hr = self.__dict__.get("weight_hr" + suffix)
        h, c = states
        return lstm_sequence(x, h, c, *self._weights(suffix), w_hr, live, reverse)[:3]

    def forward(
        self, input: Tensor | PackedSequence, hx: tuple[Tensor, Tensor] | None = None, lengths: Any = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Outputs at all times, and the last outputs and cells.

        Args:
            input: (T, N, input_size), (N, T, input_size) with batch_first, (T, input_size) for a single sequence, or
                a `PackedSequence`.
            hx: the initial outputs (num_layers * directions, N, P) and cells (num_layers * directions, N, H), without
                N for a single sequence; None for zeros. P is `proj_size` if there is one, else H.
            lengths: how many elements each sequence has, N whole numbers from 1 to T; behind them is padding, which
                changes nothing and whose output is zero. The results are those of packed sequences.

        Returns:
            The outputs of the last layer, in the form of the input, with P features (2 P if bidirectional); and the
            pair of the last outputs and cells of all layers and directions, of the shapes in `hx`.

        Example:
            >>> import zkynet as zk
            >>> out, (h, c) = zk.nn.LSTM(3, 4).forward(zk.ones((5, 2, 3)), lengths=[5, 2])
            >>> out.shape, h.shape, bool(zk.all(out[1, 1] == h[0, 1]))
            ((5, 2, 4), (1, 2, 4), True)
        """
        out, (h, c) = self._run(input, hx, lengths)
        return out, (h, c)
