"""Layers and losses as functions, by the names and arguments that PyTorch gives them."""

from types import ModuleType as _ModuleType

from zkynet.nn.functional.activations import *
from zkynet.nn.functional.adaptive_pooling import *
from zkynet.nn.functional.affine import *
from zkynet.nn.functional.alignment import *
from zkynet.nn.functional.attention import *
from zkynet.nn.functional.average_pooling import *
from zkynet.nn.functional.binary_losses import *
from zkynet.nn.functional.classification_losses import *
from zkynet.nn.functional.convolution import *
from zkynet.nn.functional.ctc import *
from zkynet.nn.functional.distribution_losses import *
from zkynet.nn.functional.drawn_activations import *
from zkynet.nn.functional.dropping import *
from zkynet.nn.functional.edges import *
from zkynet.nn.functional.folding import *
from zkynet.nn.functional.gating import *
from zkynet.nn.functional.grids import *
from zkynet.nn.functional.gru import *
from zkynet.nn.functional.lstm import *
from zkynet.nn.functional.margin_losses import *
from zkynet.nn.functional.max_pooling import *
from zkynet.nn.functional.normalization import *
from zkynet.nn.functional.pooling import *
from zkynet.nn.functional.positions import *
from zkynet.nn.functional.ranking_losses import *
from zkynet.nn.functional.recurrent import *
from zkynet.nn.functional.regression_losses import *
from zkynet.nn.functional.regularizers import *
from zkynet.nn.functional.resizing import *
from zkynet.nn.functional.scaling import *
from zkynet.nn.functional.shuffling import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
