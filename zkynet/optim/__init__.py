"""Optimisers, schedules, and what goes with them."""

__all__: list[str] = []


def __dir__() -> list[str]:
    return __all__
