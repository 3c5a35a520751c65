"""Operators of the classic face: a class for each, and a function that makes an object of it and calls it.

Each call needs an object of its own, so that it is a node of its own; that is what the functions are for.
"""

from zkynet.framework import arithmetic as _arithmetic
from zkynet.framework import elementwise as _elementwise
from zkynet.framework import shaping as _shaping
from zkynet.framework.arithmetic import *
from zkynet.framework.elementwise import *
from zkynet.framework.shaping import *

__all__ = [*_arithmetic.__all__, *_elementwise.__all__, *_shaping.__all__]


def __dir__() -> list[str]:
    return __all__
