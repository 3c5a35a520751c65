"""`Op`: a body, its gradient rules, and how it is run and recorded. Made by the decorator in `zkynet.ops.define`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from zkynet.errors import ArgumentError, GradientError
from zkynet.graph import RECORD, WATCH, Node, Output, Recording, new_node
from zkynet.ops.arguments import PLAIN
from zkynet.tensor import Tensor

Rule = tuple[int, Callable[..., Any] | None, int | None, tuple[int, ...] | None]
"""Of which input, the function, and where in `saved` stand the first and the other values it names."""

Group = tuple[tuple[int, ...], Callable[..., Any] | None, tuple[int, ...], int | None, int | None]
"""Of which inputs, the function, where in `saved` stand the values it names, and where among these it wants to know
which inputs need a gradient, and which results one has come for."""

OPS: dict[str, Op] = {}
"""Every op by its name, ``linalg.solve`` for one in a sub-namespace."""

KINDS: dict[str, tuple[tuple[int, ...], bool]] = {
    # name: (kinds of dtype that are taken: 0 bool, 1 integer, 2 float, 3 complex; are the others made float first?)
    "any": ((0, 1, 2, 3), False),
    "number": ((1, 2, 3), False),
    "real": ((0, 1, 2), False),
    "real number": ((1, 2), False),
    "float": ((2, 3), True),
    "wide float": ((2, 3), True),  # 16-bit floats are made float32 first, and so is the result
    "real float": ((2,), True),
    "wide real float": ((2,), True),
    "integer": ((0, 1), False),
    "whole": ((1,), False),
    "bool": ((0,), False),
    "complex": ((3,), False),
}


FLOATING: set[Any] = set()
"""Backends' own names of floating dtypes, as far as they have been met: what a Python number adapts to."""


def _no_gradient(xp: Any, g: Any) -> None:
    """The rule of an input that has none: nothing flows to it."""


class Op:
    """An op's body, rules and dtype policy; `call` is the function that users see."""

    def __init__(
        self,
        body: Callable[..., Any],
        name: str,
        kinds: str = "any",
        promote: bool = True,
        differentiable: bool = True,
        elementwise: bool = False,
    ) -> None:
        code = body.__code__
        self.name = name
        self.body = body
        self.kinds = kinds
        self.promote = promote
        self.differentiable = differentiable
        self.elementwise = elementwise
        self.params: tuple[str, ...] = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        self.index = {p: i for i, p in enumerate(self.params)}
        n_positional = code.co_argcount - 1
        defaults = body.__defaults__ or ()
        self.required = n_positional - len(defaults)
        self.defaults: tuple[Any, ...] = (None,) * self.required + defaults
        notes = body.__annotations__
        said = [_annotation(notes.get(p)) for p in self.params]
        array = [i for i, text in enumerate(said) if text.startswith("Array")]
        listed = [i for i, text in enumerate(said) if text.startswith("Sequence[Array")]
        self.sequence: int | None = listed[0] if listed else None
        self.inputs: tuple[int, ...] = tuple(array)
        self.optional = {i for i in array if "None" in said[i]}
        self.plain = [(i, *PLAIN[text]) for i, text in enumerate(said) if text in PLAIN and self.params[i] != "axis"]
        if listed and (array or len(listed) > 1):
            raise TypeError(f"op {name}: a list of arrays must be the only array input")
        self.rules: list[Rule] = [(i, _no_gradient, None, None) for i in range(len(array))]
        self.groups: list[Group] = []
        self.several = several = _annotation(notes.get("return")).startswith("tuple")
        self.names_shape = False  # whether a rule wants the shape of an input
        self.simple = not several  # each input has a rule of its own and there is one result
        self.fast = not listed and not several and len(array) == len(self.params) in (1, 2)
        self.result: Callable[..., Any] | None = None
        self.compute: dict[Any, Callable[..., Any]] = {}  # by backend, once used: what computes on raw arrays
        self.accepts: set[Any] = set()
        self._keep: dict[Any, tuple[bool, ...]] = {}
        self._named: dict[int, set[int]] = {}
        self.call: Callable[..., Any] = lambda *_: None

    # -- rules --------------------------------------------------------------------------------------------------

    def add_rule(self, names: tuple[str, ...], rule: Callable[..., Any] | None) -> None:
        """Register `rule` as the gradient of one input, or of several that share their work."""
        assert rule is not None
        code = rule.__code__
        wants = code.co_varnames[2 : code.co_argcount]
        ans, shapes = len(self.params), len(self.params) + 1
        places: list[int] = []
        needs_at = reached_at = None
        for k, want in enumerate(wants):
            if want == "ans":
                places.append(ans)
            elif want == "shapes" and self.sequence is not None:
                places.append(shapes)
            elif want in self.index:
                places.append(self.index[want])
            elif want == "needs" and (len(names) > 1 or self.sequence is not None):
                needs_at = k
                places.append(-1)
            elif want == "reached" and self.several:
                reached_at = k
                places.append(-1)
            elif want.endswith("_shape") and self.sequence is None and want[:-6] in names:
                self.names_shape = True
                places.append(shapes + self._slot(want[:-6]))
            else:
                raise TypeError(f"rule of {self.name}: no input, argument or result is called {want!r}")
        slots = [self._slot(n) for n in names]
        for s in slots:
            self._named.setdefault(s, set()).update(p for p in places if p >= 0)
        if code.co_code == _PASS_ON and len(names) == 1 and self.sequence is None:
            rule = None  # the cotangent goes on as it is
        self.groups.append((tuple(slots), rule, tuple(places), needs_at, reached_at))
        if len(names) == 1 and self.sequence is None:
            self.rules[slots[0]] = (slots[0], rule, places[0] if places else None, tuple(places[1:]) or None)
        else:
            self.simple = False
        self._keep.clear()

    def _slot(self, name: str) -> int:
        """The position of an input among the array inputs."""
        if self.sequence is not None:
            return 0
        if self.index.get(name) not in self.inputs:
            inputs = ", ".join(self.params[i] for i in self.inputs) or "none (annotate them with Array)"
            raise TypeError(
                f"op {self.name} has no array input {name!r} to give a gradient rule for; its inputs: {inputs}"
            )
        return self.inputs.index(self.index[name])

    def has_rule(self) -> bool:
        """Whether any input has a gradient."""
        return bool(self.groups)

    def pull(self, xp: Any, node: Node, g: Any, saved: Any, needs: list[bool]) -> Any:
        """The gradients of a node's inputs by the general way: yields pairs of a position and a gradient."""
        reached: tuple[bool, ...] = ()
        if isinstance(g, list):  # several results: those that nobody used have a gradient of zero
            reached = tuple([part is not None for part in g])
            g = self._fill(node, g, xp)
        for slots, rule, places, needs_at, reached_at in self.groups:
            if self.sequence is None and not any(needs[s] for s in slots):
                continue
            args = [saved[p] for p in places]
            mine = tuple(needs) if self.sequence is not None else tuple(needs[s] for s in slots)
            if needs_at is not None:
                args[needs_at] = mine
            if reached_at is not None:
                args[reached_at] = reached
            parts = g if rule is None else rule(xp, g, *args)
            if self.sequence is not None:
                yield from ((i, part) for i, part in enumerate(parts) if needs[i])
            elif len(slots) == 1:
                yield slots[0], parts
            else:
                yield from ((s, part) for s, part, need in zip(slots, parts, mine, strict=True) if need)

    def _fill(self, node: Node, parts: list[Any], xp: Any) -> tuple[Any, ...]:
        have = next(p for p in parts if p is not None)
        recording = xp is Recording.namespace
        backend = node.backend
        device = backend.device_of(have._raw if recording else have)
        out = []
        for part, (shape, dtype) in zip(parts, node.shape, strict=True):
            if part is None and dtype is not None:
                part = backend.xp.broadcast_to(backend.full((), 0, dtype, device), shape)  # takes no memory
                part = Recording.wrap(part, backend, None) if recording else part
            out.append(part)
        return tuple(out)

    def keep(self, needs: Any) -> tuple[bool, ...]:
        """Which parameters, and the result last, have to be kept when the inputs in `needs` want gradients."""
        found = self._keep.get(needs)
        if found is None:
            named: set[int] = set()
            for slot, wanted in enumerate(needs):
                if wanted:
                    named |= self._named.get(0 if self.sequence is not None else slot, set())
            arrays = {self.sequence} if self.sequence is not None else set(self.inputs)
            n = len(self.params)
            found = self._keep[needs] = (*(i not in arrays or i in named for i in range(n)), n in named)
        return found

    def saved_position(self, i: int) -> int:
        """Where the value of array input `i` stands in a node's `saved`."""
        return self.sequence if self.sequence is not None else self.inputs[i]

    def input_name(self, i: int) -> str:
        """The user's name for array input `i`."""
        if self.sequence is not None:
            return f"{self.params[self.sequence]}[{i}]"
        return self.params[self.inputs[i]]

    def rewrap(self, node: Node) -> list[Any]:
        """A node's saved values with raw arrays made tensors that hang in the graph again."""
        saved = list(node.saved)
        wrap, backend = Recording.wrap, node.backend
        if self.sequence is not None:
            kept = saved[self.sequence]
            if kept is not None:
                saved[self.sequence] = [wrap(r, backend, p) for r, p in zip(kept, node.parents, strict=True)]
        else:
            for slot, i in enumerate(self.inputs):
                if saved[i] is not None and hasattr(saved[i], "shape"):
                    saved[i] = wrap(saved[i], backend, node.parents[slot])
        ans = len(self.params)
        if saved[ans] is not None:
            saved[ans] = self.wrap_result(node, saved[ans])
        return saved

    def wrap_result(self, node: Node, ans: Any) -> Any:
        """The saved result as tensors of `node`."""
        if not isinstance(ans, tuple):
            return Recording.wrap(ans, node.backend, node)
        return tuple(
            Recording.wrap(a, node.backend, None if d is None else Output(node, k, s))
            for k, (a, (s, d)) in enumerate(zip(ans, node.shape, strict=True))
        )

    # -- running ------------------------------------------------------------------------------------------------

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """All arguments in the order of the parameters."""
        n = len(args)
        if n > len(self.params):
            raise self._wrong_call(f"takes {len(self.params)} arguments, received {n}")
        values = [*args, *self.defaults[n:]]
        for key, value in kwargs.items():
            at = self.index.get(key)
            if at is None:
                raise self._wrong_call(f"has no argument {key!r}")
            if at < n:
                raise self._wrong_call(f"received {key!r} twice")
            values[at] = value
        if n < self.required:
            for p in self.params[n : self.required]:
                if p not in kwargs:
                    raise self._wrong_call(f"needs the argument {p!r}")
        if self.plain and (n > 1 or kwargs):
            for i, kind, check in self.plain:
                if type(values[i]) is not kind:
                    values[i] = check(self.name, self.params[i], values[i])
        return values

    def _wrong_call(self, what: str) -> ArgumentError:
        known = ", ".join(self.params)
        return ArgumentError(f"{self.name} {what}", fix=f"its arguments are {known}", op=self.name)

    def run(self, values: list[Any]) -> Any:
        """Compute and record, whatever the arguments: the general way, behind the fast ones."""
        from zkynet.ops.prepare import prepare

        return self.run_prepared(*prepare(self, values))

    def run_prepared(self, backend: Any, values: list[Any]) -> Any:
        """Compute and record on arguments whose backend and dtypes are settled."""
        raws = list(values)
        nodes: list[Any]
        if self.sequence is not None:
            listed = values[self.sequence]
            nodes = [t.node for t in listed]
            raws[self.sequence] = tuple(t._raw for t in listed)
        else:
            nodes = []
            for i in self.inputs:
                v = values[i]
                if isinstance(v, Tensor):
                    raws[i] = v._raw
                    nodes.append(v.node)
                else:
                    nodes.append(None)
        try:
            ans = (self.compute.get(backend) or self.resolve(backend))(*raws)
        except Exception as e:
            raise self.explain(e, backend, raws) from e
        wanted = any(n is not None for n in nodes) and RECORD.get()
        node = None
        if wanted and self.differentiable:
            needs = tuple(n is not None for n in nodes)
            saved = [(r if k else None) for r, k in zip((*raws, ans), self.keep(needs), strict=True)]
            if self.sequence is not None:
                saved.append(tuple(r.shape for r in raws[self.sequence]))
            else:
                saved.extend(getattr(raws[i], "shape", ()) for i in self.inputs)
            node = new_node(self, tuple(nodes), saved, None, backend)
        out = self._wrap(backend, ans, node)
        if wanted and node is None:
            for t in out if isinstance(out, tuple) else (out,):
                t._cut = self.name
        watch = WATCH.get()
        if watch is not None:
            watch.after_op(self, backend, raws, ans, node)
        return out

    def _wrap(self, backend: Any, ans: Any, node: Node | None) -> Any:
        wrap = Recording.wrap
        if not isinstance(ans, (tuple, list)):
            if node is not None:
                node.shape = ans.shape
            return wrap(ans, backend, node)
        if node is None:
            outs = [wrap(a, backend, None) for a in ans]
        else:
            from zkynet.dtypes import is_differentiable

            dtypes = [backend.dtype_of(a) for a in ans]
            node.shape = tuple((a.shape, d if is_differentiable(d) else None) for a, d in zip(ans, dtypes, strict=True))
            outs = [
                wrap(a, backend, None if d is None else Output(node, k, s))
                for k, (a, (s, d)) in enumerate(zip(ans, node.shape, strict=True))
            ]
            for t in outs:
                if t.node is None:
                    t._cut = self.name
        return tuple(outs) if self.result is None else self.result(*outs)

    def resolve(self, backend: Any) -> Callable[..., Any]:
        """What computes this op on raw arrays of `backend`: its kernel, or the body with the namespace put in."""
        if "." in self.name:
            getattr(backend.xp, self.name.partition(".")[0])  # which loads the kernels of the sub-namespace
        kernel = backend.kernels.get(self.name)
        if kernel is None and (direct := _handed_on(self.body)) is not None:
            found = getattr(backend.xp, direct)
        else:
            found = functools.partial(kernel or self.body, backend.xp)
        found = self.compute[backend] = backend.silenced(found, self.name)
        return found

    def explain(self, error: Exception, backend: Any, raws: list[Any]) -> Exception:
        """Our error for what a backend refused, in the same words on every backend."""
        from zkynet.ops.explain import explain

        return explain(self, error, backend, raws)

    def no_gradient(self) -> GradientError:
        """The error for a result that has no gradient."""
        return GradientError(
            f"{self.name} has no gradient: small changes of its input do not change its result, or jump",
            fix="take the gradient of something that depends smoothly on the input, or detach() it on purpose",
            op=self.name,
        )

    def __repr__(self) -> str:
        return f"<op {self.name}({', '.join(self.params)})>"


def _annotation(note: Any) -> str:
    """An annotation as text, whether or not annotations are strings in the module it stands in."""
    text = note if isinstance(note, str) else note.__name__ if isinstance(note, type) else str(note)
    return text.strip("'\"").replace("zkynet._typing.", "").replace("collections.abc.", "").replace("typing.", "")


_PASS_ON = (lambda xp, g: g).__code__.co_code
_HAND_ON: dict[int, bytes] = {
    1: (lambda xp, x: xp.f(x)).__code__.co_code,
    2: (lambda xp, x, y: xp.f(x, y)).__code__.co_code,
}


def _handed_on(body: Callable[..., Any]) -> str | None:
    """The name `f` if all the body does is ``return xp.f(x)`` or ``return xp.f(x, y)``; saves a call for each op."""
    code = body.__code__
    if code.co_code == _HAND_ON.get(code.co_argcount - 1) and len(code.co_names) == 1:
        return code.co_names[0]
    return None
