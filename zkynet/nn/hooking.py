"""Methods that hang hooks on a module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zkynet.hooks import HookHandle
from zkynet.nn.calling import Hooks
from zkynet.nn.held import Holder


class Hooking(Holder):
    """Methods that hang hooks on a module."""

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
            Tensor([0., 2.])
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
