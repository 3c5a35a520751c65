"""Training in 16 bits: the model computes with 16-bit parameters, the optimiser updates float32 copies of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from zkynet._typing import DTypeLike
from zkynet.autodiff.modes import no_grad
from zkynet.dtypes import as_dtype, float32, float64
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, described
from zkynet.graph import Leaf, next_number
from zkynet.nn.module import Module
from zkynet.nn.parameter import rebind
from zkynet.optim.groups import as_groups, split_names
from zkynet.optim.half_precision import HALF
from zkynet.optim.optimizer import Optimizer
from zkynet.optim.scaling import GradScaler
from zkynet.tensor import Tensor, wrap

__all__ = ["MixedPrecision"]


class MixedPrecision:
    """Trains a model whose parameters are float16 or bfloat16 by an optimiser over float32 copies of them.

    Small updates are kept in the copies, where 16 bits would round them away. The loss is scaled, so that small
    gradients are not lost on the way back (not by default for bfloat16, which has float32's range). Gradients of
    several `backward` add up in float32.

    Args:
        model: the model, whose parameters become 16-bit ones, or its parameters in one of the ways that an optimiser
            takes them. Inputs have to be converted by the caller: ``x.astype("float16")``.
        optimizer: makes the optimiser from the float32 copies: ``lambda params: zk.optim.Adam(params, lr=1e-3)``.
        dtype: the data type of the model's parameters, ``"float16"`` or ``"bfloat16"``.
        scaler: scales the loss; by default one that begins at 4096, for float16.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Linear(2, 1)
        >>> training = zk.optim.MixedPrecision(model, lambda params: zk.optim.SGD(params, lr=0.1))
        >>> x = zk.ones((4, 2), dtype="float16")
        >>> training.backward((model(x) ** 2).mean())
        >>> training.step()
        True
        >>> model.weight.dtype, training.optimizer.param_groups[0]["params"][0].dtype
        (dtype('float16'), dtype('float32'))
    """

    def __init__(
        self,
        model: Module | Iterable[Any],
        optimizer: Callable[[Any], Optimizer],
        dtype: DTypeLike = "float16",
        scaler: GradScaler | None = None,
    ) -> None:
        name = "MixedPrecision"
        self.dtype = as_dtype(dtype)
        if self.dtype.name not in HALF:
            raise DTypeError(
                f"{name}: dtype is float16 or bfloat16, received {self.dtype}", fix="pass one of them", dtype=self.dtype
            )
        if not callable(optimizer) or isinstance(optimizer, Optimizer):
            raise ArgumentError(
                f"{name}: optimizer is a function that makes one, received {described(optimizer)}",
                facts=["it has to be made for the float32 copies of the parameters"],
                fix="pass lambda params: zk.optim.Adam(params, lr=1e-3)",
            )
        groups = as_groups(name, model.named_parameters() if isinstance(model, Module) else model)
        pairs = []
        self.parameters: list[Tensor] = []
        self.masters: list[Tensor] = []
        for group in groups:
            tensors, names = split_names(name, group["params"])
            copies = [self._master(name, p) for p in tensors]
            self.parameters += tensors
            self.masters += copies
            pairs.append({**group, "params": copies if names is None else list(zip(names, copies, strict=True))})
        self.optimizer = optimizer(pairs if len(pairs) > 1 or len(groups[0]) > 1 else pairs[0]["params"])
        # a larger scale overflows float16 in the first steps of most models
        self.scaler = GradScaler(2.0**12, enabled=self.dtype.name == "float16") if scaler is None else scaler
        for p in self.parameters:
            rebind(p, p.detach().astype(self.dtype))

    def _master(self, name: str, p: Any) -> Tensor:
        if not isinstance(p, Tensor):
            raise ArgumentError(f"{name} takes tensors, received {described(p)}", fix="pass the model")
        learned = p.requires_grad
        wide = p.detach().astype(float64 if p.dtype == "float64" else float32)
        return wide.requires_grad_() if learned else wide

    def backward(self, loss: Tensor) -> None:
        """Collect the gradient of a loss: scaled, in the float32 copies.

        Args:
            loss: the loss, a single number.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> scaler = zk.optim.GradScaler(init_scale=1024.0)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params), scaler=scaler)
            >>> training.backward(w * w)
            >>> training.masters[0].grad
            Tensor(2048.)
        """
        self.scaler.scale(loss).backward()
        for p, master in zip(self.parameters, self.masters, strict=True):
            if isinstance(p.node, Leaf) and p.grad is not None:
                g = p.grad.detach().astype(master.dtype)
                if master.grad is None:
                    master.grad = g
                else:
                    old = master.grad
                    master.grad = old + g
                    master.node.grown(old)  # type: ignore[union-attr]
                p.grad = None

    def unscale_(self) -> None:
        """Scale the gradients of the copies back before the step, so that they can be clipped.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params), dtype="bfloat16")
            >>> training.backward(w * w)
            >>> training.unscale_()
            >>> zk.nn.clip_grad_norm_(training.masters, 1.0)
            Tensor(2.)
        """
        self.scaler.unscale_(self.optimizer)

    def step(self) -> bool:
        """Update the copies and then the model from them; False if gradients overflowed, and nothing was changed.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params, lr=0.25), dtype="bfloat16")
            >>> training.backward(w * w)
            >>> training.step(), w.item()
            (True, 0.5)
        """
        self.scaler.step(self.optimizer)
        made = self.scaler._found.get(self.optimizer, True)
        self.scaler.update()
        if made:
            self._spread()
        return made

    def _spread(self) -> None:
        """Give the model the values of the copies, rounded."""
        with no_grad():
            number = next_number()
            for p, master in zip(self.parameters, self.masters, strict=True):
                backend = p.backend
                p._raw = backend.xp.astype(master._raw, p._raw.dtype)
                if isinstance(p.node, Leaf):
                    p.node.changed = number

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients collected so far.

        Args:
            set_to_none: False fills them with zeros instead.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params))
            >>> training.backward(w * w)
            >>> training.zero_grad()
            >>> print(training.masters[0].grad)
            None
        """
        self.optimizer.zero_grad(set_to_none)
        for p in self.parameters:
            if isinstance(p.node, Leaf):
                p.grad = None

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of the optimiser, which hold the copies.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params, lr=0.25))
            >>> training.param_groups[0]["lr"]
            0.25
        """
        return self.optimizer.param_groups

    def state_dict(self) -> dict[str, Any]:
        """The copies, and the states of the optimiser and of the scaler.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> list(zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params)).state_dict())
            ['masters', 'optimizer', 'scaler']
        """
        return {
            "masters": [master.detach() for master in self.masters],
            "optimizer": self.optimizer.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over copies and states, and give the model the values of the copies.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(1.0, requires_grad=True)
            >>> training = zk.optim.MixedPrecision([w], lambda params: zk.optim.SGD(params))
            >>> training.load_state_dict({**training.state_dict(), "masters": [zk.tensor(3.0)]})
            >>> w.item()
            3.0
        """
        if not isinstance(state_dict, Mapping) or not {"masters", "optimizer", "scaler"} <= set(state_dict):
            raise ArgumentError(
                f"MixedPrecision.load_state_dict takes what state_dict() gave, received {described(state_dict)}",
                fix="pass a dict with masters, optimizer and scaler",
            )
        arrays = [m.numpy() if isinstance(m, Tensor) else np.asarray(m) for m in state_dict["masters"]]
        shapes, have = [a.shape for a in arrays], [m.shape for m in self.masters]
        if shapes != have:
            raise InvalidValueError(
                "MixedPrecision.load_state_dict: the parameters are others",
                facts=[f"expected shapes  {have}", f"received shapes  {shapes}"],
                fix="make it for the same model as when it was saved",
            )
        self.optimizer.load_state_dict(state_dict["optimizer"])
        if state_dict["scaler"]:
            self.scaler.load_state_dict(state_dict["scaler"])
        for master, array in zip(self.masters, arrays, strict=True):
            backend = master.backend
            raw = backend.from_numpy(np.array(array, master.dtype), backend.device_of(master._raw))
            master.data = wrap(raw, backend, None).data
        self._spread()
