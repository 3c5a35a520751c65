"""Which backends there are, and which one is current.

The current backend is a context variable over a process-wide default: `set_backend` changes the default,
`use_backend` a block, without disturbing other threads or asyncio tasks.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, NamedTuple

from zkynet.backend.protocol import Backend
from zkynet.errors import ArgumentError, BackendUnavailableError, DeviceError, UnknownBackendError, described

GROUP = "zkynet.backends"

_loaded: dict[str, Backend] = {}
_entry_points: dict[str, Any] | None = None
_default: Backend | None = None
_current: ContextVar[Backend | None] = ContextVar("zkynet_backend", default=None)
_device: ContextVar[tuple[str, Any] | None] = ContextVar("zkynet_device", default=None)
"""The device of the innermost block, with what was set around that block."""


def _found() -> dict[str, Any]:
    """The entry points by name, read once."""
    global _entry_points
    if _entry_points is None:
        from importlib.metadata import entry_points  # slow to import

        _entry_points = {point.name: point for point in entry_points(group=GROUP)}
    return _entry_points


def backend_names() -> list[str]:
    """The names of all known backends, usable or not.

    Example:
        >>> "numpy" in backend_names()
        True
    """
    return sorted({*_loaded, *_found()})


def register_backend(backend: Backend) -> None:
    """Make a backend object known under its name, as an installed wheel does through its entry point.

    Args:
        backend: an object of a subclass of `Backend`; an earlier one of the same name is replaced.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.backend import Backend
        >>> class Abacus(Backend):
        ...     name = "abacus"
        ...     def why_unavailable(self):
        ...         return "there is no driver for it"
        >>> zk.register_backend(Abacus())
        >>> [row.why_not for row in zk.backends() if row.name == "abacus"]
        ['there is no driver for it']
        >>> _ = zk.backend.registry._loaded.pop("abacus")
    """
    if not isinstance(backend, Backend) or not backend.name:
        raise ArgumentError(
            f"register_backend expected a Backend with a name, received {backend!r}",
            fix="subclass zkynet.backend.Backend and set its name",
        )
    _loaded[backend.name] = backend


def find_backend(name: str) -> Backend:
    """The backend object of a name, usable or not."""
    if isinstance(name, Backend):
        return name
    if not isinstance(name, str):
        raise ArgumentError(
            f"a backend is named by a string, received {described(name)}",
            facts=[f"known backends: {', '.join(backend_names())}"],
            fix="pass one of these names",
        )
    backend = _loaded.get(name)
    if backend is not None:
        return backend
    point = _found().get(name)
    if point is None:
        import difflib

        known = backend_names()
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
        fix = f"did you mean {near[0]!r}?" if near else "choose one of these, or install the package it comes with"
        if not _found():  # run from the source folder, without an installation
            fix = "install zkynet, for instance with pip install -e . in its folder: backends are found by its metadata"
        raise UnknownBackendError(
            f"there is no backend {name!r}",
            facts=[f"known backends: {', '.join(known) or 'none'}"],
            fix=fix,
            name=name,
            known=known,
        )
    backend = _loaded[name] = point.load()
    return backend


def usable_backend(name: str) -> Backend:
    """The backend of a name, after the probe that says whether it can be used here."""
    backend = find_backend(name)
    if backend.xp is None:
        why = backend.why_unavailable()
        if why is not None:
            raise BackendUnavailableError(
                f"backend {backend.name!r} cannot be used: {why}", fix=backend.install_hint, name=backend.name
            )
        backend.start()
    return backend


def get_backend() -> Backend:
    """The backend that new tensors are made on.

    Example:
        >>> import zkynet as zk
        >>> with zk.use_backend("numpy"):
        ...     print(zk.get_backend().name)
        numpy
    """
    backend = _current.get()
    if backend is not None:
        return backend
    global _default
    if _default is None:
        _default = usable_backend(os.environ.get("ZKYNET_BACKEND") or "numpy")
    return _default


def set_backend(name: str) -> None:
    """Choose the backend that new tensors are made on, for the whole process.

    Args:
        name: one of `backend_names()`: ``"numpy"``, ``"cupy"``, ``"jax"``, …

    Example:
        >>> import zkynet as zk
        >>> before = zk.get_backend().name
        >>> zk.set_backend("numpy")
        >>> zk.zeros(2).backend.name
        'numpy'
        >>> zk.set_backend(before)
    """
    global _default
    backend = usable_backend(name)
    _default = backend
    if _current.get() is not None:
        _current.set(backend)


def use_backend(name: str) -> AbstractContextManager[Backend]:
    """Choose the backend for a block, or as a decorator for a function; other threads and asyncio tasks keep theirs.

    Args:
        name: as for `set_backend`.

    Example:
        >>> import zkynet as zk
        >>> with zk.use_backend("numpy"):
        ...     x = zk.ones(3)
    """
    return _Block(usable_backend(name))


class _Block(ContextDecorator, AbstractContextManager[Backend]):
    """A block with a backend of its own, on its default device."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.before: list[tuple[Token[Any], Token[Any]]] = []

    def __enter__(self) -> Backend:
        self.before.append((_current.set(self.backend), _device.set(None)))
        return self.backend

    def __exit__(self, *exc: object) -> None:
        current, device = self.before.pop()
        _current.reset(current)
        _device.reset(device)

    def _recreate_cm(self) -> _Block:  # a decorated function may run in several threads at once
        return _Block(self.backend)


def backend_of(raw: Any) -> Backend | None:
    """The loaded backend that `raw` is an array of, or one not yet loaded whose library made it; None if nobody's."""
    for backend in _loaded.values():
        if backend.xp is not None and backend.is_array(raw):
            return backend
    library = type(raw).__module__.partition(".")[0]
    if library not in _by_library:
        _by_library[library] = "" if library in _OF_NO_LIBRARY else _name_of(library)
    name = _by_library[library]
    if name:
        backend = usable_backend(name)
        if backend.is_array(raw):
            return backend
    return None


_OF_NO_LIBRARY = ("builtins", "zkynet")
_by_library: dict[str, str] = {}


def _name_of(library: str) -> str:
    """The name of the backend whose arrays have types from a module; empty if there is none."""
    for name in _found():
        try:
            if library in find_backend(name).libraries:
                return name
        except Exception:  # a broken wheel of somebody else's
            continue
    return ""


class Device(str):
    """A device's name, such as ``"cpu"`` or ``"cuda:0"``; in a ``with`` block, where new tensors are made.

    Example:
        >>> import zkynet as zk
        >>> zk.ones(2).device == "cpu"
        True
        >>> with zk.device("cpu"):
        ...     x = zk.ones(2)
    """

    __slots__ = ()

    def __enter__(self) -> Device:
        get_backend().device_name(self)
        _device.set((self, _device.get()))
        return self

    def __exit__(self, *exc: object) -> None:
        block = _device.get()
        _device.set(block and block[1])


def device(name: str | None = None) -> Device:
    """A device of the current backend by name, the default one without a name.

    Args:
        name: one of the devices that `backends()` lists, such as ``"cpu"`` or ``"cuda:1"``.

    Example:
        >>> import zkynet as zk
        >>> zk.device("cpu")
        'cpu'
    """
    backend = get_backend()
    if name is None:
        return Device(current_device() or backend.devices()[0])
    if not isinstance(name, str):
        raise DeviceError(
            f"a device is a name such as 'cpu', received {described(name)}",
            facts=[f"devices of {backend.name}: {', '.join(backend.devices())}"],
            fix="pass one of these",
            device=name,
        )
    return Device(backend.device_name(name))


def current_device() -> str | None:
    """The device set by ``with zk.device(...)``, None outside of one."""
    block = _device.get()
    return None if block is None else block[0]


def device_for(backend: Backend, device: Any = None) -> Any:
    """Where a new array of `backend` is to live: where the user says, else where the block around it says."""
    if device is None and backend is get_backend():
        return current_device()
    return device


class BackendInfo(NamedTuple):
    """One row of `backends()`.

    Example:
        >>> import zkynet as zk
        >>> [row] = [row for row in zk.backends() if row.name == "numpy"]
        >>> row.available, row.devices, row.why_not
        (True, ('cpu',), None)
    """

    name: str
    version: str | None
    available: bool
    devices: tuple[str, ...]
    why_not: str | None
    install: str | None


def backends() -> list[BackendInfo]:
    """Every known backend: version, devices, and, where it cannot be used, why and what to install.

    Example:
        >>> import zkynet as zk
        >>> [b.available for b in zk.backends() if b.name == "numpy"]
        [True]
    """
    rows = []
    for name in backend_names():
        try:
            backend = find_backend(name)
            why = backend.why_unavailable()
            devices = () if why else usable_backend(name).devices()
            rows.append(
                BackendInfo(name, backend.version, why is None, devices, why, backend.install_hint if why else None)
            )
        except Exception as e:  # a broken wheel of somebody else's must not hide the others
            rows.append(BackendInfo(name, None, False, (), f"{type(e).__name__}: {e}", None))
    return rows
