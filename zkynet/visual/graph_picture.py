"""`plot_cg`: the graph of a call of the classic face as a picture."""

from __future__ import annotations

import math
import os
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from zkynet.errors import ArgumentError, BackendUnavailableError, InvalidValueError
from zkynet.framework.nodes import Node, OperatorNode, get_all_nodes
from zkynet.visual.layout import Waypoint, lay_out

CHARACTER, LINE, GAP_X, GAP_Y, MARGIN = 7.2, 16, 26, 46, 16  # pixels
FONT = 12
MOST_PIXELS = 30_000  # along one side of a PNG
FILL = {"operator": "#dbe9f6", "root": "#c7e6c9", "input": "#fdf1d3"}
ENDINGS = (".dot", ".gv", ".svg", ".png")


Box = tuple[float, float, float, float]  # left, top, width, height


class GraphPicture:
    """A graph ready to be written.

    Args:
        title: the headline, may be empty.
        nodes: id to (lines of its label, kind).
        edges: pairs of ids, from an input to what was computed from it.

    Example:
        >>> from zkynet.framework import op
        >>> from zkynet.visual import plot_cg
        >>> picture = plot_cg(op.add(1, 2))
        >>> len(picture.nodes), len(picture.edges)
        (3, 2)
    """

    def __init__(self, title: str, nodes: dict[str, tuple[list[str], str]], edges: list[tuple[str, str]]) -> None:
        self.title = title
        self.nodes = nodes
        self.edges = edges

    @property
    def dot(self) -> str:
        """The graph in Graphviz' DOT language.

        Example:
            >>> from zkynet.framework import op
            >>> from zkynet.visual import plot_cg
            >>> picture = plot_cg(op.add(1, 2))
            >>> print(picture.dot.splitlines()[0])
            digraph computation {
        """
        out = [
            "digraph computation {",
            '  graph [fontname="Helvetica"];',
            '  node [shape=box, style="rounded,filled", fontname="Helvetica"];',
        ]
        if self.title:
            out.append(f"  label={_quoted(self.title)}; labelloc=t;")
        for key, (lines, kind) in self.nodes.items():
            out.append(f'  {_quoted(key)} [label={_quoted(chr(10).join(lines))}, fillcolor="{FILL[kind]}"];')
        out += [f"  {_quoted(a)} -> {_quoted(b)};" for a, b in self.edges]
        return "\n".join([*out, "}", ""])

    @property
    def svg(self) -> str:
        """The graph drawn, as SVG text.

        Example:
            >>> from zkynet.framework import op
            >>> from zkynet.visual import plot_cg
            >>> picture = plot_cg(op.add(1, 2))
            >>> picture.svg.startswith("<svg")
            True
        """
        boxes, routes, width, height = self._places()
        top = LINE * 2 if self.title else 0
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height + top:.0f}" '
            f'viewBox="0 {-top} {width:.0f} {height + top:.0f}" '
            f'font-family="Helvetica, Arial, sans-serif" font-size="{FONT}" style="background: white">',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
        ]
        if self.title:
            out.append(
                f'<text x="{width / 2:.1f}" y="{-LINE / 2:.1f}" text-anchor="middle">{escape(self.title)}</text>'
            )
        for route in routes:
            (x, y), *curve = route
            steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in curve)
            out.append(f'<path d="M{x:.1f},{y:.1f} C{steps}" fill="none" stroke="#555" marker-end="url(#tip)"/>')
        for key, (x, y, w, h) in boxes.items():
            lines, kind = self.nodes[key]
            out.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="7" '
                f'fill="{FILL[kind]}" stroke="#555"/>'
            )
            for k, line in enumerate(lines):
                out.append(
                    f'<text x="{x + w / 2:.1f}" y="{y + LINE * (k + 1):.1f}" text-anchor="middle" '
                    f'xml:space="preserve">{escape(line)}</text>'
                )
        return "\n".join([*out, "</svg>", ""])

    def figure(self) -> Any:
        """The graph drawn as a matplotlib figure.

        Example:
            >>> from zkynet.framework import op
            >>> from zkynet.visual import plot_cg
            >>> type(plot_cg(op.add(1, 2)).figure()).__name__
            'Figure'
        """
        try:
            from matplotlib.figure import Figure
            from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
            from matplotlib.path import Path as Curve
        except ImportError as e:
            raise BackendUnavailableError(
                "a PNG picture needs matplotlib, which is not installed",
                fix="pip install 'zkynet[plot]', or save it as .svg",
            ) from e
        boxes, routes, width, height = self._places()
        top = LINE * 2 if self.title else 0
        figure = Figure(figsize=(width / 72, (height + top) / 72))  # one pixel of the SVG is one point
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width), ylim=(height, -top))
        axes.axis("off")
        for route in routes:
            curve = Curve(route, [Curve.MOVETO] + [Curve.CURVE4] * (len(route) - 1))
            axes.add_patch(FancyArrowPatch(path=curve, arrowstyle="-|>", mutation_scale=8, color="#555555"))
        for key, (x, y, w, h) in boxes.items():
            lines, kind = self.nodes[key]
            box = FancyBboxPatch((x, y), w, h, boxstyle="round,pad=0,rounding_size=7", fc=FILL[kind], ec="#555555")
            axes.add_patch(box)
            text = "\n".join(lines)
            axes.text(x + w / 2, y + h / 2, text, ha="center", va="center", fontsize=FONT - 2, parse_math=False)
        if self.title:
            axes.text(width / 2, -LINE / 2, self.title, ha="center", va="bottom", fontsize=FONT - 1, parse_math=False)
        return figure

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture; the ending of the path says how: .dot, .gv, .svg, or .png (with matplotlib).

        Args:
            path: where to write it; its ending says as what.

        Example:
            >>> import tempfile
            >>> from zkynet.framework import op
            >>> from zkynet.visual import plot_cg
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     print(plot_cg(op.add(1, 2)).save(f"{folder}/graph.svg").name)
            graph.svg
        """
        target = Path(path)
        if target.suffix not in ENDINGS:
            raise InvalidValueError(
                f"no picture can be saved as {target.name!r}", fix=f"use one of the endings {', '.join(ENDINGS)}"
            )
        partial = target.with_name(f".{target.name}.partial")
        try:
            if target.suffix == ".png":
                figure = self.figure()
                wide, tall = figure.get_size_inches()
                dpi = min(144.0, MOST_PIXELS / max(wide, tall), MOST_PIXELS / 3 / math.sqrt(wide * tall))
                figure.savefig(partial, dpi=dpi, format="png")
            else:
                partial.write_text(self.svg if target.suffix == ".svg" else self.dot, encoding="utf-8")
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return target

    def _repr_svg_(self) -> str:
        return self.svg

    def _places(self) -> tuple[dict[str, Box], list[list[tuple[float, float]]], float, float]:
        """The box of each node, the points of the Bézier curves of each edge, and the size of the whole."""
        inputs: dict[str, list[str]] = {key: [] for key in self.nodes}
        for a, b in self.edges:
            inputs[b].append(a)
        size = {
            key: (max(map(len, lines)) * CHARACTER + 18, len(lines) * LINE + 8.0)
            for key, (lines, _) in self.nodes.items()
        }
        layout = lay_out(list(self.nodes), inputs, lambda n: 0 if isinstance(n, Waypoint) else size[n][0], GAP_X)
        drawn = max((x + (0 if isinstance(n, Waypoint) else size[n][0] / 2) for n, x in layout.x.items()), default=0.0)
        width = max(drawn, len(self.title) * CHARACTER) + 2 * MARGIN
        middle = {n: x + (width - drawn) / 2 for n, x in layout.x.items()}
        boxes: dict[str, Box] = {}
        bands = []  # from where to where each layer reaches
        y = float(MARGIN)
        for row in layout.rows:
            tall = max((size[key][1] for key in row if not isinstance(key, Waypoint)), default=0.0)
            bands.append((y, y + tall))
            for key in row:
                if not isinstance(key, Waypoint):
                    w, h = size[key]
                    boxes[key] = (middle[key] - w / 2, y, w, h)
            y += tall + GAP_Y
        routes = []
        for a, b in self.edges:
            start, *ways = layout.ways[a, b]
            below = bands[start.layer][1] if isinstance(start, Waypoint) else boxes[a][1] + boxes[a][3]
            points = [(middle[start], below)]
            for way in ways:
                begin, end = ((middle[way], y) for y in bands[way.layer])
                points += [*_curve(points[-1], begin), *_curve(begin, end)]
            points += _curve(points[-1], (middle[b], boxes[b][1]))
            routes.append(points)
        return boxes, routes, width, bands[-1][1] + MARGIN


def _curve(start: tuple[float, float], end: tuple[float, float]) -> list[tuple[float, float]]:
    """A cubic Bézier curve that leaves and arrives upright, without its first point."""
    middle = (start[1] + end[1]) / 2
    return [(start[0], middle), (end[0], middle), end]


def plot_cg(
    root: Node,
    save_path: str | os.PathLike[str] | None = None,
    quiet: bool = True,
    view: bool = False,
    wait: float = 0,
    title: str | None = None,
) -> GraphPicture:
    """Draw the computational graph below a node.

    Args:
        root: the node on which all else is computed towards: ``result.root``.
        save_path: where to write the picture; without one of the endings .dot, .gv, .svg, .png it is written
            with each of .gv, .svg and, where matplotlib is installed, .png.
        quiet: whether not to print the DOT text.
        view: whether to show it in a window (through matplotlib).
        wait: for how many seconds, 0 until it is closed.
        title: the headline.

    Returns:
        The picture, with its text as ``.dot`` and ``.svg``; a notebook shows it by itself.

    Example:
        >>> from zkynet.framework import op
        >>> "Multiply" in plot_cg(op.mult(2, 3)).svg
        True
    """
    if not isinstance(root, Node):
        raise ArgumentError(
            f"plot_cg expected a node, received {type(root).__name__}", fix="pass the root of a graph: result.root"
        )
    nodes = get_all_nodes(root)
    boxes = {n.id: (_label(n), "root" if n is root else _kind(n)) for n in nodes}
    edges = [(child.id, n.id) for n in nodes for child in n.children]
    picture = GraphPicture(title or "", boxes, edges)
    if not quiet:
        print(picture.dot)
    if save_path is not None:
        _save_all(picture, Path(save_path))
    if view:
        _show(picture, wait)
    return picture


def _save_all(picture: GraphPicture, path: Path) -> None:
    if path.suffix in ENDINGS:
        picture.save(path)
        return
    for ending in (".gv", ".svg", ".png"):
        try:
            picture.save(path.with_name(path.name + ending))
        except BackendUnavailableError:
            continue  # no matplotlib: DOT and SVG are there


def _show(picture: GraphPicture, wait: float) -> None:
    import matplotlib.pyplot as plt

    figure = picture.figure()
    manager = plt.figure()
    canvas = manager.canvas.manager
    if canvas is None:  # no screen
        return
    figure.set_canvas(manager.canvas)
    canvas.canvas.figure = figure
    plt.show(block=wait == 0)
    if wait:
        plt.pause(wait)
    plt.close(manager)


def _kind(node: Node) -> str:
    return "operator" if isinstance(node, OperatorNode) else "input"


def _label(node: Node) -> list[str]:
    name = node.ref.functional_name if isinstance(node, OperatorNode) else node.ref.short_name.rpartition(".")[2]
    shape = np.shape(node.value)
    if isinstance(node.value, (int, float, complex)):
        value = format(node.value, ".6g") if isinstance(node.value, (float, complex)) else str(node.value)
    elif len(shape) and math.prod(shape) > 6:
        value = f"shape {shape}"
    else:
        value = np.array2string(np.asarray(node.value) if node._exact is None else node._exact.numpy(), precision=6)
    return [*name.splitlines(), *value.splitlines()]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
