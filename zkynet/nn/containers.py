"""Modules that hold modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from zkynet.errors import ArgumentError, IndexOutOfRangeError, described
from zkynet.nn.module import Module
from zkynet.nn.parameter import Parameter
from zkynet.ops.arguments import whole
from zkynet.tensor import Tensor

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]

M = TypeVar("M", bound=Module)


def _checked(container: str, value: Any, kind: type = Module) -> Any:
    if kind is Parameter and isinstance(value, Tensor) and not isinstance(value, Parameter):
        return Parameter(value)
    if not isinstance(value, kind):
        word = "modules" if kind is Module else "parameters"
        raise ArgumentError(f"{container} holds {word}, received {described(value)}", fix=f"pass {word}")
    return value


class _Numbered(Module):
    """A list of modules or parameters under the names 0, 1, 2, ..."""

    _kind: type = Module

    def _items(self) -> list[Any]:
        return [value for name, value in self.__dict__.items() if name.isdigit()]

    def _put(self, items: list[Any]) -> None:
        for name in [name for name in self.__dict__ if name.isdigit()]:
            del self.__dict__[name]
        for i, item in enumerate(items):
            self.__dict__[str(i)] = item

    def _place(self, index: Any) -> int:
        i, n = whole(type(self).__name__, "index", index), len(self)
        if not -n <= i < n:
            raise IndexOutOfRangeError(
                f"{type(self).__name__} has {n} {'entry' if n == 1 else 'entries'}, there is none of index {i}",
                fix=f"use an index from {-n} to {n - 1}" if n else "append something first",
            )
        return i % n

    def __len__(self) -> int:
        return len(self._items())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items())

    def __contains__(self, item: object) -> bool:
        return any(item is each for each in self._items())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            out = type(self)()
            out._put(self._items()[index])
            return out
        return self.__dict__[str(self._place(index))]

    def __setitem__(self, index: int, item: Any) -> None:
        self.__dict__[str(self._place(index))] = _checked(type(self).__name__, item, self._kind)

    def __delitem__(self, index: Any) -> None:
        items = self._items()
        del items[index if isinstance(index, slice) else self._place(index)]
        self._put(items)

    def append(self, item: Any) -> Any:
        """Add one at the end; returns the container.

        Args:
            item: what to add.

        Example:
            >>> import zkynet as zk
            >>> len(zk.nn.Sequential(zk.nn.ReLU()).append(zk.nn.Tanh()))
            2
        """
        self.__dict__[str(len(self))] = _checked(type(self).__name__, item, self._kind)
        return self

    def extend(self, items: Iterable[Any]) -> Any:
        """Add several at the end; returns the container.

        Args:
            items: what to add.

        Example:
            >>> import zkynet as zk
            >>> len(zk.nn.Sequential(zk.nn.ReLU()).extend([zk.nn.Tanh(), zk.nn.Tanh()]))
            3
        """
        if isinstance(items, (str, bytes, Tensor)) or not isinstance(items, Iterable):
            raise ArgumentError(f"{type(self).__name__} expected a list, received {described(items)}")
        self._put(self._items() + [_checked(type(self).__name__, item, self._kind) for item in items])
        return self

    def insert(self, index: int, item: Any) -> Any:
        """Add one before the place `index`; returns the container.

        Args:
            index: the place.
            item: what to add.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Sequential(zk.nn.ReLU()).insert(0, zk.nn.Tanh())[0]
            Tanh()
        """
        items = self._items()
        items.insert(whole(type(self).__name__, "index", index), _checked(type(self).__name__, item, self._kind))
        self._put(items)
        return self

    def pop(self, index: int = -1) -> Any:
        """Take one out and return it.

        Args:
            index: which one.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Sequential(zk.nn.ReLU(), zk.nn.Tanh()).pop(0)
            ReLU()
        """
        items = self._items()
        item = items.pop(self._place(index))
        self._put(items)
        return item


class Sequential(_Numbered):
    """Modules one after the other: each is called with what the one before it gave.

    Args:
        *modules: the modules in order, or one dict of them by name.

    Example:
        >>> import zkynet as zk
        >>> model = zk.nn.Sequential(zk.nn.Linear(4, 8), zk.nn.ReLU(), zk.nn.Linear(8, 3))
        >>> model(zk.ones((2, 4))).shape
        (2, 3)
        >>> model[:2]
        Sequential(
          (0): Linear(in_features=4, out_features=8, bias=True)
          (1): ReLU()
        )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, _checked("Sequential", module))
            return
        if len(modules) == 1 and isinstance(modules[0], (list, tuple)):
            raise ArgumentError(
                "Sequential takes modules, not a list of them", fix="unpack the list: Sequential(*list)"
            )
        self._put([_checked("Sequential", module) for module in modules])

    def _items(self) -> list[Any]:
        return [value for value in self.__dict__.values() if isinstance(value, Module)]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            out = Sequential()
            names = [name for name, value in self.__dict__.items() if isinstance(value, Module)][index]
            out.__dict__.update({name: self.__dict__[name] for name in names})
            if all(name.isdigit() for name in names):
                out._put([self.__dict__[name] for name in names])
            return out
        return self._items()[self._place(index)]

    def __setitem__(self, index: int, item: Any) -> None:
        names = [name for name, value in self.__dict__.items() if isinstance(value, Module)]
        self.__dict__[names[self._place(index)]] = _checked("Sequential", item)

    def forward(self, input: Any) -> Any:
        """Call the modules one after the other.

        Args:
            input: what the first of them takes.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.Sequential(zk.nn.ReLU(), zk.nn.Flatten()).forward(zk.ones((2, 3, 4))).shape
            (2, 12)
        """
        for module in self._items():
            input = module(input)
        return input


class ModuleList(_Numbered):
    """A list of modules, each under its number.

    Args:
        modules: the modules.

    Example:
        >>> import zkynet as zk
        >>> layers = zk.nn.ModuleList([zk.nn.Linear(4, 4) for _ in range(3)])
        >>> len(layers), [name for name, _ in layers[:1].named_parameters()]
        (3, ['0.weight', '0.bias'])
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, other: Iterable[Module]) -> ModuleList:
        self.extend(other)
        return self


class ParameterList(_Numbered):
    """A list of parameters, each under its number; tensors become parameters.

    Args:
        values: the parameters.

    Example:
        >>> import zkynet as zk
        >>> [name for name, _ in zk.nn.ParameterList([zk.ones(2), zk.ones(3)]).named_parameters()]
        ['0', '1']
    """

    _kind = Parameter

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.extend(values)

    def __repr__(self) -> str:
        lines = [f"({i}): {tuple(p.shape)} {p.dtype}" for i, p in enumerate(self)]
        return "ParameterList(\n  " + "\n  ".join(lines) + "\n)" if lines else "ParameterList()"


class _Named(Module):
    """A dict of modules or parameters under names of one's own."""

    _kind: type = Module

    def _entries(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if isinstance(value, self._kind)}

    def __len__(self) -> int:
        return len(self._entries())

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries())

    def __contains__(self, name: object) -> bool:
        return name in self._entries()

    def __getitem__(self, name: str) -> Any:
        found = self._entries()
        if name not in found:
            raise KeyError(f"{type(self).__name__} has no entry {name!r}; it has {', '.join(map(repr, found))}")
        return found[name]

    def __setitem__(self, name: str, item: Any) -> None:
        self._check_name(type(self).__name__, name)
        if name not in self._entries() and hasattr(self, name):
            raise ArgumentError(
                f"{type(self).__name__}: {name!r} is the name of one of its own attributes", fix="choose another name"
            )
        self.__dict__[name] = _checked(type(self).__name__, item, self._kind)

    def __delitem__(self, name: str) -> None:
        self[name]
        del self.__dict__[name]

    def keys(self) -> Iterable[str]:
        """The names.

        Example:
            >>> import zkynet as zk
            >>> list(zk.nn.ModuleDict({"a": zk.nn.ReLU()}).keys())
            ['a']
        """
        return self._entries().keys()

    def values(self) -> Iterable[Any]:
        """What it holds.

        Example:
            >>> import zkynet as zk
            >>> list(zk.nn.ModuleDict({"a": zk.nn.ReLU()}).values())
            [ReLU()]
        """
        return self._entries().values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """What it holds, with the names.

        Example:
            >>> import zkynet as zk
            >>> list(zk.nn.ModuleDict({"a": zk.nn.ReLU()}).items())
            [('a', ReLU())]
        """
        return self._entries().items()

    def pop(self, name: str) -> Any:
        """Take one out and return it.

        Args:
            name: which one.

        Example:
            >>> import zkynet as zk
            >>> zk.nn.ModuleDict({"a": zk.nn.ReLU()}).pop("a")
            ReLU()
        """
        item = self[name]
        del self.__dict__[name]
        return item

    def update(self, entries: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Add several, in place of those of the same names.

        Args:
            entries: a dict, or pairs of names and values.

        Example:
            >>> import zkynet as zk
            >>> d = zk.nn.ModuleDict()
            >>> d.update({"a": zk.nn.ReLU()}); len(d)
            1
        """
        try:
            pairs = dict(entries)
        except (TypeError, ValueError):
            raise ArgumentError(
                f"{type(self).__name__} expected a dict, received {described(entries)}", fix="pass a dict by name"
            ) from None
        for name, item in pairs.items():
            self[name] = item


class ModuleDict(_Named):
    """A dict of modules.

    Args:
        modules: the modules by name.

    Example:
        >>> import zkynet as zk
        >>> heads = zk.nn.ModuleDict({"age": zk.nn.Linear(8, 1), "name": zk.nn.Linear(8, 26)})
        >>> heads["age"](zk.ones((2, 8))).shape
        (2, 1)
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)


class ParameterDict(_Named):
    """A dict of parameters; tensors become parameters.

    Args:
        parameters: the parameters by name.

    Example:
        >>> import zkynet as zk
        >>> [name for name, _ in zk.nn.ParameterDict({"w": zk.ones(2)}).named_parameters()]
        ['w']
    """

    _kind = Parameter

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self.update(parameters)

    def __repr__(self) -> str:
        lines = [f"({name}): {tuple(p.shape)} {p.dtype}" for name, p in self.items()]
        return "ParameterDict(\n  " + "\n  ".join(lines) + "\n)" if lines else "ParameterDict()"
