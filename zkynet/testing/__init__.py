"""Tools for tests: comparing backends."""

from zkynet.testing.comparing import *
from zkynet.testing.comparing import __all__ as __all__


def __dir__() -> list[str]:
    return __all__
