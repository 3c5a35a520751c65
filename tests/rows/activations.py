"""Rows for zkynet/ops/activations.py, piecewise.py and logspace.py; the kinks are tested in test_logspace.py."""

import numpy as np
import scipy.special as sp
from table import Row, away_from_zero, normal, uniform

from zkynet.ops.define import OPS


def gelu(x, approximate="none"):
    if approximate == "none":
        return x * sp.ndtr(x)
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def gelu_slope(x, approximate):
    if approximate == "none":
        return sp.ndtr(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    k = np.sqrt(2 / np.pi)
    t = np.tanh(k * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * k * (1 + 3 * 0.044715 * x**2)


def glu(x, axis=-1):
    value, gate = np.split(x, 2, axis)
    return value * sp.expit(gate)


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(x))


def celu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(x / alpha))


def softplus(x, beta=1.0):
    return np.logaddexp(beta * x, 0) / beta


def slope_row(approximate):
    return Row(
        f"gelu_slope:{approximate}",
        (normal(3, 4),),
        lambda x: gelu_slope(x, approximate),
        lambda zk, x: OPS["gelu_slope"].call(x, approximate),
    )


S = (3, 4)
ANY = (normal(*S),)
BENT = (away_from_zero(*S),)

ROWS = [
    Row("sigmoid", ANY, sp.expit),
    Row("silu", ANY, lambda x: x * sp.expit(x)),
    Row("mish", ANY, lambda x: x * np.tanh(np.logaddexp(x, 0))),
    Row("gelu", ANY, gelu),
    Row("gelu:tanh", ANY, gelu, kwargs={"approximate": "tanh"}),
    slope_row("none"),
    slope_row("tanh"),
    Row("elu", BENT, elu),
    Row("elu:alpha", BENT, elu, kwargs={"alpha": 0.7}),
    Row("selu", BENT, lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
    Row("celu", BENT, celu, kwargs={"alpha": 1.3}),
    Row("softsign", BENT, lambda x: x / (1 + abs(x))),
    Row("tanhshrink", ANY, lambda x: x - np.tanh(x)),
    Row("glu", (normal(3, 6),), glu),
    Row("glu:axis", (normal(4, 3),), glu, kwargs={"axis": -2}),
    Row("relu", BENT, lambda x: np.where(x > 0, x, 0)),
    Row("leaky_relu", BENT, lambda x: np.where(x > 0, x, 0.01 * x)),
    Row(
        "leaky_relu:steep",
        BENT,
        lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
        kwargs={"negative_slope": 3.0},
    ),
    Row(
        "leaky_relu:turned",
        BENT,
        lambda x, negative_slope: np.where(x > 0, x, negative_slope * x),
        kwargs={"negative_slope": -0.5},
    ),
    Row("hardtanh", (uniform(-0.9, 0.9, *S),), lambda x: np.clip(x, -1, 1)),
    Row("hardtanh:cut", (uniform(1.1, 2.0, *S),), lambda x: np.clip(x, -1, 1)),
    Row("relu6", (uniform(0.1, 5.9, *S),), lambda x: np.clip(x, 0, 6)),
    Row("hardsigmoid", (uniform(-2.9, 2.9, *S),), lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    Row("hardswish", (uniform(-2.9, 2.9, *S),), lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    Row("hardswish:beyond", (uniform(3.1, 5.0, *S),), lambda x: x * np.clip(x / 6 + 0.5, 0, 1)),
    Row("softshrink", BENT, lambda x, lambd: np.sign(x) * np.maximum(abs(x) - lambd, 0), kwargs={"lambd": 0.2}),
    Row("hardshrink", BENT, lambda x, lambd: np.where(abs(x) > lambd, x, 0), kwargs={"lambd": 0.2}),
    Row(
        "threshold",
        BENT,
        lambda x, threshold, value: np.where(x > threshold, x, value),
        kwargs={"threshold": 0.1, "value": 2.0},
    ),
    Row("log_sigmoid", ANY, sp.log_expit),
    Row("softplus", ANY, softplus),
    Row("softplus:beta", ANY, softplus, kwargs={"beta": 2.0}),
    Row("logsumexp", ANY, sp.logsumexp, batch="without an axis, all elements are summed up"),
    Row("logsumexp:axis", ANY, sp.logsumexp, kwargs={"axis": -2}),
    Row("logsumexp:keepdims", ANY, sp.logsumexp, kwargs={"axis": (-1, -2), "keepdims": True}),
    Row("softmax", ANY, lambda x: sp.softmax(x, axis=-1)),
    Row("softmax:axes", ANY, sp.softmax, kwargs={"axis": (-2, -1)}),
    Row("log_softmax", ANY, lambda x: sp.log_softmax(x, axis=-1)),
    Row("log_softmax:axis", ANY, sp.log_softmax, kwargs={"axis": -2}),
]
