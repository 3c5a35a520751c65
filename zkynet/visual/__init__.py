"""Pictures: of graphs (Graphviz DOT and SVG as text), of trainings, and of what models learned (with matplotlib)."""

from types import ModuleType as _ModuleType

from zkynet.visual.charts import *
from zkynet.visual.graph_picture import GraphPicture as GraphPicture
from zkynet.visual.graph_picture import plot_cg as plot_cg
from zkynet.visual.pictures_of_answers import *
from zkynet.visual.pictures_of_attention import *
from zkynet.visual.pictures_of_codes import *
from zkynet.visual.pictures_of_images import *
from zkynet.visual.pictures_of_training import *
from zkynet.visual.png import *


def __dir__() -> list[str]:
    return [name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType)]
