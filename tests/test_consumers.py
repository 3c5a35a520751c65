"""Other people's array code on tensors: it runs unchanged, and gradients flow through it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk


def in_new_python(code: str, backend: Any, **environment: str) -> str:
    """What a program prints, run in a process of its own: what is imported first matters here."""
    env = {**os.environ, "ZKYNET_BACKEND": backend.name, **environment}
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SCIPY = """
import numpy as np, scipy, zkynet as zk
from scipy import differentiate, integrate, signal, special, stats

def first(result):
    return getattr(result, "statistic", getattr(result, "mean", result)) if not hasattr(result, "shape") else result

positive = np.linspace(0.5, 2.0, 8) + 0.1 * np.sin(np.arange(8.0))
FUNCTIONS = {
    "erf": special.erf, "gammaln": special.gammaln, "digamma": special.digamma, "logsumexp": special.logsumexp,
    "softmax": special.softmax, "i0e": special.i0e, "entr": special.entr, "ndtr": special.ndtr,
    "gmean": stats.gmean, "hmean": stats.hmean, "skew": stats.skew, "kurtosis": stats.kurtosis, "zscore": stats.zscore,
    "sem": stats.sem, "variation": stats.variation,
    "jarque_bera": lambda x: stats.jarque_bera(x).statistic, "entropy": stats.entropy,
    "trapezoid": integrate.trapezoid, "cumulative_simpson": lambda x: integrate.cumulative_simpson(x, dx=0.125),
    "fftconvolve": lambda x: signal.fftconvolve(x, x), "resample": lambda x: signal.resample(x, 12),
    "derivative": lambda x: differentiate.derivative(lambda t: t**3, x).df,
}
for name, f in FUNCTIONS.items():
    x = zk.asarray(positive)
    expected = np.asarray(first(f(positive)))
    np.testing.assert_allclose(first(f(x)).numpy(), expected, rtol=1e-6, err_msg=name)
    w = np.cos(np.arange(expected.size)).reshape(expected.shape)
    x.requires_grad_()
    zk.sum(first(f(x)) * zk.asarray(w)).backward()
    for i in range(positive.size):
        step = np.zeros(8); step[i] = 1e-5
        change = np.sum((np.asarray(first(f(positive + step))) - np.asarray(first(f(positive - step)))) * w) / 2e-5
        np.testing.assert_allclose(x.grad.numpy()[i], change, rtol=1e-4, atol=1e-6, err_msg=name)
print(len(FUNCTIONS))
"""


def test_scipy(backend: Any) -> None:
    pytest.importorskip("scipy")
    if backend.name == "jax":
        pytest.skip("compiles every step of every function anew")
    assert int(in_new_python(SCIPY, backend, SCIPY_ARRAY_API="1")) > 20


EINOPS = """
import zkynet as zk
from einops import einsum, pack, rearrange, reduce, repeat, unpack
x = zk.arange(24, dtype="float64").reshape(2, 3, 4).requires_grad_()
assert rearrange(x, "a (b c) d -> c (a b) d", c=3).shape == (3, 2, 4)
assert reduce(x, "a b d -> a d", "mean").tolist() == x.mean(1).tolist()
assert repeat(x, "a b d -> a k b d", k=2).shape == (2, 2, 3, 4)
assert einsum(x, x, "a b d, a c d -> a b c").tolist() == (x @ x.mT).tolist()
packed, shapes = pack([x, x[0]], "* d")
assert [part.shape for part in unpack(packed, shapes, "* d")] == [(2, 3, 4), (3, 4)]
assert rearrange([x, x], "n a b d -> a b d n").shape == (2, 3, 4, 2)
reduce(rearrange(x, "a b d -> b (a d)") ** 2, "b n -> ", "sum").backward()
assert x.grad.tolist() == (2 * x.detach()).tolist()
print("fine")
"""


@pytest.mark.parametrize("first", ["zkynet", "einops"])
def test_einops_whichever_is_imported_first(first: str, backend: Any) -> None:
    pytest.importorskip("einops")
    assert in_new_python(f"import {first}\n{EINOPS}", backend) == "fine"


STAND_IN = """
class AbstractBackend:
    framework_name: str
"""


@pytest.mark.parametrize("first", ["zkynet", "einops._backends"])
def test_the_class_that_einops_looks_for_is_made_when_it_is_imported(first: str, tmp_path: Path, backend: Any) -> None:
    (tmp_path / "einops").mkdir()
    (tmp_path / "einops" / "__init__.py").touch()
    (tmp_path / "einops" / "_backends.py").write_text(STAND_IN)
    code = f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        import {first}
        import zkynet as zk
        assert {first != "zkynet"} == ("einops" in sys.modules)
        import einops._backends
        (found,) = einops._backends.AbstractBackend.__subclasses__()
        print(found.framework_name, found().is_appropriate_type(zk.ones(2)), len(found().tile(zk.ones(2), (3,))))
    """
    assert in_new_python(code, backend) == "zkynet True 6"


def test_array_api_extra(backend: Any) -> None:
    xpx = pytest.importorskip("array_api_extra")
    x = zk.tensor([[0.5, -1.0], [2.0, 3.0]], dtype="float64", requires_grad=True)
    results = [
        xpx.at(x)[0, :].set(3.0, copy=True), xpx.at(x)[x > 1.0].multiply(2.0, copy=True),
        xpx.apply_where(x > 0, x, zk.log, fill_value=0.0),
        xpx.atleast_nd(x, ndim=3), xpx.cov(x), xpx.create_diagonal(x), xpx.kron(x, x), xpx.pad(x, 1), xpx.sinc(x),
    ]  # fmt: skip
    expected = [
        [[3, 3], [2, 3]], [[0.5, -1], [4, 6]], [[np.log(0.5), 0], np.log([2, 3])],
        [[[0.5, -1], [2, 3]]], np.cov(x.detach().numpy()), None, np.kron(x.detach().numpy(), x.detach().numpy()),
        np.pad(x.detach().numpy(), 1), np.sinc(x.detach().numpy()),
    ]  # fmt: skip
    for got, want in zip(results, expected, strict=True):
        assert got.requires_grad
        if want is not None:
            np.testing.assert_allclose(got.detach().numpy(), want, atol=1e-12)
    zk.sum(results[1]).backward()
    assert x.grad.tolist() == [[1.0, 1.0], [2.0, 2.0]]


def test_scikit_learn(backend: Any) -> None:
    pytest.importorskip("sklearn")
    code = """
        import numpy as np, zkynet as zk
        from sklearn import set_config
        from sklearn.metrics.pairwise import cosine_similarity, rbf_kernel
        from sklearn.preprocessing import MinMaxScaler, normalize
        set_config(array_api_dispatch=True)
        a = np.random.default_rng(0).uniform(0.2, 0.8, (4, 3))
        for f in (cosine_similarity, normalize, rbf_kernel, lambda x: MinMaxScaler().fit_transform(x)):
            x = zk.asarray(a).requires_grad_()
            out = f(x)
            np.testing.assert_allclose(out.detach().numpy(), f(a), rtol=1e-6)
            out.sum().backward()
            assert np.isfinite(x.grad.numpy()).all()
        print("fine")
    """
    assert in_new_python(code, backend, SCIPY_ARRAY_API="1") == "fine"
