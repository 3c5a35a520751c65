"""The functions that work element by element: what they take, what they give, and NumPy's own for comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.standard import ALL, BOOL, COMPLEX, FLOAT, INTEGER, NUMERIC, REAL, REAL_FLOAT, real_part


@dataclass(frozen=True)
class Function:
    """One function of one or two arrays.

    Attributes:
        name: the function's name.
        dtypes: those it takes.
        reference: the same in NumPy.
        gives: the dtype of the result: ``"same"`` as the (promoted) inputs, ``"bool"``, ``"real"`` for the real part.
        low: no float input is less than this, nor is the real part of a complex one.
        high: no float input is greater.
        second: which second inputs it takes: ``"any"``, ``"nonzero"``, or ``"small"``: from 0 to 5.
    """

    name: str
    dtypes: tuple[str, ...]
    reference: Callable[..., Any]
    gives: str = "same"
    low: float = -1e3
    high: float = 1e3
    second: str = "any"

    def result(self, dtype: str) -> str:
        """The dtype of the result for inputs of a dtype."""
        return {"same": dtype, "bool": "bool", "real": real_part(dtype)}[self.gives]


def _f(name: str, dtypes: tuple[str, ...], reference: Any = None, *args: Any, **kwargs: Any) -> Function:
    return Function(name, dtypes, reference or getattr(np, name), *args, **kwargs)


_BITS = BOOL + INTEGER

UNARY = (
    _f("abs", NUMERIC, gives="real"),
    _f("acos", FLOAT, np.arccos, low=-1, high=1),
    _f("acosh", FLOAT, np.arccosh, low=1),
    _f("asin", FLOAT, np.arcsin, low=-1, high=1),
    _f("asinh", FLOAT, np.arcsinh),
    _f("atan", FLOAT, np.arctan),
    _f("atanh", FLOAT, np.arctanh, low=-0.99, high=0.99),
    _f("bitwise_invert", _BITS, np.invert),
    _f("ceil", REAL),
    _f("conj", NUMERIC),
    _f("cos", FLOAT, low=-10, high=10),
    _f("cosh", FLOAT, low=-10, high=10),
    _f("exp", FLOAT, low=-30, high=30),
    _f("expm1", FLOAT, low=-10, high=10),
    _f("floor", REAL),
    _f("imag", COMPLEX, gives="real"),
    _f("isfinite", NUMERIC, gives="bool"),
    _f("isinf", NUMERIC, gives="bool"),
    _f("isnan", NUMERIC, gives="bool"),
    _f("log", FLOAT, low=1e-3),
    _f("log1p", FLOAT, low=-0.99),
    _f("log2", FLOAT, low=1e-3),
    _f("log10", FLOAT, low=1e-3),
    _f("logical_not", BOOL),
    _f("negative", NUMERIC),
    _f("positive", NUMERIC),
    _f("real", NUMERIC, gives="real"),
    _f("reciprocal", FLOAT, low=1e-3),
    _f("round", NUMERIC),
    _f("sign", NUMERIC),
    _f("signbit", REAL_FLOAT, gives="bool"),
    _f("sin", FLOAT, low=-10, high=10),
    _f("sinh", FLOAT, low=-10, high=10),
    _f("square", NUMERIC),
    _f("sqrt", FLOAT, low=0),
    _f("tan", FLOAT, low=-1.5, high=1.5),
    _f("tanh", FLOAT, low=-10, high=10),
    _f("trunc", REAL),
)

BINARY = (
    _f("add", NUMERIC),
    _f("atan2", REAL_FLOAT, np.arctan2),
    _f("bitwise_and", _BITS),
    _f("bitwise_left_shift", INTEGER, np.left_shift, second="small"),
    _f("bitwise_or", _BITS),
    _f("bitwise_right_shift", INTEGER, np.right_shift, second="small"),
    _f("bitwise_xor", _BITS),
    _f("copysign", REAL_FLOAT),
    _f("divide", FLOAT, second="nonzero"),
    _f("equal", ALL, gives="bool"),
    _f("floor_divide", REAL, second="nonzero"),
    _f("greater", REAL, gives="bool"),
    _f("greater_equal", REAL, gives="bool"),
    _f("hypot", REAL_FLOAT),
    _f("less", REAL, gives="bool"),
    _f("less_equal", REAL, gives="bool"),
    _f("logaddexp", REAL_FLOAT),
    _f("logical_and", BOOL),
    _f("logical_or", BOOL),
    _f("logical_xor", BOOL),
    _f("maximum", REAL),
    _f("minimum", REAL),
    _f("multiply", NUMERIC),
    _f("nextafter", REAL_FLOAT),
    _f("not_equal", ALL, gives="bool"),
    _f("pow", NUMERIC, np.power, low=0.1, high=4, second="small"),
    _f("remainder", REAL, second="nonzero"),
    _f("subtract", NUMERIC),
)

OPERATORS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "floor_divide",
    "%": "remainder",
    "**": "pow",
    "&": "bitwise_and",
    "|": "bitwise_or",
    "^": "bitwise_xor",
    "<<": "bitwise_left_shift",
    ">>": "bitwise_right_shift",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "==": "equal",
    "!=": "not_equal",
}
"""Binary operators by the function that each stands for."""

UNARY_OPERATORS = {"-": "negative", "+": "positive", "~": "bitwise_invert", "abs": "abs"}

BY_NAME = {f.name: f for f in UNARY + BINARY}
