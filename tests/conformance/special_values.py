"""Results of elementwise functions at infinities, NaN, signed zeros and the edges of their domains.

A row is read ``argument: result`` or ``argument argument: result``. An argument is a number or one of the groups in
`GROUPS`; several with commas between them all have the same result. A result is a formula in the arguments (``x``;
``x`` and ``y``; ``a`` and ``b`` for the parts of a complex number); ``~`` before it leaves the sign open.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

Row = tuple[str, tuple[float, ...], tuple[float, ...], str]

GROUPS = {
    "pos": (0.25, 1.0, 2.5),
    "neg": (-0.25, -1.0, -2.5),
    "zero": (0.0, -0.0),
    "infs": (math.inf, -math.inf),
    "whole": (-3.0, 1.0, 8.0, 1e12),
    "odd": (1.0, 3.0),
    "even": (2.0, 2.5, 4.0),
    "big": (1.5, -1.5, 1e30, math.inf, -math.inf),
    "small": (0.5, -0.5, 0.0, -0.0),
    ">1": (1.5, 1e30, math.inf),
    "<-1": (-1.5, -1e30, -math.inf),
    "<1": (0.5, 0.0, -0.0, -3.0, -math.inf),
    "<0": (-0.25, -2.0, -math.inf),
    ">0": (0.25, 2.0, math.inf),
}
GROUPS["fin"] = GROUPS["pos"] + GROUPS["neg"]
GROUPS["num"] = GROUPS["fin"] + GROUPS["zero"]
GROUPS["any"] = GROUPS["num"] + GROUPS["infs"]
GROUPS["all"] = (*GROUPS["any"], math.nan)

_SCOPE = {"pi": math.pi, "inf": math.inf, "nan": math.nan, "cos": math.cos, "sin": math.sin, "abs": abs}

_KEEPS_ZEROS = "nan: nan; 0: 0; -0: -0"
_ROUNDS = f"{_KEEPS_ZEROS}; inf: inf; -inf: -inf; whole: x"

REAL_UNARY = {
    "abs": "nan: nan; 0,-0: 0; infs: inf; neg: -x; pos: x",
    "acos": "nan: nan; >1,<-1: nan; 1: 0",
    "acosh": "nan: nan; <1: nan; 1: 0; inf: inf",
    "asin": f"{_KEEPS_ZEROS}; >1,<-1: nan",
    "asinh": f"{_KEEPS_ZEROS}; inf: inf; -inf: -inf",
    "atan": f"{_KEEPS_ZEROS}; inf: pi/2; -inf: -pi/2",
    "atanh": f"{_KEEPS_ZEROS}; >1,<-1: nan; -1: -inf; 1: inf",
    "ceil": _ROUNDS,
    "cos": "nan: nan; zero: 1; infs: nan",
    "cosh": "nan: nan; zero: 1; infs: inf",
    "exp": "nan: nan; zero: 1; inf: inf; -inf: 0",
    "expm1": f"{_KEEPS_ZEROS}; inf: inf; -inf: -1",
    "floor": _ROUNDS,
    "isfinite": "infs,nan: False; num: True",
    "isinf": "infs: True; num,nan: False",
    "isnan": "nan: True; any: False",
    "log": "nan: nan; <0: nan; zero: -inf; 1: 0; inf: inf",
    "log1p": f"{_KEEPS_ZEROS}; <-1: nan; -1: -inf; inf: inf",
    "log2": "nan: nan; <0: nan; zero: -inf; 1: 0; inf: inf",
    "log10": "nan: nan; <0: nan; zero: -inf; 1: 0; inf: inf",
    "negative": "nan: nan; 0: -0; -0: 0; inf: -inf; -inf: inf",
    "positive": f"{_KEEPS_ZEROS}; any: x",
    "reciprocal": "nan: nan; 0: inf; -0: -inf; inf: 0; -inf: -0",
    "round": f"{_ROUNDS}; 0.5: 0; 1.5,2.5: 2; -1.5: -2",
    "sign": "nan: nan; zero: 0; <0: -1; >0: 1",
    "signbit": "0,inf,pos: False; -0,-inf,neg: True",
    "sin": f"{_KEEPS_ZEROS}; infs: nan",
    "sinh": f"{_KEEPS_ZEROS}; inf: inf; -inf: -inf",
    "sqrt": f"{_KEEPS_ZEROS}; <0: nan; inf: inf",
    "square": "nan: nan; zero: 0; infs: inf",
    "tan": f"{_KEEPS_ZEROS}; infs: nan",
    "tanh": f"{_KEEPS_ZEROS}; inf: 1; -inf: -1",
    "trunc": _ROUNDS,
}

_NAN = "nan all: nan; any nan: nan"
_COMPARED = "nan all: {0}; any nan: {0}"

REAL_BINARY = {
    "add": f"{_NAN}; inf -inf: nan; -inf inf: nan; inf inf,num: inf; -inf -inf,num: -inf; num inf: inf; num -inf: -inf;"
    "-0 -0: -0; -0 0: 0; 0 zero: 0; zero fin: y; fin zero: x; 2.5 -2.5: 0; -1 1: 0",
    "atan2": f"{_NAN}; pos zero: pi/2; 0 pos: 0; 0 0: 0; 0 -0: pi; 0 neg: pi; -0 pos: -0; -0 0: -0; -0 -0: -pi;"
    "-0 neg: -pi; neg zero: -pi/2; pos inf: 0; pos -inf: pi; neg inf: -0; neg -inf: -pi; inf num: pi/2;"
    "-inf num: -pi/2; inf inf: pi/4; inf -inf: 3*pi/4; -inf inf: -pi/4; -inf -inf: -3*pi/4",
    "copysign": "all <0,-0: -abs(x); all >0,0: abs(x)",
    "divide": f"{_NAN}; infs infs: nan; zero zero: nan; 0 >0: 0; -0 >0: -0; 0 <0: -0; -0 <0: 0; pos 0: inf;"
    "pos -0: -inf;"
    "neg 0: -inf; neg -0: inf; inf pos: inf; inf neg: -inf; -inf pos: -inf; -inf neg: inf; pos inf: 0; pos -inf: -0;"
    "neg inf: -0; neg -inf: 0",
    "equal": f"{_COMPARED.format(False)}; inf inf: True; -inf -inf: True; inf -inf: False; zero zero: True;"
    "2.5 2.5: True",
    "floor_divide": f"{_NAN}; infs infs: nan; zero zero: nan; 0 >0: 0; -0 >0: -0; 0 <0: -0; -0 <0: 0; pos 0: inf;"
    "pos -0: -inf; neg 0: -inf; neg -0: inf; inf pos: inf; inf neg: -inf; -inf pos: -inf; -inf neg: inf; pos inf: 0;"
    "neg -inf: 0; 7 -2: -4; -7 2: -4; -7 -2: 3",
    "greater": f"{_COMPARED.format(False)}; inf num,-inf: True; zero zero: False",
    "greater_equal": f"{_COMPARED.format(False)}; inf any: True; zero zero: True",
    "hypot": "infs all: inf; all infs: inf; zero num: abs(y); num zero: abs(x); num,nan nan: nan; nan num: nan",
    "less": f"{_COMPARED.format(False)}; -inf num,inf: True; zero zero: False",
    "less_equal": f"{_COMPARED.format(False)}; -inf any: True; zero zero: True",
    "logaddexp": f"{_NAN}; inf any: inf; any inf: inf; -inf 2.5: 2.5; -inf -inf: -inf",
    "maximum": f"{_NAN}; inf any: inf; any inf: inf; -inf num: y; num -inf: x",
    "minimum": f"{_NAN}; -inf any: -inf; any -inf: -inf; inf num: y; num inf: x",
    "multiply": f"{_NAN}; infs zero: nan; zero infs: nan; inf >0: inf; inf <0: -inf; -inf >0: -inf; -inf <0: inf;"
    "pos inf: inf; neg inf: -inf; pos -inf: -inf; neg -inf: inf; 0 pos: 0; 0 neg: -0; -0 pos: -0; -0 neg: 0",
    "nextafter": f"{_NAN}; -0 0: 0; 0 -0: -0; 2.5 2.5: x; inf inf: inf",
    "not_equal": f"{_COMPARED.format(True)}; inf -inf: True; -inf inf: True; inf inf: False; zero zero: False;"
    "1 2.5: True",
    "pow": "<0,0,2.5,nan nan: nan; all zero: 1; nan fin,infs: nan; big inf: inf; big -inf: 0; 1,-1 infs: 1; 1 any: 1;"
    "small inf: 0; small -inf: inf; inf >0: inf; inf <0: 0; -inf odd: -inf; -inf even: inf; -inf -1,-3: -0;"
    "-inf -2,-0.5: 0; 0 >0: 0; 0 <0: inf; -0 odd: -0; -0 even: 0; -0 -1,-3: -inf; -0 -2,-0.5: inf; -2.5 0.5,1.5: nan",
    "remainder": f"{_NAN}; infs infs: nan; zero zero: nan; 0 >0: 0; -0 >0: 0; 0 <0: -0; -0 <0: -0; fin zero: nan;"
    "infs fin: nan; pos inf: x; pos -inf: y; neg inf: y; neg -inf: x; 7 -2: -1; -7 2: 1; 6 -2: -0; -6 2: 0",
    "subtract": f"{_NAN}; inf inf: nan; -inf -inf: nan; inf -inf,num: inf; -inf inf,num: -inf; num inf: -inf;"
    "0 0: 0; -0 0: -0; 2.5 2.5: 0; fin zero: x",
}

_LOG = (
    "num inf: inf pi/2; fin nan: nan nan; -inf pos: inf pi; inf pos: inf 0; -inf inf: inf 3*pi/4; inf inf: inf pi/4;"
    "infs nan: inf nan; nan num: nan nan; nan inf: inf nan; nan nan: nan nan"
)

COMPLEX = {
    "acos": "zero 0: pi/2 -0; zero nan: pi/2 nan; num inf: pi/2 -inf; fin nan: nan nan; -inf pos: pi -inf;"
    "inf pos: 0 -inf; -inf inf: 3*pi/4 -inf; inf inf: pi/4 -inf; infs nan: nan ~inf; nan num: nan nan;"
    "nan inf: nan -inf;"
    "nan nan: nan nan",
    "acosh": "zero 0: 0 pi/2; num inf: inf pi/2; fin nan: nan nan; 0 nan: nan ~pi/2; -inf pos: inf pi; inf pos: inf 0;"
    "-inf inf: inf 3*pi/4; inf inf: inf pi/4; infs nan: inf nan; nan num: nan nan; nan inf: inf nan; nan nan: nan nan",
    "asinh": "0 0: 0 0; pos inf: inf pi/2; num nan: nan nan; inf pos: inf 0; inf inf: inf pi/4; nan 0: nan 0;"
    "nan fin: nan nan; nan inf: ~inf nan; nan nan: nan nan",
    "atanh": "0 0: 0 0; 0 nan: 0 nan; 1 0: inf 0; pos inf: 0 pi/2; fin nan: nan nan; inf pos,inf: 0 pi/2;"
    "inf nan: 0 nan;"
    "nan num: nan nan; nan inf: ~0 pi/2; nan nan: nan nan",
    "cosh": "0 0: 1 0; 0 inf,nan: nan ~0; fin inf,nan: nan nan; inf 0: inf 0; inf pos: inf*cos(b) inf*sin(b);"
    "inf inf: ~inf nan; inf nan: inf nan; nan zero: nan ~0; nan fin,nan: nan nan",
    "exp": "zero 0: 1 0; num inf,nan: nan nan; inf 0: inf 0; -inf num: 0*cos(b) 0*sin(b);"
    "inf pos: inf*cos(b) inf*sin(b);"
    "-inf inf,nan: ~0 ~0; inf inf,nan: ~inf nan; nan 0: nan 0; nan fin,nan: nan nan",
    "expm1": "zero 0: 0 0; num inf,nan: nan nan; inf 0: inf 0; -inf num: -1 0*sin(b); inf pos: inf*cos(b) inf*sin(b);"
    "-inf inf,nan: -1 ~0; inf inf,nan: ~inf nan; nan 0: nan 0; nan fin,nan: nan nan",
    "log": f"-0 0: -inf pi; 0 0: -inf 0; zero nan: nan nan; {_LOG}",
    "log1p": f"-1 0: -inf 0; zero nan: nan nan; {_LOG}",
    "sinh": "0 0: 0 0; 0 inf,nan: ~0 nan; pos inf,nan: nan nan; inf 0: inf 0; inf pos: inf*cos(b) inf*sin(b);"
    "inf inf,nan: ~inf nan; nan 0: nan 0; nan fin,nan: nan nan",
    "sqrt": "zero 0: 0 0; all inf: inf inf; num nan: nan nan; -inf pos: 0 inf; inf pos: inf 0; -inf nan: nan ~inf;"
    "inf nan: inf nan; nan num,nan: nan nan",
    "tanh": "0 0: 0 0; fin inf,nan: nan nan; 0 inf,nan: 0 nan; inf pos: 1 0; inf inf,nan: 1 ~0; nan 0: nan 0;"
    "nan fin,nan: nan nan",
    "sign": "zero zero: ~0 ~0; nan all: nan nan; all nan: nan nan",
    "round": "1.5 -0.5: 2 -0; inf nan: inf nan; nan -inf: nan -inf; -0 2.5: -0 2",
}

COMPLEX_TO_REAL = {
    "abs": "infs all: inf; all infs: inf; zero num: abs(b); num zero: abs(a); nan num: nan; num nan: nan; nan nan: nan",
    "isfinite": "nan all: False; all nan: False; infs all: False; all infs: False; num num: True",
    "isinf": "infs all: True; all infs: True; num,nan num,nan: False",
    "isnan": "nan all: True; all nan: True; any any: False",
}

ODD, EVEN = ("asinh", "atanh", "sinh", "tanh"), ("cosh",)
"""Functions whose rows hold for the opposite number too, with the opposite or with the same result."""

TURNED = {"asin": "asinh", "atan": "atanh", "sin": "sinh", "tan": "tanh", "cos": "cosh"}
"""Circular functions, defined by hyperbolic ones of the number turned by a right angle."""


def _number(text: str, scope: dict[str, float]) -> float:
    """The value of a formula; ``-0`` is a negative zero."""
    return -0.0 if text == "-0" else float(eval(text, {**_SCOPE, **scope}))


def _members(text: str) -> tuple[float, ...]:
    """The numbers meant by an argument."""
    return tuple(
        itertools.chain.from_iterable(GROUPS[t] if t in GROUPS else (_number(t, {}),) for t in text.split(","))
    )


def rows(table: dict[str, str], names: str) -> Iterator[Row]:
    """Each row: the function's name, with the arguments as they are written; the numbers; the results; open signs.

    Args:
        table: one of the tables above.
        names: how the arguments are called in formulas.
    """
    for function, text in table.items():
        for line in text.split(";"):
            left, _, right = line.partition(":")
            marks = "".join("~" if r.startswith("~") else " " for r in right.split())
            for arguments in itertools.product(*(_members(t) for t in left.split())):
                scope = dict(zip(names, arguments, strict=True))
                results = tuple(_number(r.lstrip("~"), scope) for r in right.split())
                yield f"{function} {left.strip()}", arguments, results, marks
