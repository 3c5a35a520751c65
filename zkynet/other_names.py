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
    "jit": "compiling", "Compiled": "compiling",
    "digamma": "special", "erf": "special", "erfc": "special", "erfinv": "special", "i0": "special",
    "lgamma": "special", "logit": "special", "polygamma": "special", "sinc": "special", "xlogy": "special",
}  # fmt: skip
"""Functions of a sub-namespace that the main one has too, as ``shared.py`` there says; and those of `compiling`."""


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
        ours = next((f"{space}.{name}" for space in SPACES if name in space_of(space)), None)
    if ours is None:
        return AttributeError(text, name=name, obj=module)  # Python adds the nearest spelling
    known = hasattr(module, ours.partition(".")[0].partition("(")[0])
    return AttributeError(f"{text}\n  Fix: use {'zk.' if known else ''}{ours}", name=name)


def space_of(space: str) -> list[str]:
    """The names of the public functions of a sub-namespace."""
    return dir(import_module(f"zkynet.{space}"))


SPACES = (
    *("linalg", "fft", "special", "random", "nn.functional", "nn", "nn.init"),
    *("optim", "optim.lr_scheduler", "metrics", "testing"),
)

ELSEWHERE = {
    "nn.utils": "what PyTorch has in nn.utils is in zk.nn itself: clip_grad_norm_, pad_sequence, weight_norm, ...",
    "nn.SyncBatchNorm": "BatchNorm2d normalises over the batch of one process",
    "nn.EmbeddingBag": "use Embedding, and sum or mean over the axis of the bag",
    "nn.DataParallel": "a model works on one device",
    "data.transforms.RandomHorizontalFlip": "use zk.data.transforms.HorizontalFlip",
    "data.transforms.RandomVerticalFlip": "use zk.data.transforms.VerticalFlip",
    "data.transforms.MixUp": "use zk.data.transforms.Mixup",
    "data.transforms.ToTensor": "use zk.data.transforms.ToFloat; the loader makes tensors",
    "optim.swa_utils": "use zk.optim.SWA and zk.optim.EMA, zk.optim.update_bn, zk.optim.lr_scheduler.SWALR",
    "optim.AveragedModel": "use zk.optim.SWA or zk.optim.EMA",
}
"""What PyTorch has in a place or a form of its own, and what does it here."""


def missing_in(space: str, name: str) -> AttributeError:
    """The error for ``zk.nn.name`` and the like, with what does it here.

    Args:
        space: the sub-namespace.
        name: what it does not have.

    Example:
        >>> print(missing_in("nn", "LazyLinear"))
        module 'zkynet.nn' has no attribute 'LazyLinear'
          Fix: use zk.nn.Linear with None for the size that is to be inferred
        >>> print(missing_in("optim", "StepLR"))
        module 'zkynet.optim' has no attribute 'StepLR'
          Fix: use zk.optim.lr_scheduler.StepLR
    """
    text = f"module 'zkynet.{space}' has no attribute {name!r}"
    module = sys.modules[f"zkynet.{space}"]
    fix = ELSEWHERE.get(f"{space}.{name}")
    if fix is None and name.startswith("Lazy") and name[4:] in space_of("nn"):
        fix = f"use zk.nn.{name[4:]} with None for the size that is to be inferred"
    if fix is None:
        found = next((other for other in SPACES if other != space and name in space_of(other)), None)
        fix = None if found is None else f"use zk.{found}.{name}"
    if fix is None:
        return AttributeError(text, name=name, obj=module)  # Python adds the nearest spelling
    return AttributeError(f"{text}\n  Fix: {fix}", name=name)
