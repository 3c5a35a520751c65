"""Mistakes: which exception answers them, in which words, and that the words are the same on every backend."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import errors
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError, ZkynetError, described

BUILTINS = {
    "ShapeError": ValueError,
    "AxisError": (ValueError, IndexError),
    "IndexShapeError": IndexError,
    "IndexOutOfRangeError": IndexError,
    "DTypeError": TypeError,
    "ArgumentError": TypeError,
    "InvalidValueError": ValueError,
    "DeviceError": ValueError,
    "BackendError": RuntimeError,
    "UnknownBackendError": LookupError,
    "BackendUnavailableError": ImportError,
    "BackendMismatchError": AssertionError,
    "FileFormatError": ValueError,
    "MissingFileError": OSError,
    "DiskFullError": OSError,
    "DownloadError": ConnectionError,
    "GradientError": RuntimeError,
    "StateDictError": RuntimeError,
    "WorkerError": RuntimeError,
    "GradcheckError": AssertionError,
    "NonFiniteError": ArithmeticError,
    "LinAlgError": ValueError,
    "UnsizedError": (ValueError, TypeError),
    "ScheduleOrderError": RuntimeError,
    "TracedValueError": TypeError,
}


def test_every_error_is_also_the_builtin_that_a_user_would_catch() -> None:
    found = {n: c for n, c in vars(errors).items() if inspect.isclass(c) and issubclass(c, ZkynetError)}
    assert set(found) == {"ZkynetError", *BUILTINS}
    for name, builtin in BUILTINS.items():
        for one in builtin if isinstance(builtin, tuple) else (builtin,):
            assert issubclass(found[name], one), name


X = np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 4.0]], dtype="float32")


class Odd:
    def __repr__(self) -> str:
        return "<Odd>"


WRONG: list[Callable[[], Any]] = [
    lambda: None,
    lambda: "abc",
    lambda: b"xy",
    Odd,
    lambda: [[1, 2], [3]],
    lambda: 1.5,
    lambda: -7,
    lambda: 7,
    lambda: 10**30,
    lambda: (0, 0),
    dict,
    lambda: {1},
    lambda: float("nan"),
    lambda: 2j,
    list,
    tuple,
    lambda: [1.0, None],
    lambda: (1.5, 0),
    lambda: ["a", "b"],
    lambda: np.array(["a", "b"]),
    lambda: np.array("2020-01-01", "datetime64[D]"),
    lambda: len,
    lambda: int,
    lambda: True,
    lambda: ...,
    lambda: slice(0, 2),
    lambda: zk.ones(5),
    lambda: zk.asarray(np.float32(2)),
    lambda: zk.ones((0, 3)),
    lambda: zk.asarray(X > 1),
    lambda: zk.asarray(np.arange(9).reshape(3, 3)),
    lambda: zk.ones((3, 3), dtype="complex64"),
    lambda: zk.ones((2, 3, 3, 3)),
    lambda: [zk.ones((3, 3)), zk.ones((2, 2))],
    lambda: [zk.ones((3, 3)), "a"],
]

GOOD: dict[str, Callable[[], Any]] = {
    "indices": lambda: zk.asarray(np.array([[0, 1, 2], [2, 1, 0], [0, 0, 0]])),
    "mask": lambda: zk.asarray(X > 1),
    "condition": lambda: zk.asarray(X > 1),
    "arrays": lambda: [zk.asarray(X), zk.asarray(X)],
    "shape": lambda: (3, 3),
    "axis": lambda: 0,
    "axes": lambda: (0, 1),
    "dtype": lambda: "float32",
    "repeats": lambda: 2,
    "repetitions": lambda: 2,
    "n": lambda: 2,
    "k": lambda: 2,
    "n_rows": lambda: 2,
    "n_cols": lambda: 3,
    "num": lambda: 3,
    "start": lambda: 0,
    "stop": lambda: 3,
    "fill_value": lambda: 1.0,
    "shift": lambda: 1,
    "sizes": lambda: 3,
    "size": lambda: 2,
    "q": lambda: 0.5,
    "widths": lambda: 1,
    "source": lambda: 0,
    "destination": lambda: 1,
    "a": lambda: 0,
    "b": lambda: 1,
    "equation": lambda: "ij->ji",
    "kind": lambda: "integral",
    "upper": lambda: True,
    "device": lambda: "cpu",
    "threshold": lambda: 0.5,
    "value": lambda: 0.5,
    "obj": lambda: [1.0, 2.0],
    "data": lambda: [1.0, 2.0],
}
"""What a parameter of a name takes; `X` for all others."""

NOT_HERE = {
    "array_namespace",
    "backend_names",
    "backends",
    "checkpoint",
    "custom_gradient",
    "debug_nans",
    "device",
    "enable_grad",
    "get_backend",
    "grad",
    "gradcheck",
    "hessian",
    "hvp",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "no_grad",
    "register_backend",
    "set_backend",
    "transfer",
    "use_backend",
    "value_and_grad",
    "vjp",
}
"""What takes functions (whose own errors pass through) or chooses backends, and has tests of its own."""

FLAGS = {"keepdims", "copy", "density", "endpoint", "equal_nan", "requires_grad"}
"""Truth values, which Python asks of whatever it is given."""


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    seen: set[int] = set()
    for prefix, space in (("", zk), ("linalg.", zk.linalg), ("fft.", zk.fft), ("special.", zk.special)):
        for name in sorted(vars(space)):
            f = getattr(space, name)
            if not name.startswith("_") and inspect.isroutine(f) and id(f) not in seen and name not in NOT_HERE:
                seen.add(id(f))
                yield prefix + name, f


FUNCTIONS = dict(functions())


def calls(f: Callable[..., Any]) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Calls of `f` with one argument wrong."""
    parameters = list(inspect.signature(f).parameters.values())
    for wrong in parameters:
        if wrong.name in FLAGS:
            continue
        for i, make in enumerate(WRONG):

            def call(wrong: inspect.Parameter = wrong, make: Callable[[], Any] = make) -> Any:
                args, kwargs = [], {}
                for p in parameters:
                    value = make if p is wrong else GOOD.get(p.name, lambda: zk.asarray(X))
                    if p is not wrong and (p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)):
                        continue
                    if p.kind is p.KEYWORD_ONLY or (
                        p is wrong and p.default is not p.empty and p.kind is not p.POSITIONAL_ONLY
                    ):
                        kwargs[p.name] = value()
                    else:
                        args.append(value())
                return f(*args, **kwargs)

            yield f"{wrong.name}, mistake {i}", call


def answer(call: Callable[[], Any]) -> tuple[str, str]:
    try:
        call()
    except ZkynetError as e:
        return type(e).__name__, str(e) if e.fix else f"no way out: {e}"
    return "", ""


def words(name: str, text: str) -> str:
    """A message without what has to differ: the names of backends and their devices."""
    return "\n".join(
        line.replace(name, "…")
        for line in text.splitlines()
        if not line.startswith(("  devices of ", "  backends: ", "  known backends: "))
    )


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_wrong_argument_is_answered_in_our_words_and_on_every_backend_in_the_same(
    function: str, backend_name: str
) -> None:
    other = "strict" if backend_name == "numpy" else backend_name
    for what, call in calls(FUNCTIONS[function]):
        answers = []
        for name in {"numpy", other}:
            with zk.use_backend(name):
                kind, text = answer(call)
            assert " said: " not in text, f"{function}: {what} on {name}: {text}"
            assert "no way out" not in text, f"{function}: {what} on {name}: {text}"
            answers.append((kind, words(name, text)))
        if any("a number is too large for" in text for _, text in answers):
            continue  # a Python integer beyond 64 bits, which some libraries take as a float
        assert answers[0] == answers[-1], f"{function}: {what}"


def test_what_was_received_is_described_without_its_values() -> None:
    with zk.use_backend("strict"):
        x = zk.ones((2, 3), device="device1")
    assert described(x) == "Tensor of shape (2, 3) and dtype float32"
    assert described(np.float64(2)) == "float64: np.float64(2.0)"
    assert described("a" * 100).startswith("str: 'aaa")
    assert len(described("a" * 100)) < 80


def test_plain_arguments_are_plain() -> None:
    x = zk.asarray(X)
    for wrong in (
        lambda: zk.elu(x, zk.tensor(1.0, requires_grad=True)),  # would lose the gradient
        lambda: zk.leaky_relu(x, "0.1"),
        lambda: zk.hardtanh(x, min_val=None),
        lambda: zk.sum(x, keepdims="yes"),
        lambda: zk.topk(x, 1.5),
        lambda: zk.sum(x, True),
        lambda: zk.tril(x, 0.5),
        lambda: zk.zeros((2, 1.5)),
        lambda: zk.linspace(0, 1, 2.5),
        lambda: zk.full(2, "a"),
        lambda: zk.concat(3),
        lambda: zk.backward(3.0),
    ):
        with pytest.raises(ArgumentError):
            wrong()
    assert zk.elu(x, np.float32(2)).shape == (3, 3)
    assert zk.sum(x, keepdims=1).shape == (1, 1)
    assert zk.topk(x, np.int64(2))[0].shape == (3, 2)
    with pytest.raises(InvalidValueError, match="too large a number"):
        zk.tril(x, 10**30)
    with pytest.raises(ShapeError, match="no memory holds"):
        zk.zeros((2**40, 2**40))
    with pytest.raises(ArgumentError, match="its arguments are x, axis, keepdims"):
        zk.mean(x, dim=0)


def test_numbers_that_do_not_fit_are_refused_not_wrapped() -> None:
    for wrong in (
        lambda: zk.full(2, 300, dtype="uint8"),
        lambda: zk.full(2, float("nan"), dtype="int32"),
        lambda: zk.full(2, 1j, dtype="float32"),
        lambda: zk.arange(0, 300, dtype="int8"),
        lambda: zk.arange(-1, 3, dtype="uint8"),
        lambda: zk.full_like(zk.ones(2, dtype="int8"), 1000),
    ):
        with pytest.raises(DTypeError, match="does not fit into"):
            wrong()
    assert zk.full(2, 10**30, dtype="float32").dtype == "float32"
    assert zk.arange(0, 128, dtype="int8").tolist()[-1] == 127


def test_a_dtype_is_a_name_a_type_or_a_dtype_of_any_library() -> None:
    for wrong in ("float31", "S3", object, str, [("a", int)], {}, 3, 1.5, np.dtype("float128"), "datetime64[s]", ()):
        for make in (lambda d: zk.zeros(2, dtype=d), lambda d: zk.ones(2).astype(d), lambda d: zk.tensor([1.0], d)):
            with pytest.raises(DTypeError, match="expected a data type"):
                make(wrong)
    for right in ("f4", np.float32, float, np.dtype(">f4"), zk.float32, zk.float64):
        assert zk.zeros(2, dtype=right).dtype in (zk.float32, zk.float64)
    library = pytest.importorskip("array_api_strict")
    assert zk.zeros(2, dtype=library.int16).dtype == zk.int16
