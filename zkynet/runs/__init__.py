"""A run and its folder: settings, metrics, checkpoints, pictures, report."""

__all__: list[str] = []


def __dir__() -> list[str]:
    return __all__
