"""What a step does and does not touch, and what an optimiser says to mistakes."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import numpy as np
import pytest
from wording import error_of, message

import zkynet as zk
from zkynet.errors import (
    ArgumentError,
    BackendError,
    DTypeError,
    ForgottenZeroGradWarning,
    GradientError,
    InvalidValueError,
    NoGradientWarning,
    ShapeError,
)


def leaf(*values: float, dtype: str = "float32") -> Any:
    return zk.tensor(list(values), dtype=dtype, requires_grad=True)


def with_gradient(*values: float) -> Any:
    p = leaf(*values)
    p.grad = zk.ones_like(p.detach())
    return p


KINDS: dict[str, Any] = {
    "SGD": lambda p: zk.optim.SGD(p, lr=0.5, momentum=0.9),
    "Adam": lambda p: zk.optim.Adam(p, lr=0.5),
    "LAMB": lambda p: zk.optim.LAMB(p, lr=0.5),
}


# -- values that somebody holds stay ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_others_hold_keeps_its_values(kind: str) -> None:
    p = leaf(*range(1, 9))
    optimizer = KINDS[kind]([p])
    for _ in range(2):  # the second time, what is remembered is there already
        alias, view, row, numbers = p.detach(), zk.reshape(p.detach(), (2, 4)), p.detach()[2:4], np.array(p.tolist())
        p.grad = zk.ones(8)
        saved = optimizer.state_dict()["state"]
        before = {k: np.array(v.tolist()) for k, v in saved.get(0, {}).items() if isinstance(v, zk.Tensor)}
        optimizer.step()
        assert alias.tolist() == numbers.tolist()
        assert view.tolist() == numbers.reshape(2, 4).tolist()
        assert row.tolist() == numbers[2:4].tolist()
        assert p.tolist() != numbers.tolist()
        for key, value in before.items():
            assert saved[0][key].tolist() == value.tolist()


def test_the_users_own_array_is_not_written_to(backend: Any) -> None:
    mine = backend.from_numpy(np.ones(3, "float32"))
    p = zk.zeros(3, requires_grad=True)
    p.data = mine
    p.grad = zk.ones(3)
    zk.optim.SGD([p], lr=1.0).step()
    assert p.tolist() == [0.0, 0.0, 0.0]
    assert backend.to_numpy(mine).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [3, 5000, 200_000])
def test_numpy_writes_into_the_parameters_own_memory(kind: str, size: int) -> None:
    with zk.use_backend("numpy"):
        p = zk.ones(size, requires_grad=True)
        q = zk.ones(4, requires_grad=True)
        optimizer = KINDS[kind]([p, q])
        p.grad, q.grad = zk.ones(size), zk.ones(4)
        optimizer.step()
        arrays = [
            t._raw for t in (p, q, *[v for s in optimizer.state.values() for v in s.values() if hasattr(v, "_raw")])
        ]
        where = [a.ctypes.data for a in arrays]
        del arrays
        optimizer.step()
        arrays = [
            t._raw for t in (p, q, *[v for s in optimizer.state.values() for v in s.values() if hasattr(v, "_raw")])
        ]
        assert [a.ctypes.data for a in arrays] == where


def test_a_graph_that_needs_the_old_value_refuses_or_is_right() -> None:
    w = leaf(2.0, 3.0)
    optimizer = zk.optim.SGD([w], lr=1.0)
    direct = (w * w).sum()
    through_a_view = (zk.reshape(w, (2, 1)) * zk.reshape(w, (1, 2))).sum()
    w.grad = zk.ones(2)
    optimizer.step()
    optimizer.zero_grad()
    with pytest.raises(GradientError, match="changed in place"):
        direct.backward()
    through_a_view.backward()  # it kept views of the old values, which are still there
    assert w.grad.tolist() == [10.0, 10.0]


def test_scalars_and_parameters_of_several_backends_and_devices() -> None:
    with zk.use_backend("numpy"):
        a = zk.tensor(2.0, requires_grad=True)
    with zk.use_backend("strict"):
        b = zk.tensor(2.0, requires_grad=True)
        c = zk.tensor(2.0, device="device1", requires_grad=True)
    optimizer = zk.optim.Adam([a, b, c], lr=0.5)
    for p in (a, b, c):
        (p * p).backward()
    optimizer.step()
    assert [p.item() for p in (a, b, c)] == [1.5, 1.5, 1.5]
    assert (b.backend, c.device) == ("strict", "device1")
    norm = zk.nn.clip_grad_norm_([b, c], 1.0)
    assert abs(norm.item() - 32**0.5) < 1e-5


@pytest.mark.parametrize(
    "kind", ["SGD", "ASGD", "Adagrad", "RMSprop", "Adadelta", "AdamW", "NAdam", "RAdam", "Adamax", "Lion", "Rprop"]
)
def test_nothing_goes_to_the_host(kind: str) -> None:
    with zk.use_backend("strict"), zk.device("device1"):
        p = zk.ones((3, 2), requires_grad=True)
        p.grad = zk.ones((3, 2))
        optimizer = getattr(zk.optim, kind)([p], lr=0.1)
        optimizer.step()
        optimizer.step()
        assert p.device == "device1"


@pytest.mark.parametrize("kind", ["LAMB", "Adafactor", "Muon"])
def test_nothing_goes_to_the_host_in_optimizers_of_whole_parameters(kind: str) -> None:
    test_nothing_goes_to_the_host(kind)


# -- groups, gradients, hooks ---------------------------------------------------------------------------------------


def test_parameters_without_a_gradient_are_left_alone() -> None:
    a, b, frozen = with_gradient(1.0), leaf(1.0), zk.ones(1)
    optimizer = zk.optim.SGD([a, b, frozen], lr=1.0, weight_decay=0.1)
    optimizer.step()
    assert (a.item(), b.item(), frozen.item()) != (1.0, 1.0, 1.0)
    assert (b.item(), frozen.item()) == (1.0, 1.0)
    assert optimizer.state_dict()["state"] == {0: {}}


def test_zero_grad_forgets_or_fills_with_zeros() -> None:
    a, b = with_gradient(1.0), leaf(1.0)
    optimizer = zk.optim.SGD([a, b])
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0.0]
    assert b.grad is None
    optimizer.zero_grad()
    assert a.grad is None


def test_a_closure_is_run_and_its_loss_returned() -> None:
    w = leaf(3.0)
    optimizer = zk.optim.SGD([w], lr=0.5)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with zk.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert w.item() == 0.0


def test_hooks_run_before_and_after_and_can_be_taken_off() -> None:
    w = with_gradient(3.0)
    optimizer = zk.optim.SGD([w], lr=1.0)
    seen: list[Any] = []
    before = optimizer.register_step_pre_hook(lambda o, args, kwargs: seen.append(("before", w.item())))
    after = optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append(("after", w.item())))
    optimizer.step()
    before.remove()
    after.remove()
    optimizer.step()
    assert seen == [("before", 3.0), ("after", 2.0)]


def test_names_are_kept_and_shown() -> None:
    model = zk.nn.Linear(2, 1)
    optimizer = zk.optim.SGD(model.named_parameters(), lr=0.1)
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
    assert "lr: 0.1" in repr(optimizer)


def test_tied_parameters_are_updated_once() -> None:
    a, b = zk.nn.Linear(2, 2, bias=False), zk.nn.Linear(2, 2, bias=False)
    b.weight = a.weight
    model = zk.nn.Sequential(a, b)
    optimizer = zk.optim.SGD(model.parameters(), lr=1.0)
    assert len(optimizer.param_groups[0]["params"]) == 1
    before = a.weight.tolist()
    a.weight.grad = zk.ones((2, 2))
    optimizer.step()
    assert np.allclose(a.weight.tolist(), np.array(before) - 1)


def test_layers_of_unknown_size_can_be_given_to_an_optimizer_first() -> None:
    layer = zk.nn.Linear(None, 1)
    optimizer = zk.optim.Adam(layer.parameters(), lr=0.1)
    layer(zk.ones((2, 3))).sum().backward()
    before = layer.weight.tolist()
    optimizer.step()
    assert layer.weight.tolist() != before


def test_a_rate_may_be_a_tensor() -> None:
    for kind in (zk.optim.SGD, zk.optim.Adam, zk.optim.Lion):
        a, b = with_gradient(1.0, 2.0), with_gradient(1.0, 2.0)
        kind([a], lr=zk.tensor(0.25)).step()
        kind([b], lr=0.25).step()
        np.testing.assert_allclose(a.tolist(), b.tolist(), rtol=1e-6)
        assert a.dtype == "float32"


# -- warnings ----------------------------------------------------------------------------------------------------------


def loss_of(w: Any) -> Any:
    return (w * w).sum()


def test_a_forgotten_zero_grad_is_noticed_once() -> None:
    w = leaf(1.0)
    optimizer = zk.optim.SGD([w], lr=0.01)
    loss_of(w).backward()
    optimizer.step()
    loss_of(w).backward()
    with pytest.warns(ForgottenZeroGradWarning, match=r"the gradient of parameter 0 of shape \(1,\) was added"):
        optimizer.step()
    loss_of(w).backward()
    optimizer.step()  # once is enough


def test_gradients_that_add_up_on_purpose_are_no_mistake() -> None:
    w = leaf(1.0)
    optimizer = zk.optim.SGD([w], lr=0.01)
    for clear in (
        optimizer.zero_grad,
        lambda: optimizer.zero_grad(set_to_none=False),
        lambda: setattr(w, "grad", None),
    ):
        for _ in range(2):
            loss_of(w).backward()
            loss_of(w).backward()
            zk.nn.clip_grad_norm_([w], 0.1)
            optimizer.step()
            clear()


def test_gradients_that_are_cleared_before_they_are_used_are_no_mistake() -> None:
    """As in a GAN: the loss of one network reaches the other, whose gradient is cleared before its own turn."""
    w = leaf(1.0)
    optimizer = zk.optim.SGD([w], lr=0.01)
    for _ in range(3):
        loss_of(w).backward()
        optimizer.zero_grad()
        loss_of(w).backward()
        optimizer.step()


def test_a_step_without_any_gradient_is_noticed_once() -> None:
    optimizer = zk.optim.Adam([leaf(1.0)])
    with pytest.warns(NoGradientWarning, match="Adam.step\\(\\) changed nothing"):
        optimizer.step()
    optimizer.step()


# -- two optimisers ------------------------------------------------------------------------------------------------


def test_two_optimizers_of_one_parameter_are_refused_when_they_take_turns() -> None:
    w, other = with_gradient(1.0), with_gradient(1.0)
    first, second = zk.optim.SGD([("w", w)], lr=0.1), zk.optim.Adam([w, other])
    first.step()
    second.step()
    value = w.item()
    assert error_of(first.step, InvalidValueError) == message("""
        parameter 'w' is updated by two optimisers, SGD and Adam
          each would undo the work of the other, and momenta would be wrong
          Fix: give each parameter to one optimiser; to return to an earlier one, make it anew and use load_state_dict
    """)
    assert w.item() == value
    second.step()  # the one that goes on may


def test_an_optimizer_may_be_replaced_and_others_work_beside_it() -> None:
    w, v = with_gradient(1.0), with_gradient(1.0)
    beside = zk.optim.SGD([v], lr=0.1)
    optimizer: Any = zk.optim.SGD([w], lr=0.1)
    for kind in (zk.optim.Adam, zk.optim.SGD, zk.optim.Adam):
        optimizer.step()
        beside.step()
        optimizer = kind([w], lr=0.1)
        optimizer.step()
        optimizer.step()
        beside.step()
    gc.collect()
    optimizer.step()


# -- mistakes --------------------------------------------------------------------------------------------------------


def result() -> Any:
    return leaf(1.0) * 2


O = zk.optim
MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "no parameters": (lambda: O.SGD([]), InvalidValueError, "SGD was given no parameters"),
    "used generator": (lambda: O.SGD(iter(())), InvalidValueError, "a generator that was used once"),
    "empty group": (lambda: O.SGD([{"params": []}]), InvalidValueError, "a group without parameters"),
    "one tensor": (lambda: O.SGD(leaf(1.0)), ArgumentError, "SGD takes several parameters, received one tensor"),
    "the model": (lambda: O.SGD(zk.nn.Linear(2, 1)), ArgumentError, "pass model.parameters()"),
    "a number": (lambda: O.SGD(3), ArgumentError, "received int: 3"),
    "no tensor": (lambda: O.SGD([1.0]), ArgumentError, "parameter 0 is no tensor, received float: 1.0"),
    "a set": (lambda: O.SGD([{"params": {leaf(1.0)}}]), ArgumentError, "a set, which has no order"),
    "no params": (lambda: O.SGD([{"lr": 1.0}]), ArgumentError, "a parameter group lacks 'params'"),
    "half named": (
        lambda: O.SGD([("w", leaf(1.0)), leaf(1.0)]),
        ArgumentError,
        "some parameters of a group have names",
    ),
    "no leaf": (
        lambda: O.SGD([leaf(1.0), result()]),
        GradientError,
        "parameter 1 of shape (1,) is the result of multiply",
    ),
    "integers": (lambda: O.SGD([zk.tensor([1, 2])]), DTypeError, "is int64, and only floats can be learned"),
    "negative rate": (lambda: O.Adam([leaf(1.0)], lr=-1.0), InvalidValueError, "Adam: lr is at least 0, received -1.0"),
    "NaN rate": (lambda: O.Adam([leaf(1.0)], lr=float("nan")), InvalidValueError, "lr is at least 0, received nan"),
    "a word for a rate": (lambda: O.Adam([leaf(1.0)], lr="fast"), ArgumentError, "lr is a plain number"),
    "rates in a tensor": (lambda: O.Adam([leaf(1.0)], lr=zk.ones(2)), ShapeError, "lr is one number"),
    "betas": (
        lambda: O.AdamW([leaf(1.0)], betas=(0.9, 1.0)),
        InvalidValueError,
        "AdamW: betas[1] is at least 0 and below 1",
    ),
    "one beta": (lambda: O.NAdam([leaf(1.0)], betas=0.9), ArgumentError, "NAdam: betas is a pair of numbers"),
    "nesterov": (lambda: O.SGD([leaf(1.0)], nesterov=True), InvalidValueError, "needs a momentum, and no dampening"),
    "rho": (lambda: O.Adadelta([leaf(1.0)], rho=1.5), InvalidValueError, "rho is between 0 and 1"),
    "rate of a group": (lambda: O.SGD([{"params": [leaf(1.0)], "lr": -2}]), InvalidValueError, "received -2"),
    "no matrix": (lambda: O.Muon([leaf(1.0)]), ShapeError, "Muon: parameter 0 of shape (1,) is no matrix"),
    "rates of muon": (lambda: O.Muon([zk.ones((2, 2))], adjust_lr_fn="x"), InvalidValueError, "adjust_lr_fn"),
    "two groups": (
        lambda: O.LBFGS([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}]),
        InvalidValueError,
        "LBFGS has one group of parameters",
    ),
    "search": (lambda: O.LBFGS([leaf(1.0)], line_search_fn="x"), InvalidValueError, "'strong_wolfe' or None"),
    "no closure": (lambda: O.LBFGS([leaf(1.0)]).step(), ArgumentError, "LBFGS.step takes a closure"),
    "etas": (lambda: O.Rprop([leaf(1.0)], etas=(1.2, 0.5)), InvalidValueError, "between 0 and 1, the second above 1"),
    "eps of adafactor": (lambda: O.Adafactor([leaf(1.0)], eps=1e-3), ArgumentError, "eps is a pair of numbers"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_making_an_optimizer_are_named(case: str) -> None:
    call, kind, words = MISTAKES[case]
    assert words in error_of(call, kind)


def test_a_parameter_that_is_passed_twice_is_named() -> None:
    w, v = leaf(1.0), leaf(2.0)
    assert "SGD: parameter 2 of shape (1,) was passed twice" in error_of(lambda: O.SGD([w, v, w]), InvalidValueError)
    optimizer = O.SGD([("w", w)])
    call = lambda: optimizer.add_param_group({"params": [("v", v), ("again", w)]})  # noqa: E731
    assert "parameter 'again' was passed twice" in error_of(call, InvalidValueError)
    assert len(optimizer.param_groups) == 1


def test_gradients_that_do_not_fit_are_named_and_nothing_is_changed() -> None:
    a, b = with_gradient(1.0), with_gradient(1.0)
    optimizer = O.SGD([a, b], lr=1.0)
    b.grad = zk.ones(1, dtype="float64")
    text = error_of(optimizer.step, DTypeError)
    assert "SGD: the gradient of parameter 1 of shape (1,) has another dtype" in text
    assert "float64" in text
    b.node.grad = zk.ones(3)
    assert "another shape" in error_of(optimizer.step, ShapeError)
    with zk.use_backend("strict" if a.backend == "numpy" else "numpy"):
        b.node.grad = zk.ones(1)
    assert "another " in error_of(optimizer.step, (BackendError, DTypeError))  # type: ignore[arg-type]
    assert (a.item(), b.item()) == (1.0, 1.0)


def test_a_parameter_that_became_a_result_is_named() -> None:
    w = leaf(1.0)
    optimizer = O.SGD([("w", w)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        w += 1
    assert "SGD: parameter 'w' has become the result of add" in error_of(optimizer.step, GradientError)


def test_a_state_that_does_not_fit_is_refused_whole() -> None:
    w = with_gradient(1.0, 2.0)
    optimizer = O.Adam([w], lr=0.5)
    optimizer.step()
    good = optimizer.state_dict()
    entries = good["state"][0]
    other = O.Adam([with_gradient(1.0, 2.0, 3.0)])
    other.step()
    for bad, words in (
        ({}, "'state' and 'param_groups'"),
        (O.Adam([leaf(1.0), leaf(2.0)]).state_dict(), "the groups of parameters are others"),
        (
            O.Adam([{"params": [leaf(1.0)]}, {"params": [leaf(1.0)]}]).state_dict(),
            "the groups of parameters are others",
        ),
        (other.state_dict(), "exp_avg has another shape"),
        ({**good, "state": {7: entries}}, "which is in no group"),
        ({**good, "state": {0: {**entries, "exp_avg": zk.tensor([1, 2])}}}, "floats are expected"),
        ({**good, "param_groups": [{**good["param_groups"][0], "lr": -3.0}]}, "lr is at least 0"),
    ):
        assert words in error_of(lambda bad=bad: optimizer.load_state_dict(bad), (ArgumentError, ValueError, TypeError))  # type: ignore[misc, arg-type]
        assert optimizer.state_dict()["state"][0]["step"] == 1
        assert optimizer.state[w]["exp_avg"].tolist() == entries["exp_avg"].tolist()
        assert optimizer.param_groups[0]["lr"] == 0.5


# -- L-BFGS -----------------------------------------------------------------------------------------------------------


def test_lbfgs_finds_the_end_of_a_curved_valley() -> None:
    a, b = leaf(-1.0, dtype="float64"), leaf(2.0, dtype="float64")
    optimizer = O.LBFGS([a, b], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = ((1 - a) ** 2 + 100 * (b - a * a) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    np.testing.assert_allclose([a.item(), b.item()], [1.0, 1.0], atol=1e-4)
    assert optimizer.state_dict()["state"][0]["func_evals"] < 100


def test_lbfgs_notices_a_closure_that_does_not_clear_gradients() -> None:
    w = leaf(1.0, 2.0)
    optimizer = O.LBFGS([w], lr=0.1)

    def closure() -> Any:
        loss = loss_of(w)
        loss.backward()
        return loss

    with pytest.warns(ForgottenZeroGradWarning):
        optimizer.step(closure)


def test_an_optimizer_goes_along_when_the_model_is_moved() -> None:
    model = zk.nn.Linear(2, 1)
    optimizer = O.Adam(model.parameters(), lr=0.5)
    with zk.use_backend("strict" if model.weight.backend == "numpy" else "numpy") as other:
        copy = zk.nn.Linear(2, 1).to(other.name)
        twin = O.Adam(copy.parameters(), lr=0.5)
    for p, q in zip(model.parameters(), copy.parameters(), strict=True):
        q.data = zk.tensor(p.numpy()).to(other.name).data
        q.grad = zk.ones_like(q.detach())
        p.grad = zk.ones_like(p.detach())
    optimizer.step()
    twin.step()
    model.to(other.name)
    for p, q in zip(model.parameters(), copy.parameters(), strict=True):
        p.grad = q.grad = zk.ones_like(q.detach()) * 0.5
    optimizer.step()
    twin.step()
    assert optimizer.state[model.weight]["exp_avg"].backend is other
    np.testing.assert_allclose(model.weight.numpy(), copy.weight.numpy(), rtol=1e-6)


@pytest.mark.parametrize("kind", ["SGD", "Adam", "Lion", "Rprop"])
def test_complex_parameters_go_downhill(kind: str) -> None:
    z = zk.tensor([1 + 2j, -1j], dtype="complex128", requires_grad=True)
    optimizer = getattr(O, kind)([z], lr=0.05)
    losses = []
    for _ in range(60):
        optimizer.zero_grad()
        distance = z - zk.tensor([0.5 - 1j, 1 + 1j], dtype="complex128")
        loss = (zk.real(distance) ** 2 + zk.imag(distance) ** 2).sum()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    assert z.dtype == "complex128"


def test_optimizers_of_whole_parameters_take_real_ones() -> None:
    z = zk.ones((2, 2), dtype="complex64", requires_grad=True)
    assert "is complex64, and LAMB takes real parameters" in error_of(lambda: O.LAMB([z]), DTypeError)
