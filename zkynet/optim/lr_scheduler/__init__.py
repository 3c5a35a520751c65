"""Schedules of learning rates: PyTorch's, and those with a warm-up. Step one after its optimiser."""

from types import ModuleType as _ModuleType

from zkynet.optim.lr_scheduler.base import *
from zkynet.optim.lr_scheduler.composed import *
from zkynet.optim.lr_scheduler.cycles import *
from zkynet.optim.lr_scheduler.plateau import *
from zkynet.optim.lr_scheduler.ramps import *
from zkynet.optim.lr_scheduler.stepwise import *
from zkynet.optim.lr_scheduler.swa import *
from zkynet.optim.lr_scheduler.warmup import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
