"""The figure that a recipe has to reach."""

from __future__ import annotations

from dataclasses import dataclass

from zkynet.errors import ArgumentError

__all__ = ["Goal"]


@dataclass(frozen=True)
class Goal:
    """A figure that a recipe has to reach with its settings as they are.

    Args:
        name: the result that is compared, as `Run.result` names it.
        at_least: the smallest value that will do.
        at_most: the largest value that will do.
        data: the data that the goal is for; by default any.

    Example:
        >>> goal = Goal("test accuracy", at_least=0.97)
        >>> print(goal)
        test accuracy at least 0.97
        >>> goal.reached(0.981), goal.reached(None)
        (True, False)
    """

    name: str
    at_least: float | None = None
    at_most: float | None = None
    data: str = ""

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None:
            raise ArgumentError(
                f"the goal {self.name!r} says no figure", fix="pass at_least=… or at_most=… to Goal", name=self.name
            )

    def reached(self, value: float | None) -> bool:
        """Whether a value will do; no value and NaN will not.

        Args:
            value: what was measured, or None.

        Example:
            >>> Goal("loss", at_most=0.1).reached(0.05)
            True
        """
        if value is None or value != value:
            return False
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        bounds = []
        if self.at_least is not None:
            bounds.append(f"at least {self.at_least:g}")
        if self.at_most is not None:
            bounds.append(f"at most {self.at_most:g}")
        return f"{self.name} {' and '.join(bounds)}"
