"""The training loop, its callbacks, checkpoints and logs."""

from types import ModuleType as _ModuleType

from zkynet.train.activation_statistics import *
from zkynet.train.callbacks import *
from zkynet.train.checkpoint_files import *
from zkynet.train.fitting import *
from zkynet.train.gradient_statistics import *
from zkynet.train.history import *
from zkynet.train.loggers import *
from zkynet.train.model_checkpoint import *
from zkynet.train.trainer import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
