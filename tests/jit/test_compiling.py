"""What a compiled function reads and writes, and how it answers what cannot be compiled."""

from __future__ import annotations

import sys
import weakref
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet import nn
from zkynet.errors import ArgumentError, BackendError, GradientError, RetraceWarning, TracedValueError

pytestmark = pytest.mark.only("jax")
F = nn.functional


def numbers(*shape: int, seed: int = 0) -> zk.Tensor:
    return zk.tensor(np.random.default_rng(seed).standard_normal(shape))


def net() -> nn.Module:
    zk.random.seed(3)
    model = nn.Sequential(nn.Linear(5, 8, bias=False), nn.BatchNorm1d(8), nn.Tanh(), nn.Dropout(0.4), nn.Linear(8, 3))
    return model.to(dtype="float64")


class Learner:
    """A model, its optimiser, and a step as a method."""

    def __init__(self) -> None:
        self.model = net()
        self.optimizer = zk.optim.AdamW(self.model.parameters(), lr=0.05)
        self.schedule = zk.optim.lr_scheduler.ExponentialLR(self.optimizer, 0.9)

    def step(self, x: zk.Tensor, y: zk.Tensor) -> zk.Tensor:
        loss = F.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.schedule.step()
        return loss

    def everything(self) -> list[np.ndarray[Any, Any]]:
        found = [t.numpy() for t in self.model.state_dict().values()]
        for state in self.optimizer.state.values():
            found += [np.asarray(v) for v in state.values()]
        found += [np.asarray(self.schedule.get_last_lr()), np.asarray(self.schedule.last_epoch)]
        found += [np.asarray(zk.random.get_state()["block"])]
        return found + [p.grad.numpy() for p in self.model.parameters() if p.grad is not None]


LABELS = [0, 1, 2, 0]


def assert_alike(ours: list[Any], theirs: list[Any], rtol: float = 1e-9) -> None:
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-12)


def test_a_step_with_all_kinds_of_state_is_that_of_an_eager_one() -> None:
    eager, compiled = Learner(), Learner()
    run = zk.jit(compiled.step)
    x, y = numbers(4, 5), zk.tensor(LABELS)
    zk.random.seed(1)
    expected = [eager.step(x, y).item() for _ in range(5)]
    after = eager.everything()
    zk.random.seed(1)
    losses = [run(x, y).item() for _ in range(5)]
    assert_alike(losses, expected)
    assert_alike(compiled.everything(), after)
    assert run.traces == 1
    assert run.compile_seconds > 0


def test_a_decorated_method_compiles_once_for_each_object() -> None:
    class Scaled:
        def __init__(self, by: float) -> None:
            self.by = zk.tensor(by)

        @zk.jit
        def times(self, x: zk.Tensor) -> zk.Tensor:
            return x * self.by

    two, three = Scaled(2.0), Scaled(3.0)
    assert two.times(zk.ones(1)).item() == 2
    assert three.times(zk.ones(1)).item() == 3
    three.by = zk.tensor(4.0)
    two.by.data = zk.tensor(5.0).data
    assert three.times(zk.ones(1)).item() == 4
    assert two.times(zk.ones(1)).item() == 5


RATE = 2.0


def doubled(x: zk.Tensor) -> zk.Tensor:
    return x * RATE


def test_names_that_are_bound_anew_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    shift, scale = 1.0, zk.tensor(1.0)

    def f(x: zk.Tensor) -> zk.Tensor:
        return doubled(x) * scale + shift

    run = zk.jit(f)
    assert run(zk.ones(1)).item() == 3
    shift = 2.0
    assert run(zk.ones(1)).item() == 4
    scale = zk.tensor(3.0)
    assert run(zk.ones(1)).item() == 8
    monkeypatch.setattr(sys.modules[__name__], "RATE", 5.0)
    assert run(zk.ones(1)).item() == 17
    assert run.traces == 4


def test_shapes_dtypes_and_values_that_are_no_arrays_are_compiled_for() -> None:
    calls = []

    @zk.jit
    def f(x: zk.Tensor, options: dict[str, Any], power: int = 2) -> zk.Tensor:
        calls.append(power)
        return options["scale"] * x**power if options["on"] else x

    x = numbers(3)
    for _ in range(2):
        assert_alike([f(x, {"scale": x, "on": True}).numpy()], [x.numpy() ** 3])
    assert f.traces == 1
    assert f(x, {"scale": x, "on": False}).numpy() == pytest.approx(x.numpy())
    assert f(x, {"scale": 2.0, "on": True}, power=3).numpy() == pytest.approx(2 * x.numpy() ** 3)
    assert f(numbers(4), {"scale": 2.0, "on": True}, power=3).shape == (4,)
    assert f(x.astype("float32"), {"scale": 2.0, "on": True}, power=3).dtype == "float32"
    assert f.traces == 5


def test_arrays_of_numpy_and_of_the_backend_may_have_other_values_in_each_call(backend: Any) -> None:
    f = zk.jit(lambda a, b: (zk.sum(a), b * 2))
    for value in (1.0, 2.0):
        total, doubled = f(np.full(3, value, "float32"), backend.xp.ones(2) * value)
        assert total.item() == 3 * value
        assert not isinstance(doubled, zk.Tensor)
        assert doubled.tolist() == [2 * value] * 2
    assert f.traces == 1


def test_gradients_that_are_not_cleared_add_up_as_without() -> None:
    w = zk.tensor([1.0, 2.0], requires_grad=True)

    @zk.jit
    def add(x: zk.Tensor) -> None:
        zk.sum(w * w * x).backward()

    for k in range(1, 4):
        assert add(zk.ones(2)) is None
        assert w.grad is not None
        assert w.grad.tolist() == [2.0 * k, 4.0 * k]
    w.grad = None
    add(zk.ones(2))
    assert w.grad.tolist() == [2.0, 4.0]


def test_gradients_of_arguments_go_to_the_arguments() -> None:
    f = zk.jit(lambda x: zk.sum(x**3).backward())
    for value in (1.0, 2.0):
        x = zk.tensor([value], requires_grad=True)
        f(x)
        f(x)
        assert x.grad is not None
        assert x.grad.item() == 2 * 3 * value**2
    assert f.traces == 1


def test_a_backward_pass_inside_goes_on_into_the_graph_of_an_argument() -> None:
    w = zk.tensor([3.0], requires_grad=True)
    f = zk.jit(lambda x: zk.sum(x**2).backward())
    for k in (1, 2):
        f(w * 2)
        assert w.grad is not None
        assert w.grad.item() == k * 2 * (2 * 3.0) * 2


def test_attributes_of_modules_that_are_bound_anew_are_carried_on() -> None:
    class Counter(nn.Module):
        def __init__(self) -> None:
            self.total = zk.zeros(2)
            self.last: zk.Tensor | None = None

        def forward(self, x: zk.Tensor) -> zk.Tensor:
            self.total = self.total + x
            self.last = x if self.last is None else self.last * x
            return self.total * 2

    counter = Counter()
    run, before = zk.jit(counter), counter.total
    for k in range(1, 5):
        assert run(zk.full((2,), 2.0)).tolist() == [4.0 * k] * 2
        assert counter.last is not None
        assert counter.last.tolist() == [2.0**k] * 2
    assert counter.total.tolist() == [8.0, 8.0]
    assert before.tolist() == [0.0, 0.0]
    assert run.traces == 2  # the first call has no `last`


def test_who_holds_an_old_value_keeps_it() -> None:
    learner = Learner()
    run = zk.jit(learner.step)
    x, y = numbers(4, 5), zk.tensor(LABELS)
    run(x, y)
    weight = learner.model[0].weight
    detached, saved, raw = weight.detach(), learner.model.state_dict(), weight.data
    kept = [a.numpy().copy() for a in (detached, saved["0.weight"])]
    run(x, y)
    run(x, y)
    assert_alike([detached.numpy(), saved["0.weight"].numpy(), np.asarray(raw)], [*kept, kept[0]])
    assert not np.array_equal(weight.numpy(), kept[0])


def test_modes_are_compiled_for_and_found_again() -> None:
    model = net()
    run = zk.jit(model)
    x = numbers(4, 5)
    for _ in range(2):
        model.train()
        assert not np.array_equal(run(x).numpy(), run(x).numpy())  # dropout draws anew
        model.eval()
        assert_alike([run(x).numpy()], [model(x).numpy()])
    assert run.traces == 2


def test_a_state_that_is_loaded_counts() -> None:
    eager, compiled = Learner(), Learner()
    run = zk.jit(compiled.step)
    x, y = numbers(4, 5), zk.tensor(LABELS)
    state, of_optimizer = compiled.model.state_dict(), compiled.optimizer.state_dict()
    for learner, step in ((eager, eager.step), (compiled, run)):
        zk.random.seed(0)
        step(x, y)
        learner.model.load_state_dict(state)
        learner.optimizer.load_state_dict(of_optimizer)
        step(x, y)
        step(x, y)
    assert_alike(compiled.everything(), eager.everything())


@pytest.mark.parametrize("late", [False, True])
def test_an_exception_leaves_everything_as_it_was(late: bool) -> None:
    learner = Learner()
    x, y = numbers(4, 5), zk.tensor(LABELS)
    learner.step(x, y)
    before = learner.everything()

    @zk.jit
    def step() -> None:
        learner.step(x, y)
        if late:
            learner.model[0].weight.grad = zk.ones((8, 5), dtype="float64")
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        step()
    assert_alike(learner.everything(), before, 0)
    assert all(p.grad is None for p in learner.model.parameters())
    learner.step(x, y)


def test_an_exception_in_the_first_step_leaves_no_state_behind() -> None:
    learner = Learner()

    @zk.jit
    def step(x: zk.Tensor) -> None:
        learner.step(x, zk.tensor(LABELS))
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        step(numbers(4, 5))
    assert not learner.optimizer.state
    assert learner.optimizer._steps == 0


def test_a_branch_on_a_value_names_the_line_and_the_ways_out() -> None:
    @zk.jit
    def clipped(x: zk.Tensor) -> zk.Tensor:
        if zk.sum(x) > 1:
            return x * 0
        return x

    with pytest.raises(TracedValueError) as caught:
        clipped(zk.ones(3))
    assert "clipped asked for the value of a tensor" in str(caught.value)
    assert "if zk.sum(x) > 1:" in str(caught.value)
    assert "zk.where" in caught.value.fix

    for ask in (float, int, zk.Tensor.item, zk.Tensor.numpy, zk.Tensor.tolist, list(range(9)).__getitem__):
        with pytest.raises(TracedValueError):
            zk.jit(lambda x, ask=ask: ask(x))(zk.tensor(1))


def test_a_tensor_that_is_kept_elsewhere_is_refused() -> None:
    kept: list[zk.Tensor] = []

    @zk.jit
    def f(x: zk.Tensor) -> zk.Tensor:
        kept.append(x * 2)
        return kept[-1]

    with pytest.raises(GradientError, match="has kept a tensor"):
        f(zk.ones(2))


def test_a_schedule_that_wants_a_figure_is_told_to_wait_for_it() -> None:
    optimizer = zk.optim.SGD([zk.ones(1, requires_grad=True)], lr=0.1)
    plateau = zk.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    with pytest.raises(ArgumentError, match=r"ReduceLROnPlateau\.step was called in a compiled function"):
        zk.jit(lambda x: plateau.step(x))(zk.ones(()))


def test_tensors_of_two_backends_are_refused() -> None:
    with pytest.raises(BackendError, match="two backends"):
        zk.jit(lambda x, y: x)(zk.ones(1), zk.ones(1).to("numpy"))


def test_too_many_programs_are_told_of_once() -> None:
    f = zk.jit(lambda x, rate: x * rate)
    for k in range(8):
        f(zk.ones(2), k / 8)
    with pytest.warns(RetraceWarning, match=r"compiled 9 times.*zk\.tensor\(rate\)"):
        f(zk.ones(2), 1.0)
    f(zk.ones(2), 2.0)


def test_a_gradient_flows_through_a_compiled_function() -> None:
    model, other = net(), net()
    run, x = zk.jit(model), numbers(4, 5)
    for _ in range(2):
        grads = []
        for call, of in ((run, model), (other, other)):
            zk.random.seed(0)
            of.zero_grad()
            point = zk.tensor(x.numpy(), requires_grad=True)
            scaled = point * 2
            zk.sum(call(scaled) ** 2).backward()
            assert point.grad is not None
            grads.append([point.grad.numpy(), *[p.grad.numpy() for p in of.parameters()]])
        assert_alike(*grads)
    assert run.traces == 1


def test_a_gradient_flows_through_one_of_several_results() -> None:
    @zk.jit
    def f(x: zk.Tensor, y: zk.Tensor) -> dict[str, Any]:
        return {"a": x * y, "b": (zk.exp(x), zk.argmax(x)), "c": "plain"}

    x, y = zk.tensor([1.0, 2.0], requires_grad=True), zk.tensor([3.0, 4.0])
    out = f(x, y)
    assert out["c"] == "plain"
    assert not out["b"][1].requires_grad
    zk.sum(out["a"]).backward()
    assert x.grad is not None
    assert x.grad.tolist() == [3.0, 4.0]
    with zk.no_grad():
        assert not f(x, y)["a"].requires_grad
    assert_alike([zk.grad(lambda x: zk.sum(f(x, y)["b"][0]))(x).numpy()], [np.exp([1.0, 2.0])], 1e-6)


def test_where_no_gradient_flows_from_outside_it_says_so() -> None:
    f = zk.jit(lambda x: zk.checkpoint(zk.sin)(x) * 2)
    x = zk.tensor([1.0], requires_grad=True)
    with pytest.raises(GradientError, match="with the backward pass in it") as caught:
        f(x).backward()
    assert "checkpoint" in str(caught.value)


def test_the_gradient_of_a_compiled_function_is_not_differentiated_again() -> None:
    f = zk.jit(lambda x: x**3)
    with pytest.raises(GradientError, match="differentiated again"):
        zk.grad(zk.grad(lambda x: f(x)))(2.0)


def test_second_derivatives_checkpoints_and_custom_gradients_are_compiled() -> None:
    @zk.custom_gradient
    def straight(x: zk.Tensor) -> Any:
        return zk.round(x), lambda g: g

    def f(x: zk.Tensor) -> zk.Tensor:
        return zk.sum(zk.checkpoint(lambda x: zk.sin(x) * x)(x) + straight(x))

    x = numbers(5)
    for of in (zk.grad(f), zk.grad(lambda x: zk.sum(zk.grad(f)(x) ** 2)), zk.hessian(f)):
        assert_alike([zk.jit(of)(x).numpy()], [of(x).numpy()])


def test_random_numbers_go_on_from_call_to_call_as_without() -> None:
    generator = zk.random.Generator(5)
    draw = zk.jit(lambda: (generator.normal(shape=3), zk.random.uniform(shape=2)))
    zk.random.seed(2)
    ours = [draw() for _ in range(3)]
    other = zk.random.Generator(5)
    zk.random.seed(2)
    theirs = [(other.normal(shape=3), zk.random.uniform(shape=2)) for _ in range(3)]
    for a, b in zip(ours, theirs, strict=True):
        assert_alike([t.numpy() for t in a], [t.numpy() for t in b], 0)
    assert generator.state_dict() == other.state_dict()


def test_averages_of_weights_are_kept_up_to_date() -> None:
    found = []
    for wrap in (lambda f: f, zk.jit):
        w = zk.tensor([1.0, 2.0], requires_grad=True)
        optimizer = zk.optim.SGD([w], lr=0.1)
        average = zk.optim.SWA([w])

        def step(w: Any = w, optimizer: Any = optimizer, average: Any = average) -> None:
            zk.sum(w * w).backward()
            optimizer.step()
            optimizer.zero_grad()
            average.update()

        run = wrap(step)
        for _ in range(5):
            run()
        found.append((w.numpy(), average.averages["0"].numpy(), average.n_averaged))
    assert_alike(*found, 1e-6)


def test_arguments_are_not_kept() -> None:
    f = zk.jit(lambda x: x * 2)
    x = zk.ones(4)
    gone = weakref.ref(x)
    f(x)
    f(zk.ones(4))
    del x
    assert gone() is None


def test_static_arrays_are_compiled_in_with_their_values() -> None:
    @zk.jit(static="mask")
    def chosen(x: zk.Tensor, mask: Any) -> zk.Tensor:
        return x * 2 if np.all(np.asarray(mask)) else x

    x = zk.ones(2)
    for mask, factor in ((np.ones(2), 2), (np.zeros(2), 1), (np.ones(2), 2), (zk.ones(2), 2)):
        assert chosen(x, mask=mask).tolist() == [factor] * 2
    assert chosen.traces == 3
    with pytest.raises(ArgumentError, match="can be compared"):
        zk.jit(lambda x, mask: x, static="mask")(x, {1, 2})


def test_arguments_of_a_module_are_those_of_its_forward() -> None:
    with pytest.raises(ArgumentError, match="no argument 'mask'") as caught:
        zk.jit(net(), static="mask")
    assert caught.value.facts == ["its arguments  input"]


@pytest.mark.filterwarnings("ignore:Some donated buffers were not usable")
def test_donated_arrays_may_be_overwritten() -> None:
    def f(x: zk.Tensor, parts: list[zk.Tensor]) -> zk.Tensor:
        return x + parts[0] * parts[1]

    kept = [zk.full((300,), 2.0), zk.full((300,), 3.0)]
    run = zk.jit(f, donate="x")
    for _ in range(2):
        assert run(zk.ones(300), kept).tolist() == [7.0] * 300
    given = zk.ones(300)
    assert run(given, parts=kept).tolist() == [7.0] * 300
    assert given.data.is_deleted()
    assert kept[0].tolist() == [2.0] * 300


def test_an_argument_that_there_is_not_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no argument 'z'") as caught:
        zk.jit(lambda x, y: x, static=["y", "z"])
    assert "x, y" in str(caught.value)


def test_watched_op_by_op_it_runs_as_it_is() -> None:
    f = zk.jit(lambda x: zk.log(x))
    with zk.debug_nans(), pytest.raises(zk.errors.NonFiniteError, match="log"):
        f(zk.tensor([-1.0]))
    assert f.traces == 0


def test_within_another_one_it_is_a_part_of_that() -> None:
    inner = zk.jit(lambda x: x * 2)
    outer = zk.jit(lambda x: inner(x) + 1)
    assert outer(zk.ones(2)).tolist() == [3.0, 3.0]
    assert (inner.traces, outer.traces) == (0, 1)


def test_a_program_that_fails_takes_the_steps_of_the_host_back() -> None:
    w = zk.tensor([1.0], requires_grad=True)
    optimizer = zk.optim.Adam([w], lr=0.1)
    parts = [zk.optim.lr_scheduler.ExponentialLR(optimizer, 0.9), zk.optim.lr_scheduler.ConstantLR(optimizer, 0.5)]
    chained = zk.optim.lr_scheduler.ChainedScheduler(parts)

    @zk.jit
    def step(x: zk.Tensor) -> None:
        zk.sum(w * x).backward()
        optimizer.step()
        optimizer.zero_grad()
        chained.step()

    step(zk.ones(1))
    gone = zk.ones(1)
    gone.data.delete()
    before = optimizer.state_dict(), [p.state_dict() for p in (*parts, chained)], optimizer._steps
    with pytest.raises((RuntimeError, ValueError)):
        step(gone)
    assert str((optimizer.state_dict(), [p.state_dict() for p in (*parts, chained)], optimizer._steps)) == str(before)
    step(zk.ones(1))
    assert optimizer.state[w]["step"] == 2
