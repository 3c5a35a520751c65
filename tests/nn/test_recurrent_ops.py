"""The ops of recurrent layers: kernels against generic bodies, gradients of both orders, padding, 16 bits."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import zkynet as zk
import zkynet.nn.functional as F
from zkynet.backend.namespace import BODIES

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
CASES = [
    # kind, projection, reverse, padded, bias
    ("lstm", None, False, False, True),
    ("lstm", None, True, True, False),
    ("lstm", 2, False, True, True),
    ("lstm", 2, True, False, False),
    ("gru", None, False, False, True),
    ("gru", None, True, True, False),
    ("rnn", None, False, True, True),
    ("rnn", None, True, False, False),
]


def arrays_of(
    kind: str, projection: int | None = None, bias: bool = True, steps: int = 4, batch: int = 3, i: int = 2, h: int = 3
) -> dict[str, Any]:
    """The inputs of a layer by name, in the order of its op."""
    rng = np.random.default_rng(len(kind) + bool(projection))
    p, rows = projection or h, GATES[kind] * h
    draw = rng.standard_normal
    out: dict[str, Any] = {"x": draw((steps, batch, i)), "h": draw((batch, p))}
    if kind == "lstm":
        out["c"] = draw((batch, h))
    out |= {"w_ih": draw((rows, i)), "w_hh": 0.5 * draw((rows, p))}
    out |= {"b_ih": draw(rows), "b_hh": draw(rows)} if bias else {"b_ih": None, "b_hh": None}
    if kind == "lstm":
        out["w_hr"] = draw((p, h)) if projection else None
    return out


def layer(kind: str, arrays: dict[str, Any], **options: Any) -> list[Any]:
    """The results of the public function, in a list."""
    a = dict(arrays)
    hx = (a.pop("h"), a.pop("c")) if kind == "lstm" else a.pop("h")
    x, w_ih, w_hh = a.pop("x"), a.pop("w_ih"), a.pop("w_hh")
    out, last = getattr(F, f"{kind}_layer")(x, hx, w_ih, w_hh, **a, **options)
    return [out, *last] if isinstance(last, tuple) else [out, last]


@pytest.mark.parametrize(("kind", "projection", "reverse", "padded", "bias"), CASES)
def test_kernels_equal_the_generic_bodies(
    kind: str, projection: int | None, reverse: bool, padded: bool, bias: bool, backend: Any
) -> None:
    xp = backend.xp
    if f"nn.{kind}_sequence" not in backend.kernels_of("nn"):
        pytest.skip("no kernels here")
    rng = np.random.default_rng(1)
    inputs = [None if a is None else backend.from_numpy(a) for a in arrays_of(kind, projection, bias).values()]
    live = np.arange(4)[:, None, None] < np.array([2, 4, 1])[None, :, None]
    live = backend.from_numpy(live.astype(float)) if padded else None
    plain = ("tanh" if bias else "relu", reverse) if kind == "rnn" else (reverse,)
    kernel = getattr(xp.nn, f"{kind}_sequence")(*inputs, live, *plain)
    generic = partial(BODIES[f"nn.{kind}_sequence"], xp)(*inputs, live, *plain)
    _alike(backend, kernel, generic)
    without_bias = [a for k, a in enumerate(inputs) if k not in ((5, 6) if kind == "lstm" else (4, 5))]
    every = [backend.from_numpy(rng.standard_normal(a.shape)) for a in generic]
    some = [None if k % 2 else g for k, g in enumerate(every)]
    for g in (every, some) if backend.name == "numpy" else (some if reverse else every,):
        needs = (True, True, True, True, bias, bias)
        if kind == "lstm":
            needs = (True, True, True, True, True, bias, bias, projection is not None)
        args = (tuple(g), *without_bias, live, *plain, generic, needs)
        _alike(backend, getattr(xp.nn, f"{kind}_backward")(*args), partial(BODIES[f"nn.{kind}_backward"], xp)(*args))


def _alike(backend: Any, got: Any, expected: Any) -> None:
    for k, (a, b) in enumerate(zip(got, expected, strict=True)):
        if b is None:
            assert a is None
        else:
            np.testing.assert_allclose(
                backend.to_numpy(a), backend.to_numpy(b), rtol=1e-11, atol=1e-13, err_msg=f"result {k}"
            )


def one_kind_on_jax(kind: str, backend: Any) -> None:
    """What holds for every kind on the others, JAX, which compiles each anew, shows on one."""
    if backend.name == "jax" and kind != "rnn":
        pytest.skip("compiles for long; another kind stands for this one")


def tensors_of(kind: str, **sizes: Any) -> tuple[list[str], list[Any]]:
    arrays = {name: a for name, a in arrays_of(kind, **sizes).items() if a is not None}
    return list(arrays), [zk.tensor(a) for a in arrays.values()]


@pytest.mark.parametrize(("kind", "projection"), [("lstm", 1), ("gru", None), ("rnn", None)])
def test_both_derivatives_with_padding_backwards(kind: str, projection: int | None, backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("slow there, and the rule is the same")
    names, tensors = tensors_of(kind, projection=projection, steps=3, batch=2, i=1, h=2)

    def run(*given: Any) -> Any:
        return layer(kind, dict(zip(names, given, strict=True)), lengths=[2, 3], reverse=True)

    zk.gradcheck(run, tuple(tensors), order=2)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("reverse", [False, True])
def test_a_padded_batch_is_its_sequences_one_by_one(kind: str, reverse: bool, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    arrays = arrays_of(kind)
    lengths = [2, 4, 1]
    dirty = arrays["x"].copy()
    for i, n in enumerate(lengths):
        dirty[n:, i] = np.nan  # whatever stands in the padding
    x = zk.tensor(dirty, requires_grad=True)
    tensors = {k: None if a is None else zk.tensor(a) for k, a in arrays.items()}
    got = layer(kind, {**tensors, "x": x}, lengths=lengths, reverse=reverse)
    sum(r.sum() for r in got).backward()  # type: ignore[union-attr]
    for i, n in enumerate(lengths):
        one = zk.tensor(arrays["x"][:n, i : i + 1], requires_grad=True)
        states = {k: tensors[k][i : i + 1] for k in ("h", "c") if k in tensors}
        alone = layer(kind, {**tensors, **states, "x": one}, reverse=reverse)
        sum(r.sum() for r in alone).backward()  # type: ignore[union-attr]
        np.testing.assert_allclose(got[0].numpy()[:n, i], alone[0].numpy()[:, 0], rtol=1e-12)
        assert not got[0].numpy()[n:, i].any()
        for a, b in zip(got[1:], alone[1:], strict=True):
            np.testing.assert_allclose(a.numpy()[i], b.numpy()[0], rtol=1e-12)
        np.testing.assert_allclose(x.grad.numpy()[:n, i], one.grad.numpy()[:, 0], rtol=1e-10)
        assert not x.grad.numpy()[n:, i].any()


@pytest.mark.parametrize("kind", GATES)
def test_lengths_may_be_any_list_of_whole_numbers(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    a = {k: None if v is None else zk.tensor(v) for k, v in arrays_of(kind).items()}
    expected = layer(kind, a, lengths=[2, 4, 1])[0].numpy()
    for lengths in ((2, 4, 1), np.array([2, 4, 1], "int32"), zk.tensor([2, 4, 1]), [zk.tensor(2), 4, np.int64(1)]):
        np.testing.assert_array_equal(layer(kind, a, lengths=lengths)[0].numpy(), expected)
    np.testing.assert_array_equal(layer(kind, a, lengths=[4, 4, 4])[0].numpy(), layer(kind, a)[0].numpy())


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_sixteen_bits_are_computed_in_float32_and_stay_sixteen_bits(kind: str, dtype: str, backend: Any) -> None:
    if backend.name == "strict":
        pytest.skip("has no 16-bit floats")
    one_kind_on_jax(kind, backend)
    wide = {k: None if a is None else zk.tensor(a, dtype=dtype).astype("float32") for k, a in arrays_of(kind).items()}
    narrow = {k: None if t is None else t.astype(dtype) for k, t in wide.items()}
    x = narrow["x"].requires_grad_()
    results = layer(kind, narrow)
    assert [str(r.dtype) for r in results] == [dtype] * len(results)
    for got, expected in zip(results, layer(kind, wide), strict=True):
        np.testing.assert_array_equal(got.astype("float32").numpy(), expected.astype(dtype).astype("float32").numpy())
    results[0].sum().backward()
    assert str(x.grad.dtype) == dtype


@pytest.mark.parametrize("kind", GATES)
def test_an_empty_batch(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    a = {k: None if v is None else zk.tensor(v, requires_grad=True) for k, v in arrays_of(kind, batch=0).items()}
    for options in ({}, {"lengths": []}):
        out, *last = layer(kind, a, **options)
        assert out.shape == (4, 0, 3)
        assert all(s.shape == (0, 3) for s in last)
    out.sum().backward()
    assert a["x"].grad.shape == a["x"].shape
    assert not a["w_hh"].grad.numpy().any()


@pytest.mark.parametrize("kind", GATES)
def test_cells_are_layers_of_one_step(kind: str, backend: Any) -> None:
    one_kind_on_jax(kind, backend)
    a = {k: None if v is None else zk.tensor(v) for k, v in arrays_of(kind, steps=1).items()}
    expected = layer(kind, a)[1:]
    hx = (a["h"], a["c"]) if kind == "lstm" else a["h"]
    cell = {"lstm": F.lstm_cell, "gru": F.gru_cell, "rnn": F.rnn_tanh_cell}[kind]
    got: Any = cell(a["x"][0], hx, a["w_ih"], a["w_hh"], a["b_ih"], a["b_hh"])
    for g, e in zip(got if kind == "lstm" else [got], expected, strict=True):
        np.testing.assert_allclose(g.numpy(), e.numpy(), rtol=1e-12)


def test_a_state_handed_on_does_not_keep_the_whole_sequence_alive(backend: Any) -> None:
    if backend.name != "numpy":
        pytest.skip("looks at memory as NumPy has it")
    a = {k: None if v is None else zk.tensor(v) for k, v in arrays_of("lstm").items()}
    _, h, c = layer("lstm", a)
    assert h.data.base is None
    assert c.data.base is None


@pytest.mark.slow
def test_long_sequences_compile_as_fast_as_short_ones(backend: Any) -> None:
    if backend.name != "jax":
        pytest.skip("only JAX compiles")
    from time import perf_counter

    seconds = []
    for steps in (3, 2000):
        a = {
            k: None if v is None else zk.tensor(v, requires_grad=True)
            for k, v in arrays_of("lstm", steps=steps, batch=2 if steps == 3 else 4).items()
        }
        start = perf_counter()
        layer("lstm", a)[0].sum().backward()
        seconds.append(perf_counter() - start)
    assert seconds[1] < 3 * seconds[0] + 2
