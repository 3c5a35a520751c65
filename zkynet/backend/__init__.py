"""The door to array libraries: what a backend is, which ones there are, and which is current."""

from zkynet.backend.protocol import Backend
from zkynet.backend.registry import (
    BackendInfo,
    Device,
    backend_names,
    backends,
    device,
    get_backend,
    register_backend,
    set_backend,
    use_backend,
)

__all__ = [
    "Backend",
    "BackendInfo",
    "Device",
    "backend_names",
    "backends",
    "device",
    "get_backend",
    "register_backend",
    "set_backend",
    "use_backend",
]


def __dir__() -> list[str]:
    return __all__
