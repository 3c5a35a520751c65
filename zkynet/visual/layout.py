"""Where the boxes of a directed graph go: in layers, ordered so that few edges cross.

After Sugiyama, Tagawa and Toda (1981): a layer by the longest path, then sweeps that put each box at the mean place of
its neighbours (the barycentre rule).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

SWEEPS = 8


def layers(nodes: Sequence[Hashable], inputs: Mapping[Hashable, Sequence[Hashable]]) -> list[list[Hashable]]:
    """Nodes in layers, each below all of its inputs.

    Args:
        nodes: all nodes.
        inputs: for each node, the nodes it was computed from.
    """
    depth: dict[Hashable, int] = {}
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
    users: dict[Hashable, list[Hashable]] = {n: [] for n in nodes}
    for node in nodes:
        for i in inputs.get(node, ()):
            users[i].append(node)
    for node in sorted(nodes, key=lambda n: -depth[n]):  # inputs move down to where they are used
        if not inputs.get(node) and users[node]:
            depth[node] = min(depth[u] for u in users[node]) - 1
    rows: list[list[Hashable]] = [[] for _ in range(1 + max(depth.values(), default=0))]
    for node in nodes:
        rows[depth[node]].append(node)
    return _untangle(rows, inputs, users)


def _untangle(
    rows: list[list[Hashable]],
    inputs: Mapping[Hashable, Sequence[Hashable]],
    users: Mapping[Hashable, Sequence[Hashable]],
) -> list[list[Hashable]]:
    """Order each layer by the mean place of the neighbours above, then below, a few times."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        place = {n: (k + 0.5) / len(row) for row in rows for k, n in enumerate(row)}
        for row in rows if down else reversed(rows):
            near = inputs if down else users
            means = {n: [place[k] for k in near.get(n, ())] or [place[n]] for n in row}
            row.sort(key=lambda n, means=means: sum(means[n]) / len(means[n]))  # type: ignore[misc]
            place.update({n: (k + 0.5) / len(row) for k, n in enumerate(row)})
    return rows
