"""zkynet: deep learning you can read, on the arrays you already have.

    >>> import zkynet as zk
    >>> x = zk.tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> zk.sum(x * x).backward()
    >>> x.grad
    Tensor([2., 4., 6.])
"""

from zkynet.dtypes import bool, complex64, complex128, float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64
from zkynet.backend import *
from zkynet.tensor import Tensor
from zkynet.namespace_info import *
from zkynet.ops.casting import *
from zkynet.ops.creation import *
from zkynet.ops.filled import *
from zkynet.ops.elementwise import *
from zkynet.ops.powers import *
from zkynet.ops.exponential import *
from zkynet.ops.trigonometry import *
from zkynet.ops.extrema import *
from zkynet.ops.rounding import *
from zkynet.ops.comparison import *
from zkynet.ops.logical import *
from zkynet.ops.bitwise import *
from zkynet.ops.complexes import *
from zkynet.ops.reduction import *
from zkynet.ops.statistics import *
from zkynet.ops.cumulative import *
from zkynet.ops.sorting import *
from zkynet.ops.searching import *
from zkynet.ops.sets import *
from zkynet.ops.histograms import *
from zkynet.ops.shaping import *
from zkynet.ops.joining import *
from zkynet.ops.indexing import *
from zkynet.ops.selecting import *
from zkynet.ops.padding import *
from zkynet.ops.patterns import *
from zkynet.ops.matmul import *
from zkynet.ops.einsum import *
from zkynet.ops.activations import *
from zkynet.ops.piecewise import *
from zkynet.ops.logspace import *
from zkynet.autodiff import *
from zkynet import fft, linalg, special
from zkynet.special import digamma, erf, erfc, erfinv, i0, lgamma, logit, polygamma, sinc, xlogy
from zkynet.ops import namespace as _namespace
from zkynet.ops import operators as _operators
