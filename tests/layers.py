"""The table of layers under test: what a row says, and how it is run here and in PyTorch.

A layer is one more `LayerRow` in the file of its topic under ``tests/layer_rows/``. `nn/test_layer_table.py` turns
every row into the same checks on every backend: outputs, gradients of every input and parameter, and buffers, against
values that PyTorch computed (``golden/layers_<topic>.npz``, made by ``python -m golden.make_layers <topic>`` in tests/;
compared with PyTorch itself in ``parity/test_layer_parity.py``); first and second derivatives against finite
differences; names of parameters; float32; an empty batch; no hidden transfer between devices.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from table import Sampler

Arrays = dict[str, np.ndarray[Any, Any]]


@dataclass
class LayerRow:
    """One layer (or one way to make it) under test.

    Attributes:
        name: unique, the class in `zk.nn`, with a word behind a colon for a further row: ``Conv2d:strided``.
        inputs: a sampler for each positional input.
        args: what the layer is made with; the same for PyTorch.
        kwargs: keyword arguments it is made with.
        call: keyword arguments of the call; arrays become tensors.
        training: the modes to compare: (True,) where the layer does the same in both.
        calls: how often it is called before the comparison, for layers that keep statistics.
        torch: makes PyTorch's counterpart: ``torch(torch.nn)``; by default the class of the same name and arguments.
            None where PyTorch has none: then the layer needs a reference in a test of its own.
        made: makes ours, where it is more than ``getattr(zk.nn, name)(*args, **kwargs)``.
        order: up to which order of derivatives it is checked against finite differences (0: not at all).
        empty: whether a batch of no examples is tried (its first axis is the batch), or the reason why not.
        weights: how weights are drawn: ``weights(rng, name, shape)``.
        rtol: tolerance of the values from PyTorch in float64, relative to their size.
        skip: backends that cannot do it, each with a reason.
        topic: the file it stands in.
    """

    name: str
    inputs: tuple[Sampler, ...]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    call: dict[str, Any] = field(default_factory=dict)
    training: tuple[bool, ...] = (True,)
    calls: int = 1
    torch: Callable[..., Any] | str | None = "same"
    made: Callable[..., Any] | None = None
    order: int = 2
    empty: bool | str = True
    weights: Callable[..., Any] | None = None
    rtol: float = 1e-9
    skip: dict[str, str] = field(default_factory=dict)
    topic: str = ""

    @property
    def kind(self) -> str:
        """The name of the class."""
        return self.name.partition(":")[0]

    def make(self, zk: Any, dtype: str = "float64") -> Any:
        """Our layer, in a dtype."""
        module = self.made(zk.nn) if self.made else getattr(zk.nn, self.kind)(*self.args, **self.kwargs)
        return module.to(dtype=dtype)

    def make_torch(self, torch: Any) -> Any:
        """PyTorch's layer, in float64."""
        if callable(self.torch):
            return self.torch(torch.nn).double()
        return getattr(torch.nn, self.kind)(*self.args, **self.kwargs).double()

    def rng(self) -> np.random.Generator:
        """The row's own random numbers, the same in every run."""
        return np.random.default_rng(zlib.crc32(self.name.encode()))

    def arrays(self) -> list[np.ndarray[Any, Any]]:
        """The inputs."""
        rng = self.rng()
        return [draw(rng) for draw in self.inputs]

    def keywords(self, zk: Any, dtype: str = "float64") -> dict[str, Any]:
        """The keyword arguments of the call, arrays as tensors."""

        def made(v: Any) -> Any:
            return zk.tensor(v.astype(dtype) if v.dtype.kind == "f" else v) if isinstance(v, np.ndarray) else v

        return {key: made(v) for key, v in self.call.items()}

    def state(self, shapes: dict[str, tuple[int, ...]]) -> Arrays:
        """Values for all parameters and buffers of these names and shapes."""
        out: Arrays = {}
        for name, shape in shapes.items():
            rng = np.random.default_rng(zlib.crc32(f"{self.name} {name}".encode()))
            last = name.rpartition(".")[2]
            if self.weights is not None and (drawn := self.weights(rng, name, shape)) is not None:
                out[name] = drawn
            elif last == "num_batches_tracked":
                out[name] = np.zeros(shape, "int64")
            elif last == "running_var":
                out[name] = rng.uniform(0.5, 1.5, shape)
            else:
                out[name] = rng.standard_normal(shape) * 0.5
        return out

    def cotangent(self, i: int, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """What the i-th result is multiplied with before everything is added up."""
        return np.random.default_rng(i + 1).uniform(0.5, 1.5, shape)


def flat(out: Any) -> Iterator[Any]:
    """The tensors in a result of nested tuples, lists and dicts."""
    if isinstance(out, (tuple, list)):
        for each in out:
            yield from flat(each)
    elif isinstance(out, dict):
        for each in out.values():
            yield from flat(each)
    elif out is not None:
        yield out


def all_layer_rows() -> list[LayerRow]:
    """Every row of every topic."""
    import layer_rows

    found: list[LayerRow] = []
    for module in pkgutil.iter_modules(layer_rows.__path__):
        rows = importlib.import_module(f"layer_rows.{module.name}").ROWS
        for row in rows:
            row.topic = module.name
        found += rows
    names = [row.name for row in found]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise AssertionError(f"rows of the same name: {sorted(twice)}")
    return found


def our_answers(
    row: LayerRow,
    zk: Any,
    training: bool,
    device: str | None = None,
    dtype: str = "float64",
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda f: f,
) -> Arrays:
    """Outputs, gradients and buffers of our layer, under the names that `torch_answers` gives them."""
    module = row.make(zk, dtype).train(training)
    if device is not None:
        module.to(device=device)
    shapes = {name: t.shape for name, t in module.state_dict().items()}
    module.load_state_dict(row.state(shapes))

    def tensor(a: Any) -> Any:
        cast = a.astype(dtype) if a.dtype.kind == "f" else a
        return zk.tensor(cast, device=device, requires_grad=a.dtype.kind == "f")

    xs = [tensor(a) for a in row.arrays()]
    call = {k: tensor(v).detach() if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    for _ in range(row.calls - 1):
        module(*xs, **call)

    def forward_and_back(*xs: Any) -> list[Any]:
        results = [t for t in flat(module(*xs, **call)) if isinstance(t, zk.Tensor)]
        smooth = [(i, t) for i, t in enumerate(results) if t.requires_grad]
        if smooth:
            loss = sum((t * tensor(row.cotangent(i, t.shape)).detach()).sum() for i, t in smooth)
            loss.backward()  # type: ignore[union-attr]
        return results

    results = compiled(forward_and_back)(*xs)
    out: Arrays = {f"output {i}": t.numpy() for i, t in enumerate(results)}
    out.update({f"grad of input {i}": x.grad.numpy() for i, x in enumerate(xs) if x.grad is not None})
    out.update({f"grad of {n}": p.grad.numpy() for n, p in module.named_parameters() if p.grad is not None})
    out.update({f"buffer {n}": b.numpy() for n, b in module.named_buffers()})
    return out


def torch_answers(row: LayerRow, torch: Any, training: bool) -> Arrays:
    """The same from PyTorch."""
    module = row.make_torch(torch).train(training)
    shapes = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    module.load_state_dict({name: torch.tensor(a) for name, a in row.state(shapes).items()})
    xs = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in row.arrays()]
    call = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in row.call.items()}
    for _ in range(row.calls - 1):
        module(*xs, **call)
    results = [t for t in flat(module(*xs, **call)) if isinstance(t, torch.Tensor)]
    out: Arrays = {f"output {i}": t.detach().numpy() for i, t in enumerate(results)}
    smooth = [(i, t) for i, t in enumerate(results) if t.requires_grad]
    if smooth:
        loss = sum((t * torch.tensor(row.cotangent(i, tuple(t.shape)))).sum() for i, t in smooth)
        loss.backward()  # type: ignore[union-attr]
    out.update({f"grad of input {i}": x.grad.numpy() for i, x in enumerate(xs) if x.grad is not None})
    out.update({f"grad of {n}": p.grad.numpy() for n, p in module.named_parameters() if p.grad is not None})
    out.update({f"buffer {n}": b.numpy() for n, b in module.named_buffers()})
    return out


def assert_alike(ours: Arrays, theirs: Arrays, rtol: float) -> None:
    """Everything of theirs is in ours and equal, relative to the size of each array; and the other way round."""
    zeros = {name for name in set(ours) ^ set(theirs) if not np.any({**ours, **theirs}[name])}  # None there, zeros here
    assert set(ours) - zeros == set(theirs) - zeros
    for name in sorted(set(ours) & set(theirs)):
        mine, other = ours[name], theirs[name]
        assert mine.shape == other.shape, f"{name}: {mine.shape} here, {other.shape} there"
        size = np.max(np.abs(np.where(np.isfinite(other), other, 0)), initial=0) if other.dtype.kind == "f" else 0
        np.testing.assert_allclose(mine, other, rtol=rtol, atol=rtol * max(size, 1e-3), err_msg=name)


def golden_key(row: LayerRow, training: bool, name: str) -> str:
    """The name of an array in the file of golden values."""
    return f"{row.name}|{'train' if training else 'eval'}|{name}"
