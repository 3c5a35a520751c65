"""Random numbers: the same seed gives the same numbers on every backend and device."""

__all__: list[str] = []


def __dir__() -> list[str]:
    return __all__
