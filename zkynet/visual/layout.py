"""Where the boxes of a directed graph go: in layers, ordered so that few edges cross, each near its neighbours.

After Sugiyama, Tagawa and Toda (1981): a layer by the longest path, waypoints where an edge passes by a layer, then
sweeps that put each box at the mean place of its neighbours (the barycentre rule), first in order, then in distance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

SWEEPS = 8


class Waypoint(NamedTuple):
    """Where the edges that leave `source` pass by a layer: those to several boxes further down go as one."""

    source: Any
    layer: int


class Layout(NamedTuple):
    """Layers and places.

    Attributes:
        rows: boxes and waypoints of each layer from left to right, inputs first.
        x: the horizontal middle of each, from 0.
        ways: for each edge, where it starts and the waypoints it then goes through. It starts at its source, or at the
            last waypoint of an earlier edge from there, where it branches off.
    """

    rows: list[list[Any]]
    x: dict[Any, float]
    ways: dict[tuple[Any, Any], list[Any]]


def lay_out(
    nodes: Sequence[Any], inputs: Mapping[Any, Sequence[Any]], width: Callable[[Any], float], gap: float
) -> Layout:
    """Place the nodes of a graph without cycles, each below all of its inputs.

    Args:
        nodes: all nodes.
        inputs: for each node, the nodes it was computed from.
        width: how wide the box of a node or a waypoint is.
        gap: how far boxes of a layer are apart.
    """
    depth = _depths(nodes, inputs)
    rows: list[list[Any]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for node in nodes:
        rows[depth[node]].append(node)
    above: dict[Any, list[Any]] = {n: [] for n in nodes}
    below: dict[Any, list[Any]] = {n: [] for n in nodes}
    ways: dict[tuple[Any, Any], list[Any]] = {}
    ends: dict[Any, Any] = {n: n for n in nodes}  # how far down the edges of a node have come
    for node in sorted(nodes, key=depth.__getitem__):
        for source in dict.fromkeys(inputs.get(node, ())):
            end = ends[source]
            start = end.layer if isinstance(end, Waypoint) else depth[source]
            ways[source, node] = way = [end, *(Waypoint(source, k) for k in range(start + 1, depth[node]))]
            for new in way[1:]:
                above[new], below[new] = [], []
                rows[new.layer].append(new)
            for upper, lower in pairwise([*way, node]):
                above[lower].append(upper)
                below[upper].append(lower)
            ends[source] = way[-1]
    _untangle(rows, above, below)
    return Layout(rows, _spread(rows, above, below, width, gap), ways)


def _depths(nodes: Sequence[Any], inputs: Mapping[Any, Sequence[Any]]) -> dict[Any, int]:
    """The layer of each node."""
    depth: dict[Any, int] = {}
    for start in nodes:  # depth first without recursion: graphs can be deep
        stack = [start]
        while stack:
            node = stack[-1]
            waiting = [i for i in inputs.get(node, ()) if i not in depth]
            if node in depth or not waiting:
                stack.pop()
                depth.setdefault(node, 1 + max((depth[i] for i in inputs.get(node, ())), default=-1))
            else:
                stack.extend(waiting)
    first_use: dict[Any, int] = {}
    for node in nodes:
        for i in inputs.get(node, ()):
            first_use[i] = min(first_use.get(i, depth[node]), depth[node])
    for node in nodes:  # leaves move down to where they are used
        if not inputs.get(node) and node in first_use:
            depth[node] = first_use[node] - 1
    return depth


def _untangle(rows: list[list[Any]], above: Mapping[Any, list[Any]], below: Mapping[Any, list[Any]]) -> None:
    """Order each layer by the mean place of the neighbours above, then below, a few times."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        place = {n: (k + 0.5) / len(row) for row in rows for k, n in enumerate(row)}
        for row in rows if down else reversed(rows):
            near = above if down else below
            mean = {n: sum(place[k] for k in near[n]) / len(near[n]) if near[n] else place[n] for n in row}
            row.sort(key=mean.__getitem__)
            place.update({n: (k + 0.5) / len(row) for k, n in enumerate(row)})


def _spread(
    rows: list[list[Any]],
    above: Mapping[Any, list[Any]],
    below: Mapping[Any, list[Any]],
    width: Callable[[Any], float],
    gap: float,
) -> dict[Any, float]:
    """The horizontal middle of each box: near the mean of its neighbours, in order and without overlap."""
    x: dict[Any, float] = {}
    offsets = []  # the nearest that the boxes of a row can be to its first
    for row in rows:
        offset = [0.0]
        for left, right in pairwise(row):
            offset.append(offset[-1] + (width(left) + width(right)) / 2 + gap)
        offsets.append(offset)
        x.update({n: o - offset[-1] / 2 for n, o in zip(row, offset, strict=True)})
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else reversed(range(len(rows)))
        for k in order:
            row, offset = rows[k], offsets[k]
            wanted = []
            for n, o in zip(row, offset, strict=True):
                near = above[n] + below[n]
                wanted.append((sum(x[m] for m in near) / len(near) if near else x[n]) - o)
            x.update({n: w + o for n, w, o in zip(row, _in_order(wanted), offset, strict=True)})
    least = min((x[n] - width(n) / 2 for n in x), default=0.0)
    return {n: place - least for n, place in x.items()}


def _in_order(wanted: Sequence[float]) -> list[float]:
    """The numbers nearest to `wanted` (least squares) that never decrease: where they do, their mean."""
    groups: list[tuple[float, int]] = []
    for value in wanted:
        total, size = value, 1
        while groups and groups[-1][0] / groups[-1][1] > total / size:
            more, count = groups.pop()
            total, size = total + more, size + count
        groups.append((total, size))
    return [total / size for total, size in groups for _ in range(size)]
