"""The names of the Array API standard, 2025.12, which are all that ops may take from a backend's namespace.

What else a library has may mean something else in each: `torch.softmax` has no ``axis``, `numpy.pad` has modes of its
own. Of a name outside the standard the zkynet op is meant.
"""

from __future__ import annotations

_MAIN = """
e inf nan newaxis pi
bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex64 complex128
arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros
zeros_like astype can_cast finfo iinfo isdtype result_type
abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or
bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide
greater greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp
logical_and logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive
pow real reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc
take take_along_axis matmul matrix_transpose tensordot vecdot
broadcast_arrays broadcast_shapes broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape
roll squeeze stack tile unstack
argmax argmin count_nonzero nonzero searchsorted where isin unique_all unique_counts unique_inverse unique_values
argsort sort cumulative_sum cumulative_prod max mean min prod std sum var all any diff
"""

_LINALG = """
cholesky cross det diagonal eig eigh eigvals eigvalsh inv matmul matrix_norm matrix_power matrix_rank
matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm
"""

_FFT = "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftfreq rfftfreq fftshift ifftshift"

_TAKE_DTYPES = """
arange asarray astype can_cast cumulative_prod cumulative_sum empty empty_like eye fftfreq finfo full full_like iinfo
isdtype linspace ones ones_like prod result_type rfftfreq sum trace zeros zeros_like
"""

STANDARD = {"": frozenset(_MAIN.split()), "linalg.": frozenset(_LINALG.split()), "fft.": frozenset(_FFT.split())}
"""The names of the main namespace and of its extensions, by prefix."""

TAKE_DTYPES = frozenset(_TAKE_DTYPES.split())
"""The functions that take a dtype."""
