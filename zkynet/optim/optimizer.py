"""`Optimizer`: what all optimisers have in common, with PyTorch's interface."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from zkynet.autodiff.modes import enable_grad, no_grad
from zkynet.backend.updates import Update
from zkynet.capturing import CAPTURE
from zkynet.dtypes import float32
from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.graph import Leaf, next_number
from zkynet.hooks import HookHandle
from zkynet.optim.complex_parameters import on_parts
from zkynet.optim.gradients_in_hand import Gradients
from zkynet.optim.groups import Group, as_groups, called, check_parameter, split_names
from zkynet.optim.half_precision import HALF, in_single_precision
from zkynet.optim.ownership import Claims
from zkynet.optim.saving import loaded, moved, saved
from zkynet.tensor import Tensor, wrap

__all__ = ["Optimizer"]

Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]


class Optimizer:
    """Base of all optimisers: parameters in groups, each with its settings, and what is remembered about each of them.

    A subclass says what to check (`_check`), what to remember about a parameter (`counters`, `_buffers`), and has
    the `_rule` for it, a function of raw arrays.

    Args:
        params: the parameters: tensors, pairs of name and tensor, or dicts ``{"params": [...], "lr": ...}``, each a
            group with settings of its own.
        defaults: the settings of groups that do not say otherwise.

    Example:
        >>> import zkynet as zk
        >>> class Descent(zk.optim.Optimizer):
        ...     def __init__(self, params, lr):
        ...         super().__init__(params, {"lr": lr})
        ...     @staticmethod
        ...     def _rule(xp, g, p, *, lr):
        ...         p -= lr * g
        ...         return (p,)
        >>> w = zk.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = Descent([w], lr=0.5)
        >>> (w * w).sum().backward()
        >>> optimizer.step()
        >>> w
        Tensor([0., 0.], requires_grad=True)
    """

    _rule: Callable[..., tuple[Any, ...]]
    """``_rule(xp, g, p, *buffers, **numbers, **options)`` returns the new ``p`` and buffers, as a tuple."""

    elementwise: bool = True
    """Whether the rule updates each element by itself."""

    counters: tuple[str, ...] = ()
    """The plain numbers remembered about each parameter."""

    def __init__(self, params: Params, defaults: Mapping[str, Any]) -> None:
        self.defaults = dict(defaults)
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[Group] = []
        self._claims = Claims()
        self._gradients = Gradients(type(self).__name__)
        self._before: dict[int, Callable[..., Any]] = {}
        self._after: dict[int, Callable[..., Any]] = {}
        self._steps = 0  # how often step() was called, which schedules want to know
        groups: list[Group] = []
        for group in as_groups(type(self).__name__, params):
            groups.append(self._checked(group, groups))
        self.param_groups = groups

    # -- what an optimiser is made of -----------------------------------------------------------------------------

    def _check(self, group: Mapping[str, Any]) -> None:
        """Refuse settings of a group that cannot be meant."""

    def _variant(self, group: Group, p: Tensor) -> Hashable:
        """What sorts parameters of a group that are not updated alike."""
        return None

    def _buffers(self, group: Group, variant: Any) -> Mapping[str, float]:
        """The arrays remembered about a parameter by name, each with what it is filled with at first."""
        return {}

    def _buffer_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...] | None:
        """The shape of a remembered array for a parameter of a shape; None for any."""
        return shape

    def _started(self, group: Group) -> dict[str, Any]:
        """The counters of a parameter that was not updated yet."""
        return dict.fromkeys(self.counters, 0)

    def _advanced(self, group: Group, counters: dict[str, Any]) -> dict[str, Any]:
        """The counters as they are after the step that is being made."""
        return {name: value + 1 for name, value in counters.items()}

    def _numbers(self, group: Group, counters: dict[str, Any], variant: Any) -> dict[str, Any]:
        """What the rule takes as numbers."""
        return {"lr": group["lr"]}

    def _options(self, group: Group, variant: Any) -> dict[str, Any]:
        """What the rule branches on."""
        return {}

    # -- groups ---------------------------------------------------------------------------------------------------

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Take further parameters, with settings of their own: a layer that is unfrozen later.

        Args:
            param_group: ``{"params": [...]}`` and settings that differ from the defaults.

        Example:
            >>> import zkynet as zk
            >>> a, b = zk.zeros(2, requires_grad=True), zk.zeros(3, requires_grad=True)
            >>> optimizer = zk.optim.SGD([a], lr=0.1)
            >>> optimizer.add_param_group({"params": [b], "lr": 0.01})
            >>> [group["lr"] for group in optimizer.param_groups]
            [0.1, 0.01]
        """
        if not isinstance(param_group, Mapping):
            raise ArgumentError(
                f"a parameter group is a dict, received {described(param_group)}", fix="pass {'params': [...]}"
            )
        self.param_groups.append(self._checked(dict(param_group), self.param_groups))
        self._claims.seen = -1

    def _checked(self, group: Group, before: list[Group]) -> Group:
        """A group with all settings, or an error; nothing is changed."""
        name = type(self).__name__
        if "params" not in group:
            raise ArgumentError(
                f"{name}: a parameter group lacks 'params'",
                facts=[f"it has  {', '.join(map(repr, group))}"],
                fix="write {'params': [...], 'lr': ...}",
            )
        tensors, names = split_names(name, group["params"])
        group = {**self.defaults, **group, "params": tensors}
        if names is not None:
            group["param_names"] = names
        if any(("param_names" in each) != ("param_names" in group) for each in before):
            raise ArgumentError(
                f"{name}: some groups have names of parameters and some have none", fix="pass all of them with names"
            )
        first = sum(len(each["params"]) for each in before)
        if not tensors:
            raise InvalidValueError(
                f"{name} was given a group without parameters",
                fix="pass model.parameters(); a generator that was used once already is empty",
            )
        seen = {id(p): called(each, 0, k) for each in before for k, p in enumerate(each["params"])}
        for k, p in enumerate(tensors):
            what = called(group, first + k, k)
            check_parameter(name, what, p, takes_complex=self.elementwise)
            if id(p) in seen:
                raise InvalidValueError(
                    f"{name}: {what} was passed twice",
                    facts=["it would be updated twice in each step"],
                    fix="pass each parameter once; model.parameters() has tied ones once",
                )
            seen[id(p)] = what
        self._check(group)
        return group

    def _call(self, p: Tensor) -> str:
        """How errors call a parameter."""
        index = 0
        for group in self.param_groups:
            for k, each in enumerate(group["params"]):
                if each is p:
                    return called(group, index + k, k)
            index += len(group["params"])
        return "a parameter"

    # -- steps ----------------------------------------------------------------------------------------------------

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients collected so far.

        Args:
            set_to_none: False fills them with zeros instead, so that parameters out of use are still updated.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(3.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.1)
            >>> (w * w).backward()
            >>> optimizer.zero_grad()
            >>> print(w.grad)
            None
        """
        for group in self.param_groups:
            for p in group["params"]:
                node = p.node
                if node.__class__ is Leaf and node.grad is not None:
                    node.grad = None if set_to_none else wrap(p.backend.xp.zeros_like(p._raw), p.backend, None)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        The new values replace the old ones; a tensor that was detached before, a view and a checkpoint keep theirs.

        Args:
            closure: computes the loss anew (with ``zero_grad`` and ``backward``) and returns it.

        Returns:
            What the closure returned.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(3.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.5)
            >>> (w * w).backward()
            >>> optimizer.step()
            >>> w.item()
            0.0
        """
        if self._before:
            self._run_hooks(self._before, closure)
        loss = self._step(closure)
        self._steps += 1
        if self._after:
            self._run_hooks(self._after, closure)
        return loss

    def _run_hooks(self, hooks: dict[int, Callable[..., Any]], closure: Any) -> None:
        for hook in tuple(hooks.values()):
            hook(self, (closure,) if closure is not None else (), {})

    def _step(self, closure: Callable[[], Any] | None) -> Any:
        """One step, and the closure's loss."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            self._update()
        return loss

    def _update(self) -> None:
        """Update the parameters from their gradients."""
        capture = CAPTURE.get()
        if capture is not None:
            capture.begins(self)
        ready = self._gradients.ready(self.param_groups, self._call)
        params = [p for _, ps in ready for p in ps]
        self._claims.check(self, params, self._call)
        jobs: dict[Any, list[_Job]] = {}
        for group, ps in ready:
            for (backend, *_), job in self._sorted(group, ps).items():
                jobs.setdefault(backend, []).append(job)
        self._claims.take(self, params)
        for backend, each in jobs.items():
            with backend.quiet():
                done = backend.run_updates([job.update for job in each])
            for job, columns in zip(each, done, strict=True):
                job.put_back(columns)
        self._gradients.used(params)

    def _sorted(self, group: Group, params: list[Tensor]) -> dict[Any, _Job]:
        """The parameters of a group by what their update has in common."""
        found: dict[Any, list[Tensor]] = {}
        several: dict[Any, bool] = {}
        states, counters = self.state, self.counters
        varied = type(self)._variant is not Optimizer._variant
        key: Any = None
        for p in params:
            backend, raw = p.backend, p._raw
            if backend not in several:
                several[backend] = len(backend.devices()) > 1
            state = states.get(p)
            if state is None:
                state = states[p] = {}
            variant = self._variant(group, p) if varied else None
            device = backend.device_of(raw) if several[backend] else None
            before = key
            if not counters:
                key = (backend, device, variant, raw.dtype)
            else:
                if counters[0] not in state:
                    state.update({**self._started(group), **state})
                key = (backend, device, variant, raw.dtype, *[state[name] for name in counters])
            if key != before:
                same = found.setdefault(key, [])
            same.append(p)
        return {key: self._job(group, ps, key[2]) for key, ps in found.items()}

    def _job(self, group: Group, params: list[Tensor], variant: Any) -> _Job:
        states = [self.state[p] for p in params]
        buffers = self._buffers(group, variant)
        held = [params]
        for name, start in buffers.items():
            column = [state.get(name) for state in states]
            for i, (p, t) in enumerate(zip(params, column, strict=True)):
                if t is None:
                    column[i] = states[i][name] = self._new_buffer(p, name, start)
                elif t.backend is not p.backend:  # the model was moved
                    column[i] = states[i][name] = moved(t, p)
            held.append(column)  # type: ignore[arg-type]
        old = {name: states[0][name] for name in self.counters}
        counters = self._advanced(group, old)
        numbers = self._numbers(group, counters, variant)
        for name, value in numbers.items():
            if value.__class__ is Tensor:
                numbers[name] = value._raw
        rule, first = type(self)._rule, params[0]
        dtype = first.backend.dtype_of(first._raw)
        options = self._options(group, variant)
        if (capture := CAPTURE.get()) is not None:
            numbers = capture.planned(group, params, states, old, variant, numbers, options, dtype)
        if dtype.itemsize == 2:
            rule = in_single_precision(rule)
        elif dtype.kind == "c":
            rule = on_parts(rule)
        update = Update(
            rule,
            [[p.node.grad._raw for p in params]],  # type: ignore[union-attr]
            [[t._raw for t in column] for column in held],
            numbers,
            options,
            self.elementwise,
        )
        return _Job(update, held, states, counters)

    def _new_buffer(self, p: Tensor, name: str, start: float) -> Tensor:
        backend, raw = p.backend, p._raw
        own = tuple(raw.shape)
        shape = self._buffer_shape(name, own) or own
        dtype = backend.dtype_of(raw)
        if dtype.name in HALF:  # squares of gradients would be lost in 16 bits
            dtype = float32
        value = complex(start, start) if dtype.kind == "c" else start
        if (capture := CAPTURE.get()) is not None:
            with capture.outside():
                return capture.keep(wrap(backend.full(shape, value, dtype), backend, None))
        return wrap(backend.full(shape, value, dtype, backend.device_of(raw)), backend, None)

    # -- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Settings and what is remembered, in PyTorch's layout; parameters stand there as numbers.

        Its tensors keep their values when the optimiser goes on.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(3.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.5, momentum=0.9)
            >>> (w * w).backward()
            >>> optimizer.step()
            >>> optimizer.state_dict()["state"]
            {0: {'momentum_buffer': Tensor(6.)}}
        """
        return saved(self.param_groups, self.state)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over settings and what was remembered, from this class or its namesake in PyTorch.

        What does not fit is refused, and the optimiser stays as it was.

        Args:
            state_dict: what `state_dict` gave; arrays may be of NumPy or of any backend.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(3.0, requires_grad=True)
            >>> optimizer = zk.optim.SGD([w], lr=0.5)
            >>> optimizer.load_state_dict(zk.optim.SGD([w], lr=0.25).state_dict())
            >>> optimizer.param_groups[0]["lr"]
            0.25
        """
        groups, state = loaded(self, state_dict)
        for group in groups:
            self._check(group)
        self.param_groups, self.state = groups, state

    # -- hooks ----------------------------------------------------------------------------------------------------

    def register_step_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have a function called before each step.

        Args:
            hook: takes the optimiser, and the arguments of `step` as a tuple and a dict.

        Example:
            >>> import zkynet as zk
            >>> optimizer = zk.optim.SGD([zk.ones(1, requires_grad=True)], lr=0.1)
            >>> handle = optimizer.register_step_pre_hook(lambda optimizer, args, kwargs: print("soon"))
            >>> _ = optimizer.step(lambda: optimizer.param_groups[0]["params"][0].sum().backward())
            soon
            >>> handle.remove()
        """
        return _register(self._before, hook)

    def register_step_post_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Have a function called after each step.

        Args:
            hook: takes the optimiser, and the arguments of `step` as a tuple and a dict.

        Example:
            >>> import zkynet as zk
            >>> optimizer = zk.optim.SGD([zk.ones(1, requires_grad=True)], lr=0.1)
            >>> handle = optimizer.register_step_post_hook(lambda optimizer, args, kwargs: print("done"))
            >>> _ = optimizer.step(lambda: optimizer.param_groups[0]["params"][0].sum().backward())
            done
            >>> handle.remove()
        """
        return _register(self._after, hook)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for i, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {i}")
            lines += [f"    {key}: {group[key]}" for key in sorted(group) if key not in ("params", "param_names")]
        return "\n".join([*lines, ")"])


class _Job:
    """An update, and where its results go."""

    __slots__ = ("counters", "held", "states", "update")

    def __init__(
        self, update: Update, held: list[list[Tensor]], states: list[dict[str, Any]], counters: dict[str, Any]
    ) -> None:
        self.update = update
        self.held = held
        self.states = states
        self.counters = counters

    def put_back(self, columns: list[list[Any]]) -> None:
        number = next_number()
        for p in self.held[0]:
            p.node.changed = number  # type: ignore[union-attr]  # a graph that has saved the old value refuses
        for tensors, arrays in zip(self.held, columns, strict=True):
            for t, raw in zip(tensors, arrays, strict=True):
                t._raw = raw
        if self.counters:
            for state in self.states:
                state.update(self.counters)


def _register(hooks: dict[int, Callable[..., Any]], hook: Callable[..., Any]) -> HookHandle:
    if not callable(hook):
        raise ArgumentError(f"a hook of an optimiser is a function, received {described(hook)}", fix="pass a function")
    key = next_number()
    hooks[key] = hook
    return HookHandle(hooks, key)


def descent_direction(g: Any, p: Any, maximize: bool, decays: bool, weight_decay: Any) -> Any:
    """The gradient to go down along: turned round to maximise, and with that of the penalty on large weights."""
    if maximize:
        g = -g
    return g + weight_decay * p if decays else g
