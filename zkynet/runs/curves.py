"""Curves of a training as SVG, in the colours of the page that they stand in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

from zkynet.runs.page import text
from zkynet.runs.tables import shown
from zkynet.visual.pictures_of_training import BEST_IS_LEAST

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 34, 34
MOST_POINTS = 600
WIDE_RANGE = 1000
"""From this ratio of the largest to the smallest on, the axis is logarithmic."""

Points = Sequence[tuple[float, float]]


def chart(name: str, lines: Mapping[str, Points]) -> str:
    """Lines over the epochs, the best marked.

    Args:
        name: what is measured.
        lines: a dict from "training" or "validation" to (epoch, value) pairs.
    """
    finite = {key: [(x, y) for x, y in points if math.isfinite(y)] for key, points in lines.items()}
    values = [y for points in finite.values() for _, y in points]
    if not values:
        return ""
    low, high = min(values), max(values)
    log = low > 0 and high / low > WIDE_RANGE
    first = min(x for points in lines.values() for x, _ in points)
    last = max(max(x for points in lines.values() for x, _ in points), first + 1)
    ticks = _powers(low, high) if log else _round_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def at_x(x: float) -> float:
        return LEFT + (x - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def at_y(y: float) -> float:
        share = math.log(y / low) / math.log(high / low) if log else (y - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    out = []
    for tick in ticks:
        y = at_y(tick)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{text(f"{tick:.4g}")}</text>')
    for tick in _round_ticks(first, last, whole=True):
        if first <= tick <= last:
            place = f'x="{at_x(tick):.1f}" y="{HEIGHT - BOTTOM + 16}"'
            out.append(f'<text {place} text-anchor="middle">{tick:g}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 3}" text-anchor="middle">epoch</text>')
    for number, (key, points) in enumerate(lines.items()):
        style = ("one", "two")[number % 2]
        for part in _without_gaps(_thinned(points)):
            path = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in part)
            if len(part) == 1:
                cx, cy = path.split(",")
                out.append(f'<circle class="{style}" cx="{cx}" cy="{cy}" r="2" fill="none" stroke-width="2"/>')
            else:
                out.append(f'<polyline class="{style}" points="{path}" fill="none" stroke-width="2"/>')
        if len(lines) == 1:
            continue
        left = LEFT + 4 + 110 * number
        out.append(f'<line class="{style}" x1="{left}" x2="{left + 18}" y1="24" y2="24" stroke-width="3"/>')
        out.append(f'<text class="name" x="{left + 23}" y="28">{text(key)}</text>')
    best = _best(name, finite)
    if best is not None:
        key, (x, y) = best
        style = ("one", "two")[list(lines).index(key) % 2]
        out.append(
            f'<circle class="{style}" cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="5" fill="none" stroke-width="2"/>'
        )
        place = f'x="{WIDTH - RIGHT}" y="28" text-anchor="end"'
        out.append(f'<text class="name" {place}>best: {text(shown(float(y)))}, epoch {x:g}</text>')
    said = f"{name} over {len(next(iter(lines.values())))} epochs: " + ", ".join(
        f"{key} from {shown(float(p[0][1]))} to {shown(float(p[-1][1]))}" for key, p in finite.items() if p
    )
    head = f"{name} (logarithmic)" if log else name
    out.insert(0, f'<text class="name" x="{LEFT}" y="12" font-weight="600">{text(head)}</text>')
    frame = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(said)}">'
    return "\n".join([frame, *out, "</svg>"])


def _best(name: str, lines: Mapping[str, Points]) -> tuple[str, tuple[float, float]] | None:
    """The best value, of the validation data where there are some."""
    key = "validation" if lines.get("validation") else next(iter(lines))
    if name == "learning rate" or len(lines[key]) < 2:
        return None
    least = any(word in name.lower() for word in BEST_IS_LEAST)
    return key, (min if least else max)(lines[key], key=lambda point: point[1])


def _thinned(points: Points) -> Points:
    """Fewer points than can be told apart; the last is one of them."""
    every = -(-len(points) // MOST_POINTS)
    return [p for k, p in enumerate(points) if k % every == 0 or k == len(points) - 1]


def _without_gaps(points: Points) -> list[list[tuple[float, float]]]:
    """The parts between values that are not finite."""
    parts: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if math.isfinite(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _round_ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """About five round numbers that enclose a range."""
    if high <= low:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    if whole:
        step = max(1.0, math.ceil(step))
    start, stop = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = [round(k * step, 12 - math.floor(math.log10(step))) for k in range(start, stop + 1)]
    return [b for a, b in pairwise([math.nan, *ticks]) if a != b]


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten that enclose a range, six of them at most."""
    start, stop = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = -(-(stop - start) // 5)
    return [10.0**k for k in range(start, stop + every, every) if k <= 308]
