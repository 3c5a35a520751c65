"""A step length that satisfies the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6)."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any, NamedTuple

DECREASE, CURVATURE = 1e-4, 0.9
"""The constants of the two conditions: how much smaller the function has to be, and how much flatter."""


class Point(NamedTuple):
    """A point on the line: how far along it, the function there, its gradient, and its slope along the line."""

    t: float
    f: float
    g: Any
    slope: float


def strong_wolfe(
    at: Callable[[float], Point], start: Point, t: float, length: float, limit: int, tolerance: float = 1e-9
) -> tuple[Point, int]:
    """A point that satisfies the conditions (or the best one found), and how often the function was evaluated.

    Args:
        at: evaluates the function at a distance along the line.
        start: the point at 0.
        t: the distance to try first.
        length: the largest element of the direction, by size.
        limit: how many further points may be tried.
        tolerance: how small the interval may become.
    """

    def is_too_high(point: Point) -> bool:
        return point.f > start.f + DECREASE * point.t * start.slope

    def is_flat(point: Point) -> bool:
        return abs(point.slope) <= -CURVATURE * start.slope

    before, now = start, at(t)
    tried = 0
    ends = [start, now]  # of an interval that holds what is looked for
    while tried < limit:
        ends = [before, now]
        if is_too_high(now) or (tried > 1 and now.f >= before.f):
            break
        if is_flat(now):
            return now, tried + 1
        if now.slope >= 0:
            break
        farther = _lowest(before, now, now.t + 0.01 * (now.t - before.t), 10 * now.t)
        before, now = now, at(farther)
        tried += 1
        ends = [start, now]
    low = _lower(ends)
    stalled = False
    while tried < limit:
        left, right = sorted(end.t for end in ends)
        if (right - left) * length < tolerance:
            break
        t, stalled = _inside(_lowest(ends[0], ends[1], left, right), left, right, stalled)
        now = at(t)
        tried += 1
        if is_too_high(now) or now.f >= ends[low].f:
            ends[1 - low] = now
            low = _lower(ends)
            continue
        done = is_flat(now)
        if not done and now.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = now
        if done:
            break
    return ends[low], tried + 1


def _lower(ends: list[Point]) -> int:
    return 0 if ends[0].f <= ends[1].f else 1


def _inside(t: float, left: float, right: float, stalled: bool) -> tuple[float, bool]:
    """`t`, moved away from the ends of the interval if it stays near them; and whether it is near one."""
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if not stalled and left < t < right:
        return t, True
    return (right - margin if abs(t - right) < abs(t - left) else left + margin), False


def _lowest(a: Point, b: Point, least: float, most: float) -> float:
    """Where the cubic through two points with their slopes is lowest, within bounds (Nocedal and Wright, 3.59)."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = d1 * d1 - a.slope * b.slope
    if not square >= 0:
        return (least + most) / 2
    d2 = sqrt(square)
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return min(max(t, least), most)
