"""The first model of the project: f(x) = (x + w) · x².

One weight, three operations, and everything that learning is: a graph of what was computed, its derivative found by
going back through it, and steps against the derivative. It is written in the classic face of zkynet, where a model is a
template (`cg.Module`) and each call of it a graph of its own.

By hand: y = (x + w) x², so dy/dw = x² and dy/dx = 3x² + 2wx. The loss of a point is (y - t)², its derivative by w is
2 (y - t) x². The targets t come from the same formula with w = 2; gradient descent has to find that 2 again.
"""

from __future__ import annotations

import zkynet as zk
from zkynet.framework import cg, op
from zkynet.recipes import Goal, recipe
from zkynet.runs import Run

TRUE_W = 2.0
POINTS = [-1.5, -1.0, -0.5, 0.5, 1.0, 1.5]


class Model(cg.Module):
    """The template: an input x, a parameter w, and how the result comes about."""

    def __init__(self, w: float) -> None:
        super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", w),))

    def call(self, x):  # type: ignore[no-untyped-def]
        a = op.add(x, self.param("w"))
        b = op.square(x)
        return op.mult(a, b)


class Loss(cg.Module):
    """How far the model is from a target: (y - t)². It holds the model, whose weight is then its weight, too."""

    def __init__(self, model: Model) -> None:
        super().__init__(inputs=(cg.Variable("x"), cg.Variable("t")))
        self.model = model

    def call(self, x, t):  # type: ignore[no-untyped-def]
        return op.square(op.sub(self.model(x), t))


@recipe(
    title="The first model: f(x) = (x + w) · x²",
    teaches="graph, derivative, descent: learning with one weight, in the classic face",
    source="zkynet's first version; Nielsen ch. 1, gradient descent",
    minutes=0.05,
    goal=Goal("distance of w from 2", at_most=1e-4),
)
def first_model(run: Run, *, epochs: int = 20, learning_rate: float = 0.05) -> None:
    """Find the weight again with which the targets were made."""
    start = zk.random.normal(0.0, 2.0, generator=zk.random.Generator(run.seed)).item()
    model = Model(start)
    loss = Loss(model)

    # One graph first, to look at: the value of each node, and both derivatives beside those found by hand.
    graph = model(3.0)
    graph.back()
    picture = zk.visual.plot_cg(graph.root)
    run.picture("graph", picture.figure, caption="the graph of one call, f(3): values and operations")
    w, x = start, 3.0
    run.table(
        "derivatives at x = 3",
        [
            {"by": "w", "found": graph.grad(model.param("w")), "by hand": x**2},
            {"by": "x", "found": graph.grad(model.input("x")), "by hand": 3 * x**2 + 2 * w * x},
        ],
    )

    # Then descent: for each point in turn, call, go back, and step against the derivative.
    targets = [(x + TRUE_W) * x**2 for x in POINTS]
    rows = []
    for epoch in range(epochs):
        total = 0.0
        for x, t in zip(POINTS, targets, strict=True):
            result = loss(x, t)
            result.back()
            w = model.param("w")
            w.value = w.value - learning_rate * result.grad(w)
            total += float(result.value)
        rows.append({"epoch": epoch + 1, "loss": total / len(POINTS), "w": float(model.param("w").value)})
    run.table("descent", rows[:: max(1, epochs // 10)] + rows[-1:])
    run.result("w", float(model.param("w").value))
    run.result("distance of w from 2", abs(float(model.param("w").value) - TRUE_W))
