"""Initial values of weights: each function gives a tensor new values in place and returns it.

All draw from `zkynet.random`, so that the same seed gives the same weights on every backend and device.
"""

from types import ModuleType as _ModuleType

from zkynet.nn.init.filling import *
from zkynet.nn.init.lsuv import *
from zkynet.nn.init.scaled import *
from zkynet.nn.init.structured import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
