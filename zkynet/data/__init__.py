"""Datasets, loaders, transforms, text: what comes before the first layer."""

from types import ModuleType as _ModuleType

from zkynet.data import transforms as transforms
from zkynet.data.collating import *
from zkynet.data.dataset import *
from zkynet.data.download.cache import *
from zkynet.data.formats import *
from zkynet.data.length_buckets import *
from zkynet.data.loader import *
from zkynet.data.samplers import *
from zkynet.data.sets import *
from zkynet.data.splitting import *
from zkynet.data.streams import *
from zkynet.data.text.byte_pairs import *
from zkynet.data.text.token_windows import *
from zkynet.data.text.translation_pairs import *
from zkynet.data.text.vocabularies import *
from zkynet.data.worker_info import *


def __dir__() -> list[str]:
    public = [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
    return [*public, "transforms"]
