"""Linear regression: from scratch, with the library, and by solving for it.

How far does a car go on a gallon? A weighted sum of its properties is the simplest answer that learns. Chapter 3 of
"Dive into Deep Learning" writes it twice, and so does this lesson: once with nothing but tensors and gradients, once
with layer, loss and optimiser. For squared errors the best weights are also known in closed form, the normal equation
(XᵀX) w = Xᵀy: so we can see how close descent comes.
"""

from __future__ import annotations

import zkynet as zk
from zkynet import nn
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run, numbers_from


def from_scratch(x: zk.Tensor, y: zk.Tensor, epochs: int, batch_size: int, rate: float) -> tuple[zk.Tensor, zk.Tensor]:
    """Minibatch gradient descent, written out: D2L 3.4."""
    w = zk.zeros((x.shape[1], 1), requires_grad=True)
    b = zk.zeros((1,), requires_grad=True)
    for _ in range(epochs):
        order = zk.random.permutation(x.shape[0])
        for start in range(0, x.shape[0], batch_size):
            rows = order[start : start + batch_size]
            loss = zk.mean((x[rows] @ w + b - y[rows]) ** 2)
            loss.backward()
            with zk.no_grad():  # the update itself is no part of what is differentiated
                w -= rate * w.grad
                b -= rate * b.grad
                w.zero_grad()
                b.zero_grad()
    return w, b


def scaled(x: zk.Tensor) -> zk.Tensor:
    """The properties of cars (N, 9) as the models take them (N, 8)."""
    # Where a car comes from is three columns of 0 and 1 that add up to one. With a bias, the third says nothing new,
    # and XᵀX would have no inverse: it is left out, and the bias stands for it.
    seen = zk.tensor(zk.data.cars().train_arrays[0])[:, :-1]
    # Columns of like size: pounds and litres do not fit one learning rate. All cars are scaled by the same numbers.
    return (x[:, :-1] - zk.mean(seen, axis=0)) / zk.std(seen, axis=0)


@recipe(
    title="Linear regression",
    teaches="loss, gradient, minibatches: by hand, with the library, and in closed form",
    source="D2L ch. 3.1-3.5",
    minutes=0.1,
    goal=[
        Goal("scratch: error above the solution's, in %", at_most=2.0),
        Goal("library: error above the solution's, in %", at_most=2.0),
    ],
)
def linear_regression(run: Run, *, epochs: int = 150, batch_size: int = 16, learning_rate: float = 0.02) -> None:
    """Predict the miles per gallon of cars, three times."""
    cars = zk.data.cars()
    (x, y), (x_test, y_test) = ([zk.tensor(a) for a in part] for part in (cars.train_arrays, cars.test_arrays))
    columns = cars.columns[:-1]
    x, x_test = scaled(x), scaled(x_test)

    def errors(w: zk.Tensor, b: zk.Tensor) -> tuple[float, float]:
        """Root mean square errors, in miles per gallon: on the cars it learned from, and on others."""
        with zk.no_grad():
            return tuple(zk.sqrt(zk.mean((a @ w + b - t) ** 2)).item() for a, t in ((x, y), (x_test, y_test)))

    # 1. By hand.
    w, b = from_scratch(x, y, epochs, batch_size, learning_rate)

    # 2. With the library: a layer, a loss, an optimiser, a loop.
    model = nn.Linear(x.shape[1], 1)
    trainer = run.trainer(model, "mse", zk.optim.SGD(model.parameters(), lr=learning_rate))
    trainer.fit((x, y), validation=(x_test, y_test), epochs=epochs, batch_size=batch_size)

    # 3. Solved: a column of ones makes the bias a weight like the others.
    ones = zk.concat([x, zk.ones((x.shape[0], 1))], axis=1)
    solution = zk.linalg.solve(ones.T @ ones, ones.T @ y)

    ways = {"scratch": (w, b), "library": (model.weight.T, model.bias), "solved": (solution[:-1], solution[-1])}
    found = {way: errors(*weights) for way, weights in ways.items()}
    run.table(
        "weights",
        [{"column": name, **{way: v[k, 0].item() for way, (v, _) in ways.items()}} for k, name in enumerate(columns)],
        caption="miles per gallon for each standard deviation of a column",
    )
    run.table(
        "root mean square errors, in miles per gallon",
        [{"way": way, "training cars": seen, "test cars": new} for way, (seen, new) in found.items()],
    )
    run.picture(
        "predictions", zk.visual.predicted_against_true, y_test, model(x_test).detach(), unit="miles per gallon",
        caption="test cars: what the model says, and what is true",
    )  # fmt: skip
    # Nothing has a smaller training error than the solution. Steps of a fixed size keep trembling around it.
    for way in ("scratch", "library"):
        run.result(f"{way}: error above the solution's, in %", 100 * (found[way][0] / found["solved"][0] - 1))


@linear_regression.example
def _() -> tuple[nn.Module, zk.Tensor]:
    columns = len(zk.data.cars().columns) - 1
    return nn.Linear(columns, 1), zk.zeros((1, columns))


@linear_regression.predict
def _(model: nn.Module, given: str | None) -> dict[str, float]:
    cars = zk.data.cars()
    car = zk.tensor(numbers_from(given, len(cars.columns)) if given else cars.test_arrays[0][0])
    return {"miles per gallon": model(scaled(car[None])).item()}
