"""Optimisers, schedules, and what goes with them."""

from types import ModuleType as _ModuleType

from zkynet.nn.gradients import *
from zkynet.optim import lr_scheduler as lr_scheduler
from zkynet.optim.accumulation import *
from zkynet.optim.adadelta import *
from zkynet.optim.adafactor import *
from zkynet.optim.adagrad import *
from zkynet.optim.adam import *
from zkynet.optim.adam_variants import *
from zkynet.optim.averaging import *
from zkynet.optim.lamb import *
from zkynet.optim.lbfgs import *
from zkynet.optim.mixed_precision import *
from zkynet.optim.muon import *
from zkynet.optim.optimizer import *
from zkynet.optim.rmsprop import *
from zkynet.optim.scaling import *
from zkynet.optim.sgd import *
from zkynet.optim.signs import *


def __dir__() -> list[str]:
    public = [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
    return [*public, "lr_scheduler"]


def __getattr__(name: str) -> object:
    from zkynet.other_names import missing_in

    if name.startswith("_"):
        raise AttributeError(f"module 'zkynet.optim' has no attribute {name!r}", name=name)
    raise missing_in("optim", name)
