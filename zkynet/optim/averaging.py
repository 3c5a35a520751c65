"""Averages of a model's weights over training: exponential ones, and plain means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from zkynet.autodiff.modes import no_grad
from zkynet.backend.updates import Update
from zkynet.capturing import host_number, on_host
from zkynet.dtypes import kind_rank
from zkynet.errors import ArgumentError, InvalidValueError, ShapeError, described
from zkynet.graph import Leaf, next_number
from zkynet.nn.modes import modes_kept
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag, number
from zkynet.optim.half_precision import HALF
from zkynet.tensor import Tensor, wrap

__all__ = ["EMA", "SWA", "update_bn"]

Averaged = Module | Iterable[Tensor] | Iterable[tuple[str, Tensor]]


class _Average:
    """Averages of tensors, kept beside them; a subclass says how much the newest values count."""

    def __init__(self, model: Averaged, use_buffers: bool = False) -> None:
        name = type(self).__name__
        self._tensors = _tensors(name, model, flag(name, "use_buffers", use_buffers))
        self.n_averaged = 0
        self.averages = {key: _copy(t) for key, t in self._tensors.items()}
        self._applied = False

    def _share(self) -> float:
        """The weight of the newest values."""
        raise NotImplementedError

    def update(self) -> None:
        """Take the values that the weights have now into the averages; the first time, take them as they are.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor([1.0], requires_grad=True)
            >>> average = zk.optim.SWA([w])
            >>> for value in (1.0, 2.0, 6.0):
            ...     w.data = zk.tensor([value]).data
            ...     average.update()
            >>> average.averages["0"]
            Tensor([3.])
        """
        if self._applied:
            raise InvalidValueError(
                f"{type(self).__name__}.update(): the averages are in the model now, and would be averaged again",
                fix="call it outside of `with average.applied():`",
            )
        jobs: dict[Any, tuple[list[Any], list[Any]]] = {}
        for key, t in self._tensors.items():
            average = self.averages[key]
            if average.backend is not t.backend or average.shape != t.shape or kind_rank(t.dtype) < 2:
                self.averages[key] = _copy(t)  # a counter, or a layer that has got its size since
                continue
            job = jobs.setdefault((t.backend, t._raw.dtype, t.backend.device_of(t._raw)), ([], []))
            job[0].append(t)
            job[1].append(average)
        for (backend, *_), (tensors, averages) in jobs.items():
            share = host_number(self._share_now, averages[0].dtype)
            update = Update(
                _towards, [[t._raw for t in tensors]], [[a._raw for a in averages]], {"share": share}, {}, True
            )
            with no_grad(), backend.quiet():
                columns = backend.run_updates([update])[0]
            for average, raw in zip(averages, columns[0], strict=True):
                average._raw = raw
        self._count()

    def _share_now(self) -> float:
        return 1.0 if self.n_averaged == 0 else self._share()

    @on_host
    def _count(self) -> None:
        self.n_averaged += 1

    @contextmanager
    def applied(self) -> Iterator[None]:
        """A block in which the model has the averages for weights; after it, it has its own again, to the last bit.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor([1.0], requires_grad=True)
            >>> average = zk.optim.EMA([w], decay=0.5)
            >>> for value in (1.0, 2.0):
            ...     w.data = zk.tensor([value]).data
            ...     average.update()
            >>> with average.applied():
            ...     print(w.item())
            1.5
            >>> w.item()
            2.0
        """
        if self._applied:
            raise InvalidValueError(
                f"{type(self).__name__}: the averages are in the model already", fix="leave the block"
            )
        before = {key: t._raw for key, t in self._tensors.items()}
        self._put(self._raws())
        self._applied = True
        try:
            yield
        finally:
            self._put(before)
            self._applied = False

    def copy_to(self) -> None:
        """Give the model the averages for good.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor([1.0], requires_grad=True)
            >>> average = zk.optim.SWA([w])
            >>> w.data = zk.tensor([5.0]).data
            >>> average.copy_to()
            >>> w.item()
            1.0
        """
        self._put(self._raws())

    def _raws(self) -> dict[str, Any]:
        """The averages, in the dtypes of the model."""
        out = {}
        for key, average in self.averages.items():
            t = self._tensors[key]
            same = average._raw.dtype == t._raw.dtype
            out[key] = average._raw if same else t.backend.xp.astype(average._raw, t._raw.dtype)
        return out

    def _put(self, raws: Mapping[str, Any]) -> None:
        for key, raw in raws.items():
            t = self._tensors[key]
            if t.node.__class__ is Leaf:
                t.node.changed = next_number()
            t._raw = raw

    def state_dict(self) -> dict[str, Any]:
        """The averages by name, and over how many values they are.

        Example:
            >>> import zkynet as zk
            >>> zk.optim.SWA([zk.tensor([1.0], requires_grad=True)]).state_dict()
            {'n_averaged': 0, 'averages': {'0': Tensor([1.])}}
        """
        return {"n_averaged": self.n_averaged, "averages": {key: a.detach() for key, a in self.averages.items()}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over averages; what does not fit is refused, and nothing is changed.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> average = zk.optim.SWA([zk.tensor([1.0], requires_grad=True)])
            >>> average.load_state_dict({"n_averaged": 3, "averages": {"0": zk.tensor([7.0])}})
            >>> average.averages["0"]
            Tensor([7.])
        """
        name = type(self).__name__
        if not isinstance(state_dict, Mapping) or not {"n_averaged", "averages"} <= set(state_dict):
            raise ArgumentError(
                f"{name}.load_state_dict takes what state_dict() gave, received {described(state_dict)}",
                fix="pass a dict with 'n_averaged' and 'averages'",
            )
        given = state_dict["averages"]
        if set(given) != set(self.averages):
            raise InvalidValueError(
                f"{name}.load_state_dict: the averages are of other weights",
                facts=[
                    f"missing     {sorted(set(self.averages) - set(given))[:8]}",
                    f"unexpected  {sorted(set(given) - set(self.averages))[:8]}",
                ],
                fix="make it for the same model as when it was saved",
            )
        new = {}
        for key, t in self._tensors.items():
            value = given[key]
            if tuple(value.shape) != t.shape:
                raise ShapeError(
                    f"{name}.load_state_dict: {key} has another shape",
                    facts=[f"expected  {t.shape}", f"received  {tuple(value.shape)}"],
                    fix="make it for the same model as when it was saved",
                )
            array = value.numpy() if isinstance(value, Tensor) else np.asarray(value)
            backend, dtype = t.backend, self.averages[key].dtype
            new[key] = wrap(backend.from_numpy(np.array(array, dtype), backend.device_of(t._raw)), backend, None)
        self.averages, self.n_averaged = new, int(state_dict["n_averaged"])


class EMA(_Average):
    r"""Exponential averages of weights, :math:`a \leftarrow d a + (1 - d) w`; with them a model often does better.

    Args:
        model: the model, or its parameters, or pairs of name and parameter.
        decay: how much of an average is kept, d.
        use_buffers: whether the model's buffers are averaged too.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Linear(2, 1)
        >>> average = zk.optim.EMA(model, decay=0.99)
        >>> average.update()  # after each optimizer.step()
        >>> with average.applied():
        ...     y = model(zk.ones((3, 2)))
    """

    def __init__(self, model: Averaged, decay: float = 0.999, use_buffers: bool = False) -> None:
        self.decay = number("EMA", "decay", decay)
        if not 0 <= self.decay <= 1:
            raise InvalidValueError(f"EMA: decay is between 0 and 1, received {decay}", fix="pass 0.999")
        super().__init__(model, use_buffers)

    def _share(self) -> float:
        return 1 - self.decay


class SWA(_Average):
    r"""The mean of the weights at several points of training (Izmailov et al., 2018); see `lr_scheduler.SWALR`.

    Args:
        model: the model, or its parameters, or pairs of name and parameter.
        use_buffers: whether the model's buffers are averaged too; if not, see `update_bn`.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Linear(2, 1)
        >>> average = zk.optim.SWA(model)
        >>> average.update()  # after each epoch, once the learning rate is constant
        >>> average.n_averaged
        1
    """

    def __init__(self, model: Averaged, use_buffers: bool = False) -> None:
        super().__init__(model, use_buffers)

    def _share(self) -> float:
        return 1 / (self.n_averaged + 1)


def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Compute the running statistics of batch normalisation anew, as plain means over all batches of some data.

    Averaged weights need that, for the statistics are those of other weights; call it inside ``average.applied()``.

    Args:
        loader: batches; of a tuple or list the first element is the input.
        model: the model. It is in training mode meanwhile, and then as it was.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Sequential(zk.nn.BatchNorm1d(1))
        >>> zk.optim.update_bn([zk.tensor([[1.0], [3.0]]), zk.tensor([[2.0], [6.0]])], model)
        >>> model[0].running_mean
        Tensor([3.])
    """
    if not isinstance(model, Module):
        raise ArgumentError(f"update_bn takes a model, received {described(model)}", fix="pass an nn.Module")
    layers: list[Any] = [m for m in model.modules() if getattr(m, "running_mean", None) is not None]
    layers = [layer for layer in layers if hasattr(layer, "reset_running_stats")]
    if not layers:
        return
    momenta = [layer.momentum for layer in layers]
    try:
        for layer in layers:
            layer.reset_running_stats()
            layer.momentum = None
        with modes_kept(model), no_grad():
            model.train()
            for batch in loader:
                model(batch[0] if isinstance(batch, (tuple, list)) else batch)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum


def _towards(xp: Any, new: Any, average: Any, *, share: Any) -> tuple[Any, ...]:
    average += share * (xp.astype(new, average.dtype) - average)
    return (average,)


def _copy(t: Tensor) -> Tensor:
    """A tensor of its own with the same values; 16-bit ones are averaged in float32, where small changes count."""
    from zkynet.dtypes import float32

    backend, xp = t.backend, t.backend.xp
    raw = xp.astype(t._raw, float32) if t.dtype.name in HALF else xp.asarray(t._raw, copy=True)
    return wrap(raw, backend, None)


def _tensors(name: str, model: Any, use_buffers: bool) -> dict[str, Tensor]:
    if isinstance(model, Module):
        out: dict[str, Tensor] = dict(model.named_parameters())
        return {**out, **dict(model.named_buffers())} if use_buffers else out
    if use_buffers:
        raise ArgumentError(f"{name}: use_buffers needs the model, not its parameters", fix="pass the model")
    if isinstance(model, (Tensor, str, Mapping)) or not isinstance(model, Iterable):
        raise ArgumentError(
            f"{name} takes a model or its parameters, received {described(model)}", fix="pass the model"
        )
    given = [each if isinstance(each, tuple) else (str(i), each) for i, each in enumerate(model)]
    for _, t in given:
        if not isinstance(t, Tensor):
            raise ArgumentError(f"{name} takes tensors, received {described(t)}", fix="pass model.parameters()")
    if not given:
        raise InvalidValueError(f"{name} was given no parameters", fix="pass the model")
    return dict(given)
