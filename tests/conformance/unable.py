"""What a backend cannot do, each with its reason: tests that have to fail there, so that a change is noticed."""

from __future__ import annotations

import numpy as np

NO_ARITHMETIC: dict[str, tuple[str, ...]] = {"torch": ("uint16", "uint32", "uint64")}
"""Dtypes by backend that exist there, but that its functions do not take: most of PyTorch's kernels lack them."""

_TANH = "tanh follows C: next to infinity the imaginary part is a zero with the sign of sin(2 b), where b is asked for"
_EXPM1 = "complex expm1 is computed by a formula that multiplies infinity by zero"
_FLOOR = "the quotient with an infinite dividend is NaN, as in Python, which the standard lets pass"
_ZEROS = "complex functions are computed by formulas in real ones, in which the sign of a zero is lost"

_HYPERBOLIC_TANGENT = {
    "test_complex[tanh inf pos]": _TANH,
    "test_complex_symmetry[tanh]": _TANH,
    "test_circular_functions_are_turned_hyperbolic_ones[tan]": _TANH,
}
_AS_NUMPY_WITHOUT_KERNELS = {
    "test_real_binary[floor_divide inf *]": _FLOOR,
    "test_real_binary[floor_divide -inf *]": _FLOOR,
    "test_complex[expm1 zero 0]": "expm1(-0) is -0, where the standard asks for 0",
    "test_complex[expm1 inf 0]": _EXPM1,
    "test_complex[expm1 *inf inf,nan]": _EXPM1,
    "test_complex[expm1 nan 0]": _EXPM1,
    "test_complex_symmetry[expm1]": _EXPM1,
}

_ACOSH = "acosh(nan i) has an imaginary part of pi / 2 from NumPy 2.3 on"
_BEFORE_NUMPY_2_3 = {"test_complex[acosh 0 nan]": _ACOSH, "test_complex_symmetry[acosh]": _ACOSH}
_AS_THIS_NUMPY = {
    **_HYPERBOLIC_TANGENT,
    **(_BEFORE_NUMPY_2_3 if np.lib.NumpyVersion(np.__version__) < "2.3.0" else {}),
}

UNABLE: dict[str, dict[str, str]] = {
    "numpy": _AS_THIS_NUMPY,
    "jax": {
        "test_complex[exp -inf num]": _ZEROS,
        "test_complex[expm1 -inf num]": _ZEROS,
        **{f"test_complex_symmetry[{name}]": _ZEROS for name in ("acos", "acosh", "asinh", "atanh", "cosh")},
        **{f"test_complex_symmetry[{name}]": _ZEROS for name in ("exp", "expm1", "sinh", "sqrt", "tanh")},
        "test_circular_functions_are_turned_hyperbolic_ones[*]": "XLA's formulas lose their way at infinities and NaN",
    },
    "strict": {
        **_AS_THIS_NUMPY,
        **_AS_NUMPY_WITHOUT_KERNELS,
        "test_conversions_to_python_numbers": "float(x), bool(x) and so on make the host wait: refused on device1",
        "test_iteration_and_membership[*]": "a loop over a tensor makes the host wait: refused on device1",
    },
    "torch": {
        **_HYPERBOLIC_TANGENT,
        **_AS_NUMPY_WITHOUT_KERNELS,
        "test_dtype_of_sums[*-uint8]": "PyTorch has no sums in uint64",
        "test_reduction[sum-uint8]": "PyTorch has no sums in uint64",
        "test_reduction[prod-uint8]": "PyTorch has no products in uint64",
        "test_running[*-uint8]": "PyTorch has no running sums in uint64",
        "test_real_binary[remainder -0 >0]": "a remainder of zero has the sign of the dividend",
        "test_real_binary[remainder 0 <0]": "a remainder of zero has the sign of the dividend",
        "test_real_binary[remainder *6 *2]": "a remainder of zero has the sign of the dividend",
        "test_complex[acos zero 0]": "the sign of a zero is lost",
        "test_complex[log1p infs nan]": "log1p of an infinite part beside NaN is NaN",
        "test_complex[log1p nan inf]": "log1p of an infinite part beside NaN is NaN",
        "test_complex_symmetry[log1p]": "log1p of an infinite part beside NaN is NaN",
        "test_complex[round *]": "complex numbers are rounded by parts and put together by a product with i",
    },
}
"""By backend: the name of a test, with ``*`` for any part of it, and the reason."""
