"""Pictures of the graphs of calls: DOT, SVG and matplotlib."""

from __future__ import annotations

import sys
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from test_framework import Composite, SimpleModel

import zkynet as zk
from zkynet.errors import ArgumentError, BackendUnavailableError, InvalidValueError
from zkynet.framework import cg, op
from zkynet.visual import plot_cg

SVG = "{http://www.w3.org/2000/svg}"


def graph(function: Any, *values: Any, names: Any = ("x", "y")) -> Any:
    inputs = tuple(cg.Variable(name) for name in names[: len(values)])
    return cg.Module.build("graph", function, inputs)(*values)


def points(path: ElementTree.Element) -> list[tuple[float, float]]:
    """The ends of the curves of an edge."""
    pairs = path.attrib["d"].replace("M", "").replace("C", "").split()
    return [(float(x), float(y)) for x, y in (p.split(",") for p in pairs[::3])]


def test_the_picture_names_every_node_and_edge(tmp_path: Any) -> None:
    r = Composite(True, False)(3, 4)
    picture = plot_cg(r.root, title="sum & product <1>")
    nodes = cg.get_all_nodes(r.root)
    assert len(picture.nodes) == len(nodes)
    assert len(picture.edges) == sum(len(n.children) for n in nodes)
    assert picture.dot.count("->") == len(picture.edges)
    tree = ElementTree.fromstring(picture.svg)  # well-formed, also with < and & in the title
    assert len(tree.findall(f"{SVG}rect")) == len(nodes)
    assert len(tree.findall(f"{SVG}path")) == len(picture.edges)
    assert plot_cg(r.root, save_path=tmp_path / "cg.svg").svg == (tmp_path / "cg.svg").read_text()


def test_boxes_do_not_overlap_and_edges_lead_down() -> None:
    picture = plot_cg(Composite(False, False)(3, 4).root)
    boxes, _, _, _ = picture._places()
    places = list(boxes.values())
    for i, (x, y, w, h) in enumerate(places):
        for x2, y2, w2, h2 in places[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for a, b in picture.edges:
        assert boxes[a][1] + boxes[a][3] < boxes[b][1]


def test_pictures_are_written_in_every_form(tmp_path: Any) -> None:
    pytest.importorskip("matplotlib", reason="PNG pictures need matplotlib")
    plot_cg(SimpleModel()(3).root, save_path=tmp_path / "cg")
    assert {p.name for p in tmp_path.iterdir()} == {"cg.gv", "cg.svg", "cg.png"}
    assert (tmp_path / "cg.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    with pytest.raises(InvalidValueError, match="endings"):
        plot_cg(SimpleModel()(3).root).save(tmp_path / "cg.bmp")
    with pytest.raises(ArgumentError, match=r"result\.root"):
        plot_cg(SimpleModel()(3))  # type: ignore[arg-type]


def test_edges_go_around_boxes() -> None:
    def skipping(x: Any) -> Any:
        y = x
        for _ in range(6):
            y = op.add(op.tanh(y), x)
        return y

    picture = plot_cg(graph(skipping, 0.3).root)
    tree = ElementTree.fromstring(picture.svg)
    boxes = [[float(r.attrib[k]) for k in ("x", "y", "width", "height")] for r in tree.findall(f"{SVG}rect")]
    crossed = 0
    for path in tree.findall(f"{SVG}path"):
        for x, y in points(path)[1:-1]:
            crossed += any(left < x < left + w and top <= y <= top + h for left, top, w, h in boxes)
    assert len(boxes) == 13
    assert crossed == 0


def test_inputs_stand_in_their_order() -> None:
    picture = plot_cg(graph(lambda x, y: op.sub(op.sin(x), op.cos(y)), 1.0, 2.0).root)
    boxes, _, _, _ = picture._places()
    left = {lines[0]: boxes[key][0] for key, (lines, _) in picture.nodes.items()}
    assert left["x"] < left["y"]
    assert left["Sin"] < left["Cos"]


def test_names_with_any_characters(tmp_path: Any) -> None:
    names = ('a<b>&"c"\\n\\', "two\nlines $x_1$ {record|x}")
    r = graph(op.mult, np.ones((2, 2)), 2.0, names=names)
    picture = plot_cg(r.root, title='"<&>\\')
    texts = {t.text for t in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")}
    assert {names[0], "two", "lines $x_1$ {record|x}", '"<&>\\'} <= texts
    assert r'label="a<b>&\"c\"\\n\\\n[[1. 1.]' in picture.dot
    if pytest.importorskip("matplotlib", reason="PNG pictures need matplotlib"):
        picture.save(tmp_path / "names.png")


def test_a_long_title_fits() -> None:
    title = "a title much wider than the two boxes that are below it"
    width = float(ElementTree.fromstring(plot_cg(graph(op.sin, 1.0).root, title=title).svg).attrib["width"])
    assert width > 6 * len(title)


def test_a_deep_graph_with_a_shared_input_is_drawn_in_time() -> None:
    def deep(x: Any) -> Any:
        y = x
        for _ in range(2500):
            y = op.add(op.sin(y), x)
        return y

    picture = plot_cg(graph(deep, 0.1).root)
    assert len(picture.edges) == 7500
    assert len(picture.svg) < 5_000_000  # edges from one box share their way
    assert picture.dot.count("->") == 7500


def test_values_of_other_backends_are_read_for_the_picture() -> None:
    with zk.use_backend("strict"), zk.device("device1"):
        picture = plot_cg(op.mult(zk.tensor([1.0, 2.0]), 1.5))
    assert "[1.5 3. ]" in picture.svg


def test_without_matplotlib_there_is_svg(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    picture = plot_cg(SimpleModel()(3).root, save_path=tmp_path / "cg")
    assert {p.name for p in tmp_path.iterdir()} == {"cg.gv", "cg.svg"}
    with pytest.raises(BackendUnavailableError, match=r"zkynet\[plot\]"):
        picture.save(tmp_path / "cg.png")
