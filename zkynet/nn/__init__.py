"""Layers, models and losses."""

from types import ModuleType as _ModuleType

from zkynet.nn import functional as functional
from zkynet.nn import init as init
from zkynet.nn.activations import *
from zkynet.nn.adaptive_pools import *
from zkynet.nn.alignment import *
from zkynet.nn.attention import *
from zkynet.nn.attention_records import *
from zkynet.nn.average_pools import *
from zkynet.nn.axis_activations import *
from zkynet.nn.caches import *
from zkynet.nn.cells import *
from zkynet.nn.channel_normalization import *
from zkynet.nn.class_losses import *
from zkynet.nn.containers import *
from zkynet.nn.convolution import *
from zkynet.nn.decoding import *
from zkynet.nn.dropout import *
from zkynet.nn.edges import *
from zkynet.nn.folding import *
from zkynet.nn.gradients import *
from zkynet.nn.linear import *
from zkynet.nn.losses import *
from zkynet.nn.module import *
from zkynet.nn.normalization import *
from zkynet.nn.parameter import *
from zkynet.nn.parametrize import *
from zkynet.nn.piecewise_activations import *
from zkynet.nn.pooling import *
from zkynet.nn.positions import *
from zkynet.nn.ranking_losses import *
from zkynet.nn.recurrent import *
from zkynet.nn.reparametrization import *
from zkynet.nn.resizing import *
from zkynet.nn.sequences import *
from zkynet.nn.stateless import *
from zkynet.nn.summary import *
from zkynet.nn.transformer import *
from zkynet.nn.transformer_layers import *
from zkynet.nn.weights import *


def __dir__() -> list[str]:
    public = [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
    return [*public, "functional", "init"]


def __getattr__(name: str) -> object:
    from zkynet.other_names import missing_in

    if name.startswith("_"):
        raise AttributeError(f"module 'zkynet.nn' has no attribute {name!r}", name=name)
    raise missing_in("nn", name)
