"""Random numbers: the same seed gives the same numbers on every backend and device."""

from zkynet.random.functions import *
from zkynet.random.functions import __all__ as _functions
from zkynet.random.generator import Generator
from zkynet.random.process import default_generator, get_state, seed, set_state

__all__ = ["Generator", "default_generator", "get_state", "seed", "set_state", *_functions]

_OURS = {
    "default_rng": "Generator", "get_rng_state": "get_state", "manual_seed": "seed", "multinomial": "choice",
    "rand": "uniform", "randint": "integers", "randn": "normal", "random": "uniform", "randperm": "permutation",
    "set_rng_state": "set_state", "standard_exponential": "exponential", "standard_gamma": "gamma",
    "standard_normal": "normal", "trunc_normal": "truncated_normal",
}  # fmt: skip
"""What NumPy and PyTorch call otherwise."""


def __getattr__(name: str) -> object:
    text = f"module 'zkynet.random' has no attribute {name!r}"
    raise AttributeError(f"{text}\n  Fix: use zk.random.{_OURS[name]}" if name in _OURS else text, name=name)


def __dir__() -> list[str]:
    return __all__
