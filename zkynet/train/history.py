"""What the epochs of a training have come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["History"]


class History(Mapping[str, list[Any]]):
    """What the epochs have come to: lists by name, and a row for each epoch.

    The names are ``loss``, those of the metrics, the same with ``val_`` before them, ``lr``, ``epoch`` and ``step``.

    Args:
        rows: a dict for each epoch.

    Example:
        >>> import zkynet as zk
        >>> history = zk.train.History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history["loss"], history.rows[-1]["epoch"], list(history)
        ([0.5, 0.25], 2, ['epoch', 'loss'])
    """

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        self.rows: list[dict[str, Any]] = list(rows or [])

    def append(self, row: dict[str, Any]) -> None:
        """Add an epoch.

        Args:
            row: its values by name.

        Example:
            >>> import zkynet as zk
            >>> history = zk.train.History()
            >>> history.append({"epoch": 1, "loss": 0.5})
            >>> history["loss"]
            [0.5]
        """
        self.rows.append(dict(row))

    def __getitem__(self, name: str) -> list[Any]:
        if not any(name in row for row in self.rows):
            raise KeyError(f"{name!r}; there are {', '.join(self) or 'no epochs yet'}")
        return [row.get(name) for row in self.rows]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for row in self.rows for name in row))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        last = ", ".join(f"{k}={v:.4g}" for k, v in self.rows[-1].items()) if self.rows else "no epochs yet"
        return f"<History of {len(self.rows)} epochs: {last}>"
