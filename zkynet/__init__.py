"""zkynet: deep learning you can read, on the arrays you already have.

>>> import zkynet as zk
>>> x = zk.tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> zk.sum(x * x).backward()
>>> x.grad
Tensor([2., 4., 6.])
"""

import typing as _typing
from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec
from types import ModuleType as _ModuleType

from zkynet import backend as backend
from zkynet import einops_support as _einops_support
from zkynet import errors as errors
from zkynet import other_names as _other_names
from zkynet.autodiff import *
from zkynet.backend import *
from zkynet.dtypes import *
from zkynet.dtypes import as_dtype as _as_dtype
from zkynet.namespace_info import *
from zkynet.ops import namespace as _namespace
from zkynet.ops import operators as _operators
from zkynet.ops.activations import *
from zkynet.ops.along_axis import *
from zkynet.ops.bitwise import *
from zkynet.ops.casting import *
from zkynet.ops.comparison import *
from zkynet.ops.complexes import *
from zkynet.ops.counted import *
from zkynet.ops.creation import *
from zkynet.ops.cumulative import *
from zkynet.ops.einsum import *
from zkynet.ops.elementwise import *
from zkynet.ops.exponential import *
from zkynet.ops.extrema import *
from zkynet.ops.filled import *
from zkynet.ops.histograms import *
from zkynet.ops.indexing import *
from zkynet.ops.interpolation import *
from zkynet.ops.joining import *
from zkynet.ops.logical import *
from zkynet.ops.logspace import *
from zkynet.ops.matmul import *
from zkynet.ops.nan_statistics import *
from zkynet.ops.padding import *
from zkynet.ops.patterns import *
from zkynet.ops.piecewise import *
from zkynet.ops.powers import *
from zkynet.ops.reduction import *
from zkynet.ops.reordering import *
from zkynet.ops.rounding import *
from zkynet.ops.searching import *
from zkynet.ops.selecting import *
from zkynet.ops.sets import *
from zkynet.ops.shaping import *
from zkynet.ops.sorting import *
from zkynet.ops.statistics import *
from zkynet.ops.trigonometry import *
from zkynet.tensor import *

_einops_support.install()

_SPACES = (
    "data", "fft", "framework", "linalg", "metrics", "nn", "optim", "random", "recipes", "runs", "special", "testing",
    "train", "visual",
)  # fmt: skip
"""Sub-namespaces and faces, loaded when something of them is used."""

if _typing.TYPE_CHECKING:
    import numpy as _np

    from zkynet import data as data
    from zkynet import fft as fft
    from zkynet import framework as framework
    from zkynet import linalg as linalg
    from zkynet import metrics as metrics
    from zkynet import nn as nn
    from zkynet import optim as optim
    from zkynet import random as random
    from zkynet import recipes as recipes
    from zkynet import runs as runs
    from zkynet import special as special
    from zkynet import testing as testing
    from zkynet import train as train
    from zkynet import visual as visual
    from zkynet.compiling import *
    from zkynet.linalg.shared import *
    from zkynet.special.shared import *

    bfloat16: _np.dtype[_typing.Any]
    __version__: str
else:

    def __getattr__(name: str) -> object:
        """What is looked up when asked for: sub-namespaces, faces, bfloat16 (which needs ml_dtypes), the version."""
        if name in _SPACES:
            return _import_module(f"zkynet.{name}")
        if name in _other_names.SHARED:  # a sub-namespace is loaded when something of it is used: imports are quick
            value = getattr(_import_module(f"zkynet.{_other_names.SHARED[name]}"), name)
            globals()[name] = value
            return value
        if name == "bfloat16":
            try:
                return _as_dtype("bfloat16")
            except errors.DTypeError as e:  # so that hasattr(zk, "bfloat16") says no
                raise AttributeError(str(e), name=name) from e
        if name == "__version__":
            from importlib.metadata import version

            return version("zkynet")
        if name.startswith("_"):
            raise AttributeError(f"module 'zkynet' has no attribute {name!r}", name=name)
        raise _other_names.missing(name)


def __dir__() -> list[str]:
    """The public names, for editors: the modules of the engine are left out."""
    names = {n for n, v in globals().items() if not (n[0] == "_" != n[1] or isinstance(v, _ModuleType))}
    names |= {"backend", "errors", *_SPACES, *_other_names.SHARED}
    return sorted(names | {"bfloat16"} if _find_spec("ml_dtypes") else names)
