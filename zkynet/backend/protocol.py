"""What a backend is: a standard namespace, and the little that the standard lacks.

A new backend subclasses `Backend`, fills in `load` and what differs from the generic bodies below, and is found
through the entry-point group ``zkynet.backends``. Everything here works on the backend's own ("raw") arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from math import copysign
from typing import Any

import numpy as np

from zkynet._typing import Namespace, Shape
from zkynet.backend.diagnosis import Finding, Machine
from zkynet.backend.namespace import raw_namespace
from zkynet.backend.updates import Columns, Update, all_finite, one_by_one
from zkynet.errors import DeviceError, DTypeError, InvalidValueError, ZkynetError, described


class Constants(dict[Any, Any]):
    """Operands by the Python numbers that they stand for, made when they are first asked for.

    Args:
        make: makes the operand of a number.
    """

    LIMIT = 4096

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self.make = make
        self.zeros: dict[float, Any] = {}  # by their sign: 0.0 and -0.0 are the same key

    def __missing__(self, number: Any) -> Any:
        if number == 0:
            sign = copysign(1.0, number)
            if sign not in self.zeros:
                self.zeros[sign] = self.make(number)
            return self.zeros[sign]
        try:
            operand = self[number] = self.make(number)
        except OverflowError:
            raise InvalidValueError(
                "a whole number is larger than any floating-point number",
                facts=[f"it has about {int(number.bit_length() * 0.30103)} digits"],
                fix="use a smaller one, or float('inf')",
            ) from None
        if len(self) > self.LIMIT:
            self.clear()
        return operand


NUMBERS = Constants(lambda number: number if -(2.0**63) < number < 2.0**63 else float(number))
"""Python numbers as they are; integers that libraries have no type for as floats."""


class Backend:
    """One array library behind zkynet: its namespace `xp`, its devices, and its kernels.

    A kernel replaces the generic body of one op: ``kernels["erf"] = f`` with the signature of the body,
    ``f(xp, x)``. The generic body stays and is what the kernel is tested against.

    Example:
        >>> import zkynet as zk
        >>> zk.get_backend()
        <zkynet backend numpy>
    """

    name: str = ""
    """How users call it: ``zk.set_backend(name)``."""

    distribution: str = ""
    """The package on PyPI whose version is shown; empty if there is none."""

    libraries: tuple[str, ...] = ()
    """The top-level modules that the types of its arrays come from: by them an array of a library is recognised."""

    install_hint: str = ""
    """What to do when it is missing."""

    wraps_out_of_range: bool = False
    """True where an integer index outside its axis is not refused by the library itself."""

    immutable: bool = False
    """True where arrays cannot be written to."""

    xp: Namespace = None
    """The standard namespace, extended by every zkynet op on raw arrays; None until the backend is first used."""

    has_vjp: bool = False
    """True where the library can differentiate functions of its own arrays, through `vjp`."""

    def __init__(self) -> None:
        self.kernels: dict[str, Callable[..., Any]] = {}

    # -- loading ------------------------------------------------------------------------------------------------

    def why_unavailable(self) -> str | None:
        """One sentence on why the backend cannot be used on this machine, None if it can. Must not raise.

        Example:
            >>> import zkynet as zk
            >>> print(zk.get_backend().why_unavailable())
            None
        """
        return None

    def diagnose(self, machine: Machine) -> Iterable[Finding]:
        """What is wrong with the library's installation, for ``zkynet doctor``; the library is not imported.

        Args:
            machine: facts of a machine, this one or another.

        Example:
            >>> import zkynet as zk
            >>> from zkynet.backend.diagnosis import Machine
            >>> list(zk.get_backend().diagnose(Machine()))
            []
        """
        return ()

    def load(self) -> Namespace:
        """Import the library and return its standard namespace; add to `kernels` what it does better.

        Example:
            >>> import zkynet as zk
            >>> hasattr(zk.get_backend().load(), "matmul")
            True
        """
        raise NotImplementedError

    def kernels_of(self, space: str) -> Mapping[str, Callable[..., Any]]:
        """What the library does better in a sub-namespace, asked for when that is first used: kernels by op name.

        Args:
            space: the sub-namespace, ``"nn"`` for the ops of `zkynet.nn.functional`.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().kernels_of("fft")
            {}
        """
        return {}

    def start(self) -> None:
        """Load the library if that has not happened yet.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().start()
        """
        if self.xp is None:
            standard = self.load()
            self.xp = raw_namespace(self, standard)

    @property
    def version(self) -> str | None:
        """The installed version of the library, None if it is not installed or has no `distribution`.

        Example:
            >>> import zkynet as zk
            >>> import numpy
            >>> zk.get_backend().version == numpy.__version__
            True
        """
        from importlib.metadata import PackageNotFoundError, version  # slow to import

        if not self.distribution:
            return None
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None

    # -- arrays -------------------------------------------------------------------------------------------------

    def is_array(self, value: Any) -> bool:
        """Whether `value` is one of this library's arrays.

        Args:
            value: anything.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().is_array(zk.ones(2).data), zk.get_backend().is_array([1.0, 1.0])
            (True, False)
        """
        raise NotImplementedError

    def adopt(self, raw: Any) -> Any:
        """An array that the user made, on its way into a tensor: such that `own` sees that it is shared, or refused.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().adopt(zk.ones(2).data)
            array([1., 1.], dtype=float32)
        """
        return raw

    def from_numpy(self, array: np.ndarray[Any, Any], device: str | None = None) -> Any:
        """This library's array with the values and dtype of a NumPy array; may share its memory.

        Args:
            array: a NumPy array of any shape.
            device: where it is to live, by default the library's own choice.

        Example:
            >>> import zkynet as zk
            >>> import numpy
            >>> zk.get_backend().from_numpy(numpy.arange(3))
            array([0, 1, 2])
        """
        raise NotImplementedError

    def to_numpy(self, raw: Any) -> np.ndarray[Any, Any]:
        """The values as a NumPy array on the host.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().to_numpy(zk.ones(2).data)
            array([1., 1.], dtype=float32)
        """
        raise NotImplementedError

    def dtype_of(self, raw: Any) -> np.dtype[Any]:
        """The dtype of an array, as zkynet (that is, NumPy) names it.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().dtype_of(zk.ones(2).data)
            dtype('float32')
        """
        return raw.dtype

    def native_dtype(self, dtype: Any) -> Any:
        """The library's own name for a dtype; `DTypeError` if it has none.

        Args:
            dtype: a `numpy.dtype`.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().native_dtype(zk.float32)
            dtype('float32')
        """
        return dtype

    def supports(self, dtype: np.dtype[Any]) -> bool:
        """Whether arrays of `dtype` exist here.

        Args:
            dtype: a `numpy.dtype`.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().supports(zk.float32)
            True
        """
        try:
            self.native_dtype(dtype)
        except DTypeError:
            return False
        return True

    def own(self, raw: Any) -> Any:
        """An array with the same values that shares memory with no other: what becomes a leaf's ``.grad``.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().own(zk.ones(2).data)
            array([1., 1.], dtype=float32)
        """
        return raw

    def scalar(self, raw: Any) -> Any:
        """The Python number in an array of one element.

        Args:
            raw: an array of one element, of any shape.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().scalar(zk.ones((1, 1)).data)
            1.0
        """
        return self.to_numpy(raw).item()

    def before_host(self, raw: Any, how: str) -> None:
        """Told before a value goes to the host because Python asks for one (by `how`); may refuse.

        Args:
            raw: one of the library's arrays.
            how: what asks, ``"float()"`` for example.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().before_host(zk.ones(()).data, "float()")
        """

    def constants(self, dtype: Any) -> Constants:
        """What stands for Python numbers next to arrays of a native floating dtype.

        Args:
            dtype: the library's name for the dtype of the other operand.

        Example:
            >>> import zkynet as zk
            >>> float(zk.get_backend().constants(zk.float32)[2.5])
            2.5
        """
        return NUMBERS

    def dlpack_source(self, raw: Any) -> Any:
        """The object whose ``__dlpack__`` hands the array out.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> hasattr(zk.get_backend().dlpack_source(zk.ones(2).data), "__dlpack__")
            True
        """
        return raw

    def quiet(self) -> AbstractContextManager[Any]:
        """A context in which floating-point faults (overflow, 0/0) give infinities and NaN without a warning.

        Example:
            >>> import zkynet as zk
            >>> with zk.get_backend().quiet():
            ...     1 / zk.zeros(1).data
            array([inf], dtype=float32)
        """
        return nullcontext()

    def error_kind(self, error: Exception) -> type[ZkynetError] | None:
        """Our type of exception for what the library raised; None where its Python type says it.

        Args:
            error: an exception of the library.

        Example:
            >>> import zkynet as zk
            >>> print(zk.get_backend().error_kind(ValueError("shapes differ")))
            None
        """
        return None

    def silenced(self, compute: Callable[..., Any], op: str) -> Callable[..., Any]:
        """What computes an op on raw arrays, made to run as in `quiet`.

        Args:
            compute: a function of raw arrays.
            op: the name of the op.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().silenced(lambda x: 1 / x, "reciprocal")(zk.zeros(1).data)
            array([inf], dtype=float32)
        """
        return compute

    # -- devices ------------------------------------------------------------------------------------------------

    def devices(self) -> tuple[str, ...]:
        """The names of the devices that arrays can live on, the default one first.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().devices()
            ('cpu',)
        """
        return ("cpu",)

    def device_of(self, raw: Any) -> str:
        """The name of the device an array lives on.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().device_of(zk.ones(2).data)
            'cpu'
        """
        return "cpu"

    def device_name(self, device: Any) -> str:
        """The full name of a device, ``"cuda:0"`` for ``"cuda"`` too; `DeviceError` if there is none.

        Args:
            device: a name, with or without a number.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().device_name("cpu")
            'cpu'
        """
        names = self.devices()
        if isinstance(device, str):
            found = device if device in names else next((n for n in names if n.partition(":")[0] == device), None)
            if found is not None:
                return found
        raise DeviceError(
            f"{self.name} has no device {repr(device) if isinstance(device, str) else described(device)}",
            facts=[f"devices of {self.name}: {', '.join(names)}"],
            fix="pass one of these as device=" + ("" if "cpu" in names else ', or use x.to("numpy") for the CPU'),
            device=device,
        )

    def native_device(self, device: str) -> Any:
        """The library's own object for a device name; `DeviceError` if there is none.

        Args:
            device: one of `devices`.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().native_device("cpu")
            'cpu'
        """
        return self.device_name(device)

    def to_device(self, raw: Any, device: str) -> Any:
        """The array on another device of this backend.

        Args:
            raw: one of the library's arrays.
            device: one of `devices`.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().to_device(zk.ones(2).data, "cpu")
            array([1., 1.], dtype=float32)
        """
        self.device_name(device)
        return raw

    def synchronize(self, raw: Any = None) -> None:
        """Wait until the work that was queued (for `raw`, if given) is done.

        Args:
            raw: the array to wait for, by default everything.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().synchronize()
        """

    def memory(self, device: str | None = None) -> Mapping[str, int]:
        """Bytes in use on a device as far as the library can tell: ``used``, ``reserved``, ``peak``; may be empty.

        Args:
            device: one of `devices`, by default the first.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().memory()
            {}
        """
        return {}

    def vjp(self, function: Callable[..., Any], raws: Sequence[Any]) -> tuple[Any, Callable[[Any], Sequence[Any]]]:
        """The result of a function of raw arrays, and what takes a cotangent back to its inputs.

        Args:
            function: takes arrays of the library and returns one.
            raws: its arguments.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().has_vjp  # NumPy cannot differentiate; JAX can
            False
        """
        raise NotImplementedError

    def run_updates(self, updates: Sequence[Update]) -> list[Columns]:
        """The new values of what optimisers' rules write, for each update its columns.

        An array may be written to only where nobody else holds it (`zkynet.backend.updates.held_once`).

        Args:
            updates: rules and the arrays they are for, all of this library.

        Example:
            >>> import zkynet as zk
            >>> from zkynet.backend.updates import Update
            >>> def descend(xp, g, p, lr):
            ...     p -= lr * g
            ...     return (p,)
            >>> update = Update(descend, [[zk.ones(2).data]], [[zk.zeros(2).data]], {"lr": 0.5}, {}, elementwise=True)
            >>> zk.get_backend().run_updates([update])
            [[[array([-0.5, -0.5], dtype=float32)]]]
        """
        xp = self.xp
        fresh = (lambda raw: raw) if self.immutable else (lambda raw: xp.asarray(raw, copy=True))
        return [one_by_one(xp, update, fresh) for update in updates]

    def compiler(self) -> Any:
        """What `zk.jit` compiles functions of raw arrays with; None if the backend has nothing of the kind.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().compiler() is None
            True
        """
        return None

    def are_finite(self, raws: Sequence[Any]) -> Any:
        """Whether arrays are free of NaN and infinities: an array without axes, computed where they are, 1 or 0.

        Nothing is waited for until its `scalar` is asked for.

        Args:
            raws: arrays on one device.

        Example:
            >>> import zkynet as zk
            >>> backend = zk.get_backend()
            >>> arrays = [zk.tensor(x).data for x in ([1.0, 2.0], [float("nan")])]
            >>> backend.scalar(backend.are_finite(arrays[:1])) == 1, backend.scalar(backend.are_finite(arrays)) == 1
            (True, False)
        """
        start = self.full((), 1.0, np.dtype(np.float32), self.device_of(raws[0]) if raws else None)
        with self.quiet():
            return self.run_updates([Update(all_finite, [[raw] for raw in raws], [[start]], {}, {}, False)])[0][0][0]

    # -- what the standard lacks --------------------------------------------------------------------------------

    def can_look(self, raw: Any) -> bool:
        """Whether values may be looked at on the host now: not while tracing, nor where it would hide a wait.

        Args:
            raw: one of the library's arrays.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().can_look(zk.ones(2).data)
            True
        """
        return True

    def getitem(self, raw: Any, key: Any) -> Any:
        """``raw[key]`` with NumPy's semantics.

        Args:
            raw: an array of any shape.
            key: integers, slices, ``...``, ``None``, arrays of integers or booleans, or a tuple of these.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().getitem(zk.arange(3).data, slice(1, None))
            array([1, 2])
        """
        return raw[key]

    def index_set(self, raw: Any, key: Any, values: Any) -> Any:
        """A copy of `raw` with ``copy[key] = values``.

        Args:
            raw: an array of any shape.
            key: as for `getitem`.
            values: what broadcasts to ``raw[key]``.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().index_set(zk.zeros(3).data, 1, 5.0)
            array([0., 5., 0.], dtype=float32)
        """
        out = self.xp.asarray(raw, copy=True)
        out[key] = values
        return out

    def index_add(self, raw: Any, key: Any, values: Any) -> Any:
        """A copy of `raw` with `values` added at `key`; places named several times collect every value.

        Args:
            raw: an array of any shape.
            key: as for `getitem`.
            values: an array that broadcasts to ``raw[key]``.

        Example:
            >>> import zkynet as zk
            >>> places = (zk.tensor([0, 0, 2]).data,)
            >>> zk.get_backend().index_add(zk.zeros(3).data, places, zk.ones(3).data)
            array([2., 0., 1.], dtype=float32)
        """
        raise NotImplementedError

    def full(self, shape: Shape, value: Any, dtype: np.dtype[Any], device: str | None = None) -> Any:
        """An array of one repeated value.

        Args:
            shape: the lengths of the axes.
            value: the number.
            dtype: a `numpy.dtype`.
            device: one of `devices`, by default the first.

        Example:
            >>> import zkynet as zk
            >>> zk.get_backend().full((2,), 7, zk.int64)
            array([7, 7])
        """
        xp = self.xp
        where = None if device is None else self.native_device(device)
        return xp.full(shape, value, dtype=self.native_dtype(dtype), device=where)

    def __eq__(self, other: object) -> bool:
        """A backend is itself alone, but ``zk.get_backend() == "jax"`` may be asked."""
        return self is other or (isinstance(other, str) and other == self.name)

    __hash__ = object.__hash__

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<zkynet backend {self.name}>"
