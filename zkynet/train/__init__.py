"""The training loop, its callbacks, checkpoints and logs."""

from types import ModuleType as _ModuleType

from zkynet.train.checkpoint_files import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
