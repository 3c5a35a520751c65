"""Layer-sequential unit-variance initialisation."""

from __future__ import annotations

from typing import Any

from zkynet.autodiff.modes import no_grad
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.nn.init.structured import orthogonal_
from zkynet.nn.modes import evaluating
from zkynet.nn.module import Module
from zkynet.ops.arguments import number, whole
from zkynet.tensor import Tensor

__all__ = ["lsuv_"]


def lsuv_(
    model: Module,
    *inputs: Any,
    std: float = 1.0,
    tolerance: float = 0.1,
    max_iterations: int = 10,
    generator: Any = None,
) -> Module:
    """Make the weights of a model orthogonal, and scale them layer by layer until outputs have one spread.

    From Mishkin and Matas, All you need is a good init (2016): layers are taken in the order in which they are called;
    each weight is divided by the standard deviation of its layer's output on a batch until that is `std`. It holds
    for every layer with a `weight` of two axes or more and an output of floats (linear, convolutional, bilinear).

    Args:
        model: the model.
        *inputs: a batch, as the model takes it.
        std: the standard deviation that every layer's output is to have.
        tolerance: how far from it is near enough.
        max_iterations: how often a layer is scaled at most.
        generator: where the numbers come from, by default `zkynet.random.default_generator`.

    Returns:
        The model.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Sequential(zk.nn.Linear(8, 16), zk.nn.Linear(16, 4))
        >>> x = zk.reshape(zk.sin(zk.arange(80.0)), (10, 8))
        >>> _ = zk.nn.init.lsuv_(model, x)
        >>> bool(abs(zk.std(model(x)) - 1) < 0.1)
        True
    """
    if not isinstance(model, Module):
        raise ArgumentError(f"init.lsuv_ expected a module, received {described(model)}", fix="pass the model")
    std, tolerance = number("init.lsuv_", "std", std), number("init.lsuv_", "tolerance", tolerance)
    rounds = whole("init.lsuv_", "max_iterations", max_iterations)
    if std <= 0 or tolerance <= 0:
        raise InvalidValueError(f"init.lsuv_: std and tolerance are positive, received {std} and {tolerance}")
    with no_grad(), evaluating(model):  # dropout would change the spread, and batch norm its statistics
        for layer in _in_order(model, inputs):
            orthogonal_(layer.weight, generator=generator)
            for _ in range(rounds):
                spread = _spread(model, inputs, layer)
                if spread == 0 or abs(spread - std) <= tolerance * std:
                    break
                layer.weight.data = (layer.weight.detach() * (std / spread)).data
    return model


def _in_order(model: Module, inputs: tuple[Any, ...]) -> list[Any]:
    """The layers with a weight to scale, in the order in which they are called first."""
    found: list[Any] = []
    weights: set[int] = set()

    def seen(module: Module, args: Any, out: Any) -> None:
        weight = getattr(module, "weight", None)
        if not (isinstance(weight, Tensor) and weight.requires_grad and len(weight.shape) > 1):
            return
        floats = isinstance(out, Tensor) and args and isinstance(args[0], Tensor) and args[0].dtype.kind == "f"
        if floats and id(weight) not in weights:
            weights.add(id(weight))
            found.append(module)

    handles = [module.register_forward_hook(seen) for module in model.modules()]
    try:
        model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found


def _spread(model: Module, inputs: tuple[Any, ...], layer: Module) -> float:
    """The standard deviation of a layer's output."""
    outs: list[float] = []
    handle = layer.register_forward_hook(lambda m, args, out: outs.append(out.std().item()))
    try:
        model(*inputs)
    finally:
        handle.remove()
    return outs[0]
