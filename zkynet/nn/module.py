"""`Module`: layers, models, and what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Self

from zkynet import dtypes as dt
from zkynet._typing import DeviceLike, DTypeLike
from zkynet.errors import ArgumentError, DTypeError, ZkynetError, described
from zkynet.hooks import HookHandle
from zkynet.nn.calling import Hooks, call_hooked, locate, made_at, not_tensors
from zkynet.nn.parameter import Parameter, UninitializedParameter, rebind
from zkynet.nn.tree import join, own_modules, own_parameters
from zkynet.ops.casting import convert
from zkynet.tensor import Tensor

__all__ = ["LoadResult", "Module"]


class Held:
    """What a module keeps about itself, apart from what users assign to it."""

    __slots__ = ("buffers", "hooks", "made_at")

    def __init__(self, where: str) -> None:
        self.buffers: dict[str, bool] = {}  # by name, whether it is saved
        self.hooks: Hooks | None = None
        self.made_at = where


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


class Module:
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

    training: bool
    _held: Held

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

    def children(self) -> Iterator[Module]:
        """The modules directly in this one.

        Example:
            >>> import zkynet as zk
            >>> list(zk.nn.Sequential(zk.nn.ReLU(), zk.nn.ReLU()).children())
            [ReLU(), ReLU()]
        """
        return (module for _, module in self.named_children())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules directly in this one, each once, with their names.

        Example:
            >>> import zkynet as zk
            >>> list(zk.nn.Sequential(zk.nn.ReLU()).named_children())
            [('0', ReLU())]
        """
        seen: set[int] = set()
        for name, module in own_modules(self):
            if id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once.

        Example:
            >>> import zkynet as zk
            >>> [type(m).__name__ for m in zk.nn.Sequential(zk.nn.ReLU()).modules()]
            ['Sequential', 'ReLU']
        """
        return (module for _, module in self.named_modules())

    def named_modules(self, prefix: str = "", remove_duplicate: bool = True) -> Iterator[tuple[str, Module]]:
        """This module and all below it, with their names; its own is `prefix`.

        Args:
            prefix: what all names begin with.
            remove_duplicate: False to yield a module that is held in several places for each of them.

        Example:
            >>> import zkynet as zk
            >>> [name for name, _ in zk.nn.Sequential(zk.nn.ReLU(), zk.nn.Sequential(zk.nn.Tanh())).named_modules()]
            ['', '0', '1', '1.0']
        """
        return self._walk(prefix, set() if remove_duplicate else None, ())

    def _walk(self, prefix: str, seen: set[int] | None, above: tuple[int, ...]) -> Iterator[tuple[str, Module]]:
        if id(self) in above or (seen is not None and id(self) in seen):
            return
        if seen is not None:
            seen.add(id(self))
        yield prefix, self
        for name, module in own_modules(self):
            yield from module._walk(join(prefix, name), seen, (*above, id(self)))

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and of those below it, each once.

        Args:
            recurse: False for this module's own alone.

        Example:
            >>> import zkynet as zk
            >>> [p.shape for p in zk.nn.Linear(3, 2).parameters()]
            [(2, 3), (2,)]
        """
        return (p for _, p in self.named_parameters(recurse=recurse))

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their names; one that is shared by several modules comes once, by its first name.

        Args:
            prefix: what all names begin with.
            recurse: False for this module's own alone.
            remove_duplicate: False to yield a shared parameter for each of its names.

        Example:
            >>> import zkynet as zk
            >>> [name for name, _ in zk.nn.Sequential(zk.nn.Linear(3, 2)).named_parameters()]
            ['0.weight', '0.bias']
        """
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else ((prefix, self),):
            for name, p in own_parameters(module):
                if not (remove_duplicate and id(p) in seen):
                    seen.add(id(p))
                    yield join(path, name), p

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """The buffers of this module and of those below it, each once.

        Args:
            recurse: False for this module's own alone.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.register_buffer("mean", zk.zeros(2))
            >>> list(m.buffers())
            [Tensor([0., 0.])]
        """
        return (b for _, b in self.named_buffers(recurse=recurse))

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Tensor]]:
        """The buffers with their names.

        Args:
            prefix: what all names begin with.
            recurse: False for this module's own alone.
            remove_duplicate: False to yield a shared buffer for each of its names.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.register_buffer("mean", zk.zeros(2))
            >>> list(m.named_buffers())
            [('mean', Tensor([0., 0.]))]
        """
        seen: set[int] = set()
        for path, module in self.named_modules(prefix, remove_duplicate) if recurse else ((prefix, self),):
            for name in module._held.buffers:
                b = module.__dict__.get(name)
                if b is not None and not (remove_duplicate and id(b) in seen):
                    seen.add(id(b))
                    yield join(path, name), b

    def get_submodule(self, target: str) -> Module:
        """The module of a name with dots.

        Args:
            target: the name, as `named_modules` gives it.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Sequential(zk.nn.Sequential(zk.nn.Tanh())).get_submodule("0.0")
            Tanh()
        """
        found = next((m for name, m in self.named_modules(remove_duplicate=False) if name == target), None)
        return found if found is not None else self._nothing("module", target, [n for n, _ in self.named_modules()])

    def get_parameter(self, target: str) -> Parameter:
        """The parameter of a name with dots.

        Args:
            target: the name, as `named_parameters` gives it.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Sequential(zk.nn.Linear(3, 2)).get_parameter("0.bias").shape
            (2,)
        """
        every = dict(self.named_parameters(remove_duplicate=False))
        return every[target] if target in every else self._nothing("parameter", target, list(every))

    def get_buffer(self, target: str) -> Tensor:
        """The buffer of a name with dots.

        Args:
            target: the name, as `named_buffers` gives it.

        Example:
            >>> import zkynet as zk
            >>> m = zk.nn.Module()
            >>> m.register_buffer("mean", zk.zeros(2))
            >>> m.get_buffer("mean")
            Tensor([0., 0.])
        """
        every = dict(self.named_buffers(remove_duplicate=False))
        return every[target] if target in every else self._nothing("buffer", target, list(every))

    def _nothing(self, kind: str, target: Any, have: list[str]) -> Any:
        from difflib import get_close_matches

        near = get_close_matches(str(target), have, 3)
        shown = near or have[:8]
        raise AttributeError(
            f"{type(self).__name__} has no {kind} {target!r}"
            + (f"; it has {', '.join(map(repr, shown))}{', ...' if len(shown) < len(have) else ''}" if shown else "")
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

    def to(self, target: Any = None, *, dtype: DTypeLike = None, device: DeviceLike = None) -> Self:
        """Move all parameters and buffers to another backend or device, or to another floating dtype; returns itself.

        Args:
            target: the name of a backend or device, or a dtype.
            dtype: a dtype for all that are floating.
            device: the device.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).to(zk.float64).weight.dtype
            dtype('float64')
        """
        if target is not None and dtype is None and not isinstance(target, (str, Tensor)):
            target, dtype = None, target
        if isinstance(target, str) and target in _FLOATS:
            target, dtype = None, target
        wanted = None if dtype is None else dt.as_dtype(dtype)
        if wanted is not None and not dt.is_differentiable(wanted):
            raise DTypeError(
                f"{type(self).__name__}.to: parameters are floating, they cannot become {wanted}",
                fix="pass a floating dtype such as zk.float32",
                dtype=wanted,
            )
        every: dict[int, Tensor] = {}
        for module in self.modules():
            every.update((id(t), t) for _, t in own_parameters(module))
            every.update((id(t), t) for name in module._held.buffers if (t := module.__dict__.get(name)) is not None)
        moved: list[tuple[Tensor, Tensor]] = []
        for held in every.values():
            if isinstance(held, UninitializedParameter):
                continue
            kind = wanted if wanted is not None and dt.is_differentiable(held.dtype) else None
            moved.append((held, convert(held.detach(), target, dtype=kind, device=device)))
        like = convert(Tensor(0.0), target, device=device) if target is not None or device is not None else None
        for held in every.values():
            if isinstance(held, UninitializedParameter):
                shape, own, where, learned = held.template
                if like is not None:
                    held.backend, where = like.backend, str(like.device)
                held.template = (shape, own if wanted is None else wanted, where, learned)
        for held, new in moved:
            rebind(held, new)
        return self

    def float(self) -> Self:
        """Make all floating parameters and buffers float32; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).double().float().weight.dtype
            dtype('float32')
        """
        return self.to(dtype="float32")

    def double(self) -> Self:
        """Make all floating parameters and buffers float64; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).double().weight.dtype
            dtype('float64')
        """
        return self.to(dtype="float64")

    def half(self) -> Self:
        """Make all floating parameters and buffers float16; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).half().weight.dtype
            dtype('float16')
        """
        return self.to(dtype="float16")

    def bfloat16(self) -> Self:
        """Make all floating parameters and buffers bfloat16; returns itself.

        Example:
            >>> import zkynet as zk
            >>> str(zk.nn.Linear(3, 2).bfloat16().weight.dtype)
            'bfloat16'
        """
        return self.to(dtype="bfloat16")

    def cpu(self) -> Self:
        """Move all parameters and buffers to the host; returns itself.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Linear(3, 2).cpu().weight.device
            'cpu'
        """
        return self.to("cpu")

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
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # -- hooks --------------------------------------------------------------------------------------------------

    def _hooks(self) -> Hooks:
        if self._held.hooks is None:
            self._held.hooks = Hooks()
        return self._held.hooks

    def register_forward_pre_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> HookHandle:
        """Call a function before every `forward`, with the module and its inputs; what it returns takes their place.

        Args:
            hook: ``hook(module, args)`` returns new arguments (one, or a tuple of them) or None.
            prepend: True to put it before the hooks that are there.
            with_kwargs: True for ``hook(module, args, kwargs)``, which returns both or None.

        Example:
            >>> import zkynet as zk
            >>> layer = zk.nn.ReLU()
            >>> handle = layer.register_forward_pre_hook(lambda module, args: args[0] * -1)
            >>> layer(zk.tensor([1.0, -2.0]))
            Tensor([-0.,  2.])
            >>> handle.remove()
        """
        hooks = self._hooks()
        return hooks.add(hooks.before, (hook, with_kwargs), "register_forward_pre_hook", prepend)

    def register_forward_hook(
        self, hook: Callable[..., Any], *, prepend: bool = False, with_kwargs: bool = False
    ) -> HookHandle:
        """Call a function after every `forward`, with the module, its inputs and output; what it returns replaces it.

        Args:
            hook: ``hook(module, args, output)`` returns another output or None.
            prepend: True to put it before the hooks that are there.
            with_kwargs: True for ``hook(module, args, kwargs, output)``.

        Example:
            >>> import zkynet as zk
            >>> layer, seen = zk.nn.ReLU(), []
            >>> handle = layer.register_forward_hook(lambda module, args, out: seen.append(out))
            >>> _ = layer(zk.tensor([1.0, -2.0])); seen
            [Tensor([1., 0.])]
            >>> handle.remove()
        """
        hooks = self._hooks()
        return hooks.add(hooks.after, (hook, with_kwargs), "register_forward_hook", prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call a function on the way back when the gradients of the module's outputs are there.

        Args:
            hook: ``hook(module, grad_output)`` returns other gradients (a tuple) to use instead, or None.
            prepend: True to put it before the hooks that are there.

        Example:
            >>> import zkynet as zk
            >>> layer, x = zk.nn.ReLU(), zk.tensor([1.0, 2.0], requires_grad=True)
            >>> handle = layer.register_full_backward_pre_hook(lambda module, grads: (grads[0] * 3,))
            >>> layer(x).sum().backward(); x.grad
            Tensor([3., 3.])
        """
        hooks = self._hooks()
        return hooks.add(hooks.backward_before, hook, "register_full_backward_pre_hook", prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> HookHandle:
        """Call a function on the way back when the gradients of the module's inputs are there.

        Args:
            hook: ``hook(module, grad_input, grad_output)`` returns other gradients of the inputs (a tuple), or None.
                Both are tuples; there is None where an input or output has no gradient.
            prepend: True to put it before the hooks that are there.

        Example:
            >>> import zkynet as zk
            >>> layer, x = zk.nn.ReLU(), zk.tensor([1.0, -2.0], requires_grad=True)
            >>> handle = layer.register_full_backward_hook(lambda module, into, out: print(into, out))
            >>> layer(x).sum().backward()
            (Tensor([1., 0.]),) (Tensor([1., 1.]),)
        """
        hooks = self._hooks()
        return hooks.add(hooks.backward, hook, "register_full_backward_hook", prepend)

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


_FLOATS = ("float16", "bfloat16", "float32", "float64", "complex64", "complex128")
