"""What functions of NumPy and PyTorch are called here, for the error about a name that zkynet does not have."""

from __future__ import annotations

import sys
from importlib import import_module

OURS = {
    "absolute": "abs", "addmm": "c + a @ b", "amax": "max", "amin": "min", "arccos": "acos", "arccosh": "acosh",
    "arcsin": "asin", "arcsinh": "asinh", "arctan": "atan", "arctan2": "atan2", "arctanh": "atanh", "around": "round",
    "array": "tensor", "as_tensor": "asarray", "asanyarray": "asarray", "ascontiguousarray": "asarray",
    "atleast_1d": "x.reshape", "baddbmm": "c + a @ b", "bitwise_not": "bitwise_invert", "bmm": "matmul",
    "broadcast_tensors": "broadcast_arrays", "bucketize": "searchsorted", "conjugate": "conj", "degrees": "rad2deg",
    "digitize": "searchsorted", "div": "divide", "embedding": "take", "eq": "equal", "expand": "broadcast_to",
    "fix": "trunc", "flatnonzero": "nonzero", "fliplr": "flip", "flipud": "flip", "from_numpy": "asarray",
    "ge": "greater_equal", "gt": "greater", "histc": "histogram", "identity": "eye", "igamma": "special.gammainc",
    "igammac": "special.gammaincc", "index_select": "take", "inverse": "linalg.inv", "invert": "bitwise_invert",
    "le": "less_equal", "left_shift": "bitwise_left_shift", "logsigmoid": "log_sigmoid", "lt": "less",
    "matrix_exp": "linalg.expm", "mm": "matmul", "mod": "remainder", "movedim": "moveaxis", "msort": "sort",
    "mul": "multiply", "mv": "matmul", "narrow": "x[start:stop]", "ne": "not_equal",
    "neg": "negative", "numel": "x.size", "pinverse": "linalg.pinv", "put_along_axis": "scatter",
    "radians": "deg2rad", "ravel": "flatten", "repeat_interleave": "repeat", "right_shift": "bitwise_right_shift",
    "rand": "random.uniform", "randint": "random.integers", "randn": "random.normal", "randperm": "random.permutation",
    "bernoulli": "random.bernoulli", "default_rng": "random.Generator", "manual_seed": "random.seed",
    "multinomial": "random.choice", "normal": "random.normal",
    "rint": "round", "row_stack": "vstack", "sgn": "sign", "size": "x.size", "softmin": "softmax(-x)",
    "sub": "subtract", "swapdims": "swapaxes", "t": "x.T", "take_along_dim": "take_along_axis",
    "tensor_split": "array_split", "trapz": "trapezoid", "true_divide": "divide", "unbind": "unstack",
    "vmap": "leading axes, which every function takes as a batch",
}  # fmt: skip

SHARED = {
    "cross": "linalg", "norm": "linalg",
    "digamma": "special", "erf": "special", "erfc": "special", "erfinv": "special", "i0": "special",
    "lgamma": "special", "logit": "special", "polygamma": "special", "sinc": "special", "xlogy": "special",
}  # fmt: skip
"""Functions of a sub-namespace that the main one has too, as ``shared.py`` there says."""


def missing(name: str) -> AttributeError:
    """The error for ``zk.name``, with the name that was probably meant.

    Args:
        name: what zkynet does not have.

    Example:
        >>> print(missing("arctan2"))
        module 'zkynet' has no attribute 'arctan2'
          Fix: use zk.atan2
    """
    module = sys.modules["zkynet"]
    text = f"module 'zkynet' has no attribute {name!r}"
    ours = OURS.get(name)
    if ours is None:
        ours = next((f"{space}.{name}" for space in ("linalg", "fft", "special") if name in space_of(space)), None)
    if ours is None:
        return AttributeError(text, name=name, obj=module)  # Python adds the nearest spelling
    known = hasattr(module, ours.partition(".")[0].partition("(")[0])
    return AttributeError(f"{text}\n  Fix: use {'zk.' if known else ''}{ours}", name=name)


def space_of(space: str) -> list[str]:
    """The names of the public functions of a sub-namespace."""
    found: list[str] = import_module(f"zkynet.{space}").__all__
    return found
