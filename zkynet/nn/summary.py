"""`summary`: what a model is made of, what it computes, and what it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import prod
from typing import Any, NamedTuple

from zkynet.errors import ArgumentError, described
from zkynet.graph import WATCH
from zkynet.nn.modes import evaluating
from zkynet.nn.module import Module
from zkynet.nn.parameter import UninitializedParameter
from zkynet.ops.arguments import whole
from zkynet.tensor import Tensor

__all__ = ["Summary", "SummaryRow", "summary"]


class SummaryRow(NamedTuple):
    """One module of a `Summary`.

    Attributes:
        name: the attribute that it is, in the module above; empty for the model.
        kind: its class.
        depth: how many modules it is within.
        shapes: of what it gave when it was last called, one for each tensor.
        parameters: how many it holds itself; one that several modules share counts for the first.
        multiply_adds: of what it computes itself.
        calls: how often it was called.

    Example:
        >>> import zkynet as zk
        >>> row = zk.nn.summary(zk.nn.Sequential(zk.nn.Linear(3, 2)), zk.zeros((5, 3))).rows[1]
        >>> row.name, row.kind, row.shapes, row.parameters, row.multiply_adds
        ('0', 'Linear', [(5, 2)], 8, 30)
    """

    name: str
    kind: str
    depth: int
    shapes: list[tuple[int, ...]]
    parameters: int
    multiply_adds: int
    calls: int


class Summary:
    """What `summary` found: one row for each module, and totals. Printed, it is a table.

    The columns add up: a row counts what the module itself holds and computes, less what modules within it do.

    Attributes:
        rows: a `SummaryRow` for each module, the model first.
        parameters: how many numbers there are to learn or that are frozen.
        trainable: how many of them are to learn.
        buffers: how many numbers belong to the state but are no parameters, such as running means.
        multiply_adds: of products of matrices, convolutions, recurrent layers and attention, in one forward pass; what
            is done element by element is not counted.
        parameter_bytes: memory of parameters and buffers.
        graph_bytes: memory of what the graph keeps for the way back, besides parameters and inputs, in evaluation mode
            (so without masks of dropout).

    Args:
        rows: as above.
        totals: the other attributes.

    Example:
        >>> import zkynet as zk
        >>> found = zk.nn.summary(zk.nn.Linear(3, 2), zk.zeros((1, 3)))
        >>> found.parameters, found.trainable, found.parameter_bytes
        (8, 8, 32)
    """

    parameters: int
    trainable: int
    buffers: int
    multiply_adds: int
    parameter_bytes: int
    graph_bytes: int

    def __init__(self, rows: list[SummaryRow], totals: dict[str, int]) -> None:
        self.rows = rows
        self.__dict__.update(totals)

    def table(self) -> list[dict[str, str]]:
        """The rows as texts, for a table of one's own.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.summary(zk.nn.ReLU(), zk.zeros((1, 3))).table()
            [{'layer': 'ReLU', 'output': '(1, 3)', 'parameters': '', 'multiply-adds': ''}]
        """
        out = []
        for row in self.rows:
            times = f"  {row.calls} times" if row.calls > 1 else ""
            out.append(
                {
                    "layer": "  " * row.depth + (f"{row.name}: {row.kind}" if row.name else row.kind),
                    "output": ", ".join(map(str, row.shapes)) + times if row.calls else "not called",
                    "parameters": f"{row.parameters:,}" if row.parameters else "",
                    "multiply-adds": f"{row.multiply_adds:,}" if row.multiply_adds else "",
                }
            )
        return out

    def totals(self) -> list[str]:
        """The totals in words, a line each.

        Example:
            >>> import zkynet as zk
            >>> print(zk.nn.summary(zk.nn.Linear(3, 2), zk.zeros((1, 3))).totals()[0])
            8 parameters in 32 bytes
        """
        frozen = self.parameters - self.trainable
        lines = [f"{self.parameters:,} parameters" + f", {frozen:,} of them frozen" * bool(frozen)]
        lines[0] += f", and {self.buffers:,} numbers in buffers," * bool(self.buffers)
        lines[0] += f" in {in_bytes(self.parameter_bytes)}"
        lines.append(f"{self.multiply_adds:,} multiply-adds of products in a forward pass")
        lines.append(f"{in_bytes(self.graph_bytes)} kept for the way back")
        return lines

    def __str__(self) -> str:
        table = self.table()
        lines = [list(table[0]), *(list(row.values()) for row in table)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        sides = ("<", "<", ">", ">")
        text = ["  ".join(f"{c:{s}{w}}" for c, s, w in zip(line, sides, widths, strict=True)) for line in lines]
        return "\n".join([line.rstrip() for line in text] + ["", *self.totals()])

    __repr__ = __str__


def in_bytes(n: int) -> str:
    """A number of bytes in a unit that suits it.

    Args:
        n: the number.

    Example:
        >>> in_bytes(512), in_bytes(20_480)
        ('512 bytes', '20.5 kB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n} bytes"


def summary(model: Module, *inputs: Any, depth: int | None = None, **named_inputs: Any) -> Summary:
    """What a model is made of: layers, shapes of their results, parameters, multiply-adds, memory.

    The model is called once, in evaluation mode, and is afterwards as before; layers that are sized by their first
    input are sized by this one.

    Args:
        model: the model.
        *inputs: what it is called with.
        depth: how far down modules have rows of their own; what is deeper counts for the one above. By default all.
        **named_inputs: further inputs.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Sequential(zk.nn.Conv2d(1, 4, 3), zk.nn.ReLU(), zk.nn.Flatten(), zk.nn.Linear(144, 10))
        >>> zk.nn.summary(model, zk.zeros((1, 1, 8, 8)))
        layer         output        parameters  multiply-adds
        Sequential    (1, 10)
          0: Conv2d   (1, 4, 6, 6)          40          1,296
          1: ReLU     (1, 4, 6, 6)
          2: Flatten  (1, 144)
          3: Linear   (1, 10)            1,450          1,440
        <BLANKLINE>
        1,490 parameters in 5.96 kB
        2,736 multiply-adds of products in a forward pass
        576 bytes kept for the way back
    """
    if not isinstance(model, Module):
        raise ArgumentError(f"summary: the model is an nn.Module, received {described(model)}")
    limit = None if depth is None else whole("summary", "depth", depth)
    counter = _Counter(model, limit)
    with evaluating(model), counter.watching():
        model(*inputs, **named_inputs)
    return counter.summary(inputs)


class _Counter:
    """Told of each call of a module and of each op; knows in which module an op was called."""

    def __init__(self, model: Module, limit: int | None) -> None:
        self.model = model
        self.places: dict[int, tuple[str, Module, int]] = {}
        self.row_of: dict[int, int] = {}  # module to the module whose row counts it
        by_name: dict[str, tuple[Module, int]] = {}
        for name, module in model.named_modules():
            above = name
            while above not in by_name and above:
                above = above.rpartition(".")[0]  # a list on the way has a part of the name, but is no module
            parent, depth = by_name.get(above, (module, -1))
            by_name[name] = (module, depth + 1)
            if limit is None or depth + 1 <= limit:
                self.places[id(module)] = (name.removeprefix(f"{above}."), module, depth + 1)
                self.row_of[id(module)] = id(module)
            else:
                self.row_of[id(module)] = self.row_of[id(parent)]
        self.shapes: dict[int, list[tuple[int, ...]]] = {}
        self.calls: dict[int, int] = {}
        self.products: dict[int, int] = {}
        self.inside = [id(model)]
        self.kept: dict[int, Any] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        handles = []
        for module in self.model.modules():
            handles.append(module.register_forward_pre_hook(self._enter, prepend=True))
            handles.append(module.register_forward_hook(self._leave))
        token = WATCH.set(self)
        try:
            yield
        finally:
            WATCH.reset(token)
            for handle in handles:
                handle.remove()

    def _enter(self, module: Module, inputs: Any) -> None:
        self.inside.append(id(module))

    def _leave(self, module: Module, inputs: Any, output: Any) -> None:
        self.inside.pop()
        self.shapes[id(module)] = [tuple(t.shape) for t in _tensors(output)]
        self.calls[id(module)] = self.calls.get(id(module), 0) + 1

    def after_op(self, op: Any, backend: Any, raws: Any, ans: Any, node: Any) -> None:
        here = self.row_of.get(self.inside[-1], id(self.model))
        count = MULTIPLY_ADDS.get(op.name)
        if count is not None:
            result = ans[0] if isinstance(ans, (tuple, list)) else ans
            self.products[here] = self.products.get(here, 0) + count(raws, result)
        if node is not None:
            for raw in _arrays(node.saved):
                root = _memory_of(raw)
                self.kept[id(root)] = root  # held, so that no other array gets its id

    def summary(self, inputs: Any) -> Summary:
        """Rows and totals, after the call."""
        own: dict[int, int] = {}
        seen: set[int] = set()
        parameters = trainable = 0
        for _, module in self.model.named_modules():
            row = self.row_of[id(module)]
            for parameter in _own(module):
                if id(parameter) in seen or isinstance(parameter, UninitializedParameter):
                    continue
                seen.add(id(parameter))
                own[row] = own.get(row, 0) + parameter.size
                parameters += parameter.size
                trainable += parameter.size if parameter.requires_grad else 0
        rows = [
            SummaryRow(
                name,
                type(module).__name__,
                depth,
                self.shapes.get(key, []),
                own.get(key, 0),
                self.products.get(key, 0),
                self.calls.get(key, 0),
            )
            for key, (name, module, depth) in self.places.items()
        ]
        buffers = list(self.model.buffers())
        state = [t for t in (*self.model.parameters(), *buffers) if not isinstance(t, UninitializedParameter)]
        for tensor in (*state, *_tensors(inputs)):
            self.kept.pop(id(_memory_of(tensor._raw)), None)
        totals = {
            "parameters": parameters,
            "trainable": trainable,
            "buffers": sum(b.size for b in buffers),
            "multiply_adds": sum(self.products.values()),
            "parameter_bytes": sum(t.size * t.dtype.itemsize for t in state),
            "graph_bytes": sum(int(raw.nbytes) for raw in self.kept.values()),
        }
        return Summary(rows, totals)


def _own(module: Module) -> list[Any]:
    return [p for _, p in module.named_parameters(recurse=False)]


def _tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in nested tuples, lists and dicts."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _tensors(each)
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _tensors(each)


def _arrays(value: Any) -> Iterator[Any]:
    """The raw arrays among what a node has saved."""
    if isinstance(value, (tuple, list)):
        for each in value:
            yield from _arrays(each)
    elif hasattr(value, "nbytes") and hasattr(value, "shape") and value.shape != ():
        yield value


def _memory_of(raw: Any) -> Any:
    """The array whose memory a view shows, on backends that say so."""
    while getattr(raw, "base", None) is not None and hasattr(raw.base, "nbytes"):
        raw = raw.base
    return raw


def _of_steps(raws: Any, ans: Any, weights: tuple[int, ...]) -> int:
    """Of a recurrent layer over inputs (T, N, I): all its matrices in each step for each sequence."""
    return prod(raws[0].shape[:2]) * sum(prod(raws[k].shape) for k in weights if raws[k] is not None)


MULTIPLY_ADDS: dict[str, Callable[[Any, Any], int]] = {
    "matmul": lambda raws, ans: prod(ans.shape) * raws[0].shape[-1],
    "vecdot": lambda raws, ans: prod(ans.shape) * raws[0].shape[raws[2]],
    "nn.linear": lambda raws, ans: prod(ans.shape) * raws[1].shape[1],
    "nn.conv": lambda raws, ans: prod(ans.shape) * prod(raws[1].shape[1:]),
    "nn.conv_input": lambda raws, ans: prod(raws[0].shape) * prod(raws[1].shape[1:]),
    "nn.attention_weights": lambda raws, ans: prod(ans.shape) * raws[0].shape[-1],
    "nn.rnn_sequence": lambda raws, ans: _of_steps(raws, ans, (2, 3)),
    "nn.gru_sequence": lambda raws, ans: _of_steps(raws, ans, (2, 3)),
    "nn.lstm_sequence": lambda raws, ans: _of_steps(raws, ans, (3, 4, 7)),
}
"""By op: how many products of two numbers it adds up, from its inputs and its (first) result."""
