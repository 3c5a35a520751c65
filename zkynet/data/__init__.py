"""Datasets, loaders, transforms, text: what comes before the first layer."""

from types import ModuleType as _ModuleType

from zkynet.data.sets import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
