"""What is done to pictures on their way from the dataset to the model.

A transform takes one picture (C, H, W) or a batch (N, C, H, W) as a NumPy array, and returns a new one. Those that draw
take the numbers of each picture from its own stream, `zkynet.data.sample_streams`: a picture comes out the same in a
batch and alone, with any number of worker processes, and after a resumed run.
"""

from types import ModuleType as _ModuleType

from zkynet.data.transforms.composing import *
from zkynet.data.transforms.cropping import *
from zkynet.data.transforms.erasing import *
from zkynet.data.transforms.flipping import *
from zkynet.data.transforms.mixing import *
from zkynet.data.transforms.noise import *
from zkynet.data.transforms.resizing import *
from zkynet.data.transforms.scaling import *
from zkynet.data.transforms.warping import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]


def __getattr__(name: str) -> object:
    from zkynet.other_names import missing_in

    if name.startswith("_"):
        raise AttributeError(f"module 'zkynet.data.transforms' has no attribute {name!r}", name=name)
    raise missing_in("data.transforms", name)
