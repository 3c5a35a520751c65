"""`Module`: layers, models, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from zkynet.errors import ArgumentError, ZkynetError, described
from zkynet.nn.calling import call_hooked, locate, made_at, not_tensors
from zkynet.nn.held import Held
from zkynet.nn.hooking import Hooking
from zkynet.nn.moving import Moving
from zkynet.nn.parameter import Parameter
from zkynet.nn.tree import own_modules
from zkynet.tensor import Tensor

__all__ = ["LoadResult", "Module"]


class LoadResult(NamedTuple):
    """What `Module.load_state_dict` met with ``strict=False``: names that the dict or the module did not have.

    Example:
        >>> import zkynet as zk
        >>> layer = zk.nn.Linear(2, 1)
        >>> layer.load_state_dict({"weight": zk.ones((1, 2))}, strict=False)
        LoadResult(missing_keys=['bias'], unexpected_keys=[])
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module(Moving, Hooking):
    """A layer or a model: what computes, with the parameters, buffers and other modules that it computes with.

    Parameters and modules are found where they are assigned to an attribute, also in lists, tuples and dicts; each has
    the name of the attribute, with dots on the way down. `forward` says what is computed; the module is then called
    like a function.

    Args:
        *args: what the `__init__` of a subclass takes; a plain module takes nothing.
        **kwargs: as above.

    Example:
        >>> import zkynet as zk
        >>> class MLP(zk.nn.Module):
        ...     def __init__(self):
        ...         self.hidden = zk.nn.Linear(4, 8)
        ...         self.out = zk.nn.Linear(8, 3)
        ...     def forward(self, x):
        ...         return self.out(zk.tanh(self.hidden(x)))
        >>> model = MLP()
        >>> model(zk.ones((2, 4))).shape
        (2, 3)
        >>> [name for name, p in model.named_parameters()]
        ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']
    """

    _changes = 0
    """How often an attribute of any module was set, so that a compiled step need not look at each."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = object.__new__(cls)
        self.__dict__.update(training=True, _held=Held(made_at()))  # so that super().__init__() may be left out
        return self

    def __init__(self) -> None: ...

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; every module says that itself.

        Args:
            *args: the inputs.
            **kwargs: further inputs.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ReLU().forward(zk.tensor([-1.0, 2.0]))
            Tensor([0., 2.])
        """
        raise NotImplementedError(f"{type(self).__name__} has no method forward(self, ...) that says what it computes")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            hooks = self._held.hooks
            if hooks is None:
                return self.forward(*args, **kwargs)
            return call_hooked(self, hooks, args, kwargs)
        except ZkynetError as error:
            locate(error, self)
            raise
        except (AttributeError, TypeError) as error:
            if (ours := not_tensors(self, args)) is None:
                raise
            locate(ours, self)
            raise ours from error

    # -- what it holds ------------------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        plain = isinstance(value, Tensor) and not isinstance(value, Parameter)
        if plain and isinstance(self.__dict__.get(name), Parameter):
            raise ArgumentError(
                f"{type(self).__name__}.{name} is a parameter, and a plain tensor would take its place",
                fix=f"give it new values with load_state_dict or {name}.data = value.data, or assign an nn.Parameter",
            )
        object.__setattr__(self, name, value)
        Module._changes += 1

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Hold a tensor that is no parameter but belongs to the state, such as a running mean.

        Args:
            name: the attribute it becomes.
            tensor: its value; None for a buffer that is not used.
            persistent: whether it is part of `state_dict`.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.register_buffer("mean", zk.zeros(2))
            >>> list(m.state_dict())
            ['mean']
        """
        self._check_name("register_buffer", name)
        if tensor is not None and (not isinstance(tensor, Tensor) or isinstance(tensor, Parameter)):
            raise ArgumentError(
                f"register_buffer: {name} is a tensor that is no parameter, or None; received {described(tensor)}",
                fix="make it a tensor with zk.tensor(...)",
            )
        if name not in self._held.buffers and name in self.__dict__:
            raise ArgumentError(f"register_buffer: {type(self).__name__} already has an attribute {name!r}")
        object.__setattr__(self, name, tensor)
        self._held.buffers[name] = persistent

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Hold a parameter under a name, as assigning it to that attribute does.

        Args:
            name: the attribute it becomes.
            param: the parameter, or None.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.register_parameter("scale", zk.nn.Parameter([1.0]))
            >>> m.scale
            Parameter([1.], requires_grad=True)
        """
        self._check_name("register_parameter", name)
        if param is not None and not isinstance(param, Parameter):
            raise ArgumentError(
                f"register_parameter: {name} is an nn.Parameter or None, received {described(param)}",
                fix="wrap it: nn.Parameter(tensor)",
            )
        setattr(self, name, param)

    def add_module(self, name: str, module: Module | None) -> None:
        """Hold another module under a name, as assigning it to that attribute does.

        Args:
            name: the attribute it becomes.
            module: the module, or None.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.add_module("act", zk.nn.ReLU())
            >>> m.act
            ReLU()
        """
        self._check_name("add_module", name)
        if module is not None and not isinstance(module, Module):
            raise ArgumentError(f"add_module: {name} is a module or None, received {described(module)}")
        setattr(self, name, module)

    register_module = add_module

    def _check_name(self, caller: str, name: Any) -> None:
        if not isinstance(name, str) or not name or "." in name:
            raise ArgumentError(
                f"{caller}: a name is a word without dots, received {described(name)}",
                fix="pass a string such as 'weight'",
            )

    # -- its state ----------------------------------------------------------------------------------------------

    def state_dict(self, prefix: str = "", keep_vars: bool = False) -> dict[str, Tensor]:
        """The values of all parameters and persistent buffers by name: a copy, which later training leaves alone.

        Args:
            prefix: what all names begin with.
            keep_vars: True for the parameters and buffers themselves instead of copies.

        Example:
            >>> import zkynet as zk
            >>> {name: t.shape for name, t in zk.nn.Linear(3, 2).state_dict().items()}
            {'weight': (2, 3), 'bias': (2,)}
        """
        from zkynet.nn.state import collect

        return collect(self, prefix, keep_vars)

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadResult:
        """Take over values by name; where anything does not fit, nothing is changed.

        Args:
            state_dict: tensors or arrays of any library by name, as `state_dict` gives them.
            strict: False to leave out names that only one side has.

        Example:
            >>> import zkynet as zk
            >>> a, b = zk.nn.Linear(3, 2), zk.nn.Linear(3, 2)
            >>> b.load_state_dict(a.state_dict())
            LoadResult(missing_keys=[], unexpected_keys=[])
        """
        from zkynet.nn.state import load

        return LoadResult(*load(self, state_dict, strict))

    def train(self, mode: bool = True) -> Self:
        """Set this module and all below it to training (dropout drops, batch norm learns); returns itself.

        Args:
            mode: False for evaluation.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).train().training
            True
        """
        for module in self.modules():
            module.training = bool(mode)
        return self

    def eval(self) -> Self:
        """Set this module and all below it to evaluation; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).eval().training
            False
        """
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Say of all parameters whether they are learned; returns the module.

        Args:
            requires_grad: False to leave them as they are from now on.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).requires_grad_(False).weight.requires_grad
            False
        """
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def freeze(self) -> Self:
        """Stop learning: no parameter collects a gradient from now on; returns the module.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).freeze().weight.requires_grad
            False
        """
        return self.requires_grad_(False)

    def unfreeze(self) -> Self:
        """Learn again; returns the module.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).freeze().unfreeze().weight.requires_grad
            True
        """
        return self.requires_grad_(True)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.Linear(3, 2)
            >>> layer(zk.ones((1, 3))).sum().backward()
            >>> layer.zero_grad()
            >>> layer.weight.grad is None
            True
        """
        for p in self.parameters():
            p.grad = None

    def apply(self, fn: Callable[[Module], Any]) -> Self:
        """Call a function with every module below this one, and then with this one; returns the module.

        Args:
            fn: takes a module; sets its weights, for example.

        Example:
            >>> import zkynet as zk
            >>> model = zk.nn.Sequential(zk.nn.ReLU(), zk.nn.Tanh())
            >>> _ = model.apply(lambda m: print(type(m).__name__))
            ReLU
            Tanh
            Sequential
        """
        if not callable(fn):
            raise ArgumentError(
                f"apply expected a function of a module, received {described(fn)}", fix="pass a function"
            )
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # -- its training -------------------------------------------------------------------------------------------

    def fit(self, x: Any, y: Any = None, *, epochs: int = 1, batch_size: int = 32, **options: Any) -> Any:
        """Train the module on arrays, a dataset or a loader; returns the history.

        It makes a `zk.train.Trainer` and calls its `fit`. If no loss is named, it is the cross-entropy for targets
        that are whole numbers, with the accuracy as a metric, and the mean squared error for all others.

        Args:
            x: the inputs as an array; or, without `y`, a dataset, a `DataLoader` or a tuple of arrays.
            y: the targets as an array, one for each input.
            epochs: how often to go through the data.
            batch_size: how many examples are in a batch, where the data is not in batches yet.
            **options: of `Trainer` (``loss``, ``optimizer``, ``learning_rate``, ``metrics``, ``progress``, ...) and of
                its `fit` (``validation``, ``shuffle``, ``resume``).

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor([[0.0], [1.0], [2.0]])
            >>> history = zk.nn.Linear(1, 1).fit(x, 2 * x, epochs=50, learning_rate=0.1, progress=False)
            >>> history["loss"][0] > history["loss"][-1]
            True
        """
        from zkynet.train import fit_module  # the trainer stands on a higher floor: the one door upwards

        return fit_module(self, x, y, epochs=epochs, batch_size=batch_size, **options)

    # -- how it is shown ----------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """What stands between the brackets when the module is printed: its settings.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).extra_repr()
            'in_features=3, out_features=2, bias=True'
        """
        return ""

    def __repr__(self) -> str:
        settings = self.extra_repr()
        lines = [f"({name}): " + repr(child).replace("\n", "\n  ") for name, child in own_modules(self)]
        head = type(self).__name__
        if not lines:
            return f"{head}({settings})"
        return f"{head}({settings}\n  " + "\n  ".join(lines) + "\n)"

    def __dir__(self) -> list[str]:
        return [name for name in object.__dir__(self) if name != "_held"]
