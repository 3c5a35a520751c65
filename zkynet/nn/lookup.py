"""Methods that find what a module holds: modules, parameters, buffers."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from zkynet.nn.held import Holder
from zkynet.nn.parameter import Parameter
from zkynet.nn.tree import join, own_modules, own_parameters
from zkynet.tensor import Tensor

if TYPE_CHECKING:
    from zkynet.nn.module import Module


class Lookup(Holder):
    """Methods that find what a module holds: modules, parameters, buffers."""

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

    def _walk(self: Any, prefix: str, seen: set[int] | None, above: tuple[int, ...]) -> Iterator[tuple[str, Module]]:
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
        near = get_close_matches(str(target), have, 3)
        shown = near or have[:8]
        raise AttributeError(
            f"{type(self).__name__} has no {kind} {target!r}"
            + (f"; it has {', '.join(map(repr, shown))}{', ...' if len(shown) < len(have) else ''}" if shown else "")
        )
