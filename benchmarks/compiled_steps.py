"""A whole training step compiled with `zk.jit` on JAX, beside the same step written by hand in JAX and Optax.

An MLP, a convolutional network, a character LSTM and a GPT, from the same weights on the same batches. Both ways are
checked to reach the same losses; both give their memory away (donation).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.compare import Line, compare

BATCHES = 10
Step = Callable[[], float]


def measure() -> list[Line]:
    """The table."""
    import jax

    import zkynet as zk

    lines = []
    with zk.use_backend("jax"):
        for name, work, rounds in (
            ("MLP 784-256-128-10, batch 32, Adam", partial(mlp, 32), 60),
            ("MLP 784-256-128-10, batch 128, Adam", partial(mlp, 128), 40),
            ("CNN 28x28, conv 16 and 32, fc 128, batch 64, SGD", cnn, 15),
            ("LSTM 64 steps, hidden 128, batch 32, Adam", lstm, 15),
            ("GPT 2 layers, width 128, 64 tokens, batch 16, AdamW", gpt, 15),
        ):
            ours, eager, by_hand = work(zk, jax)
            ways: dict[str, Step] = {"JAX + Optax": by_hand, "zk.jit": ours}
            first = {who: run() for who, run in ways.items()}
            assert np.isclose(first["zk.jit"], first["JAX + Optax"], rtol=1e-3), (name, first)
            lines += compare(f"{BATCHES} steps, {name}", ways, "JAX + Optax", rounds)
            if eager is not None:
                lines += compare(f"{BATCHES} steps, {name}, eager", {"zk.jit": ours, "eager": eager}, "zk.jit", 2)
    return lines


def steps_of(zk: Any, model: Any, optimizer: Any, loss: Callable[..., Any], batches: list[Any]) -> tuple[Step, Step]:
    """Our steps over all batches, compiled and eager."""

    def step(x: Any, y: Any) -> Any:
        out = loss(model(x), y)
        out.backward()
        optimizer.step()
        optimizer.zero_grad()
        return out

    def over_all(one: Callable[..., Any]) -> Step:
        def run() -> float:
            for x, y in batches:
                out = one(x, y)
            return float(out.item())

        return run

    return over_all(zk.jit(step)), over_all(step)


def by_hand(jax: Any, loss: Callable[..., Any], params: Any, tx: Any, batches: list[Any]) -> Step:
    """JAX's steps over all batches."""
    import optax

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(params: Any, state: Any, x: Any, y: Any) -> Any:
        value, grads = jax.value_and_grad(loss)(params, x, y)
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state, value

    held = [params, tx.init(params)]

    def run() -> float:
        for x, y in batches:
            held[0], held[1], value = step(*held, x, y)
        return float(value)

    return run


def on_both(zk: Any, jax: Any, xs: list[Any], ys: list[Any]) -> tuple[list[Any], list[Any]]:
    """Batches as our tensors, and as JAX's arrays."""
    pairs = list(zip(xs, ys, strict=True))
    return [(zk.tensor(x), zk.tensor(y)) for x, y in pairs], [
        (jax.numpy.asarray(x), jax.numpy.asarray(y)) for x, y in pairs
    ]


def copied(jax: Any, *tensors: Any) -> list[Any]:
    """Our weights as arrays of JAX, in memory of their own."""
    return [jax.numpy.array(t.numpy(), copy=True) for t in tensors]


def mlp(size: int, zk: Any, jax: Any) -> tuple[Step, Step, Step]:
    """A network of three layers."""
    import optax

    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((size, 784), dtype="float32") for _ in range(BATCHES)]
    ours, theirs = on_both(zk, jax, xs, [rng.integers(0, 10, size) for _ in range(BATCHES)])
    zk.random.seed(0)
    nn = zk.nn
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    params = [copied(jax, layer.weight.T, layer.bias) for layer in (model[0], model[2], model[4])]

    def loss(params: Any, x: Any, y: Any) -> Any:
        for w, b in params[:-1]:
            x = jax.nn.relu(x @ w + b)
        logits = x @ params[-1][0] + params[-1][1]
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    hand = by_hand(jax, loss, params, optax.adam(1e-3), theirs)
    optimizer = zk.optim.Adam(model.parameters(), lr=1e-3)
    return (*steps_of(zk, model, optimizer, nn.functional.cross_entropy, ours), hand)


def cnn(zk: Any, jax: Any) -> tuple[Step, Step, Step]:
    """Two convolutions with pooling, two layers."""
    import optax

    rng = np.random.default_rng(0)
    xs = [rng.standard_normal((64, 1, 28, 28), dtype="float32") for _ in range(BATCHES)]
    ours, theirs = on_both(zk, jax, xs, [rng.integers(0, 10, 64) for _ in range(BATCHES)])
    zk.random.seed(0)
    nn = zk.nn
    model = nn.Sequential(
        nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(512, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    params = [copied(jax, layer.weight, layer.bias) for layer in (model[0], model[3], model[7], model[9])]
    lax = jax.lax

    def loss(params: Any, x: Any, y: Any) -> Any:
        for w, b in params[:2]:
            x = lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW"))
            x = jax.nn.relu(x + b[:, None, None])
            x = lax.reduce_window(x, -np.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
        x = x.reshape(len(x), -1)
        x = jax.nn.relu(x @ params[2][0].T + params[2][1])
        logits = x @ params[3][0].T + params[3][1]
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    hand = by_hand(jax, loss, params, optax.sgd(0.01, momentum=0.9), theirs)
    optimizer = zk.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return (*steps_of(zk, model, optimizer, nn.functional.cross_entropy, ours), hand)


def characters(zk: Any, jax: Any, size: int, length: int, count: int) -> tuple[list[Any], list[Any]]:
    """Rows of characters, and those that follow each."""
    rng = np.random.default_rng(0)
    texts = [rng.integers(0, count, (size, length + 1)) for _ in range(BATCHES)]
    return on_both(zk, jax, [t[:, :-1] for t in texts], [t[:, 1:] for t in texts])


def lstm(zk: Any, jax: Any) -> tuple[Step, None, Step]:
    """A character model: embedding, one LSTM layer, a layer of scores."""
    import optax

    count, hidden = 64, 128
    ours, theirs = characters(zk, jax, 32, 64, count)
    zk.random.seed(0)
    nn = zk.nn

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.embedding = nn.Embedding(count, hidden)
            self.lstm = nn.LSTM(hidden, hidden, batch_first=True)
            self.out = nn.Linear(hidden, count)

        def forward(self, x: Any) -> Any:
            return self.out(self.lstm(self.embedding(x))[0])

    model = Model()
    r = model.lstm
    params = copied(
        jax, model.embedding.weight, r.weight_ih_l0.T, r.weight_hh_l0.T, r.bias_ih_l0, r.bias_hh_l0,
        model.out.weight.T, model.out.bias,
    )  # fmt: skip

    def loss(params: Any, x: Any, y: Any) -> Any:
        table, w, u, b, c, v, d = params
        ahead = table[x].swapaxes(0, 1) @ w + b + c

        def cell(state: Any, a: Any) -> Any:
            h, s = state
            i, f, g, o = jax.numpy.split(a + h @ u, 4, axis=-1)
            s = jax.nn.sigmoid(f) * s + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
            h = jax.nn.sigmoid(o) * jax.numpy.tanh(s)
            return (h, s), h

        zeros = jax.numpy.zeros((x.shape[0], hidden), "float32")
        _, hs = jax.lax.scan(cell, (zeros, zeros), ahead)
        logits = hs.swapaxes(0, 1) @ v + d
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    hand = by_hand(jax, loss, params, optax.adam(1e-3), theirs)

    def of_scores(scores: Any, y: Any) -> Any:
        return nn.functional.cross_entropy(scores.reshape((-1, count)), y.reshape(-1))

    compiled, _ = steps_of(zk, model, zk.optim.Adam(model.parameters(), lr=1e-3), of_scores, ours)
    return compiled, None, hand


def gpt(zk: Any, jax: Any) -> tuple[Step, None, Step]:
    """Two blocks of attention and a network each, norms first, learned positions."""
    import optax

    count, width, heads, length = 64, 128, 4, 64
    ours, theirs = characters(zk, jax, 16, length, count)
    zk.random.seed(0)
    nn, F = zk.nn, zk.nn.functional

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            parts = self.qkv(self.norm1(x)).reshape((*x.shape[:2], 3, heads, width // heads))
            q, k, v = zk.unstack(zk.permute_dims(parts, (2, 0, 3, 1, 4)))
            found = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(zk.permute_dims(found, (0, 2, 1, 3)).reshape(x.shape))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    class Model(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            self.embedding = nn.Embedding(count, width)
            self.positions = nn.Parameter(zk.random.normal(0.0, 0.02, (length, width)))
            self.blocks = [Block() for _ in range(2)]
            self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, count)

        def forward(self, x: Any) -> Any:
            h = self.embedding(x) + self.positions
            for block in self.blocks:
                h = block(h)
            return self.out(self.norm(h))

    model = Model()

    def pair(layer: Any) -> list[Any]:
        weight = layer.weight
        return copied(jax, weight.T if weight.ndim == 2 else weight, layer.bias)

    params = {
        "table": copied(jax, model.embedding.weight)[0],
        "positions": copied(jax, model.positions)[0],
        "blocks": [
            {name: pair(getattr(block, name)) for name in ("norm1", "norm2", "qkv", "out", "up", "down")}
            for block in model.blocks
        ],
        "norm": pair(model.norm),
        "out": pair(model.out),
    }
    jnp = jax.numpy

    def norm(x: Any, p: Any) -> Any:
        mean = x.mean(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) * p[0] + p[1]

    def loss(params: Any, x: Any, y: Any) -> Any:
        h = params["table"][x] + params["positions"]
        mask = jnp.tril(jnp.ones((length, length), bool))
        for p in params["blocks"]:
            parts = norm(h, p["norm1"]) @ p["qkv"][0] + p["qkv"][1]
            q, k, v = parts.reshape(*x.shape, 3, heads, -1).transpose(2, 0, 3, 1, 4)
            scores = jnp.where(mask, q @ k.swapaxes(-1, -2) * (width // heads) ** -0.5, -jnp.inf)
            found = (jax.nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(h.shape)
            h = h + found @ p["out"][0] + p["out"][1]
            up = jax.nn.gelu(norm(h, p["norm2"]) @ p["up"][0] + p["up"][1])
            h = h + up @ p["down"][0] + p["down"][1]
        logits = norm(h, params["norm"]) @ params["out"][0] + params["out"][1]
        return optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()

    hand = by_hand(jax, loss, params, optax.adamw(1e-3, weight_decay=0.01), theirs)

    def of_scores(scores: Any, y: Any) -> Any:
        return F.cross_entropy(scores.reshape((-1, count)), y.reshape(-1))

    optimizer = zk.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    compiled, _ = steps_of(zk, model, optimizer, of_scores, ours)
    return compiled, None, hand
