"""Random numbers: the same seed gives the same numbers on every backend and device."""

from zkynet.random.functions import *
from zkynet.random.functions import __all__ as _functions
from zkynet.random.generator import Generator
from zkynet.random.process import default_generator, get_state, seed, set_state

__all__ = ["Generator", "default_generator", "get_state", "seed", "set_state", *_functions]


def __dir__() -> list[str]:
    return __all__
