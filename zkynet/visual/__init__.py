"""Pictures of graphs: Graphviz DOT and SVG as text without further packages, PNG where matplotlib is installed."""

from zkynet.visual.graph_picture import GraphPicture, plot_cg

__all__ = ["GraphPicture", "plot_cg"]


def __dir__() -> list[str]:
    return __all__
