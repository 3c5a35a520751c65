"""Each system of the learning path as one short file that reads as a lesson."""

__all__: list[str] = []


def __dir__() -> list[str]:
    return __all__
