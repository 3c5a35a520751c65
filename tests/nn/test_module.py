"""Modules: what is found in them, their state, modes, hooks, and errors that say where they are from."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.errors import ArgumentError, DTypeError, ShapeError, StateDictError, UnsizedError

nn = zk.nn


class MLP(nn.Module):
    def __init__(self, bias: bool = True) -> None:
        self.fc1 = nn.Linear(4, 8, bias=bias)
        self.fc2 = nn.Linear(8, 3, bias=bias)
        self.register_buffer("seen", zk.zeros(()))

    def forward(self, x: Any) -> Any:
        return self.fc2(zk.tanh(self.fc1(x)))


class Counting(nn.Module):
    """Keeps a running value, as batch normalisation does."""

    def __init__(self) -> None:
        self.register_buffer("total", zk.zeros(()))
        self.register_buffer("scratch", zk.ones(2), persistent=False)
        self.register_buffer("unused", None)

    def forward(self, x: Any) -> Any:
        if self.training:
            self.total = self.total + x.detach().sum()
        return x * 2


X = np.linspace(-1, 1, 20).reshape(5, 4).astype("float32")


# -- what is found ----------------------------------------------------------------------------------


def test_attributes_are_found_also_without_calling_super() -> None:
    model = MLP()
    assert [n for n, _ in model.named_parameters()] == ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]
    assert [n for n, _ in model.named_modules()] == ["", "fc1", "fc2"]
    assert [n for n, _ in model.named_buffers()] == ["seen"]
    assert list(model.state_dict()) == ["seen", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]


def test_no_bias_is_no_parameter() -> None:
    assert [n for n, _ in MLP(bias=False).named_parameters()] == ["fc1.weight", "fc2.weight"]


def test_modules_in_lists_tuples_and_dicts_are_found_under_the_names_of_a_module_list() -> None:
    class Nested(nn.Module):
        def __init__(self) -> None:
            self.layers = [nn.Linear(2, 2), (nn.Linear(2, 2),)]
            self.heads = {"a": nn.Linear(2, 1), "scale": nn.Parameter(zk.ones(1))}
            self.sizes = [1, 2, 3]
            self.again = self.layers[0]

    names = [n for n, _ in Nested().named_parameters()]
    assert sorted(names) == sorted(
        ["heads.scale"]
        + [f"{name}.{kind}" for name in ("layers.1.0", "heads.a", "again") for kind in ("weight", "bias")]
    )
    assert set(names) == set(Nested().state_dict())


def test_tied_weights_are_counted_once_and_saved_under_both_names() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.embed = nn.Embedding(7, 4)
            self.out = nn.Linear(4, 7, bias=False)
            self.out.weight = self.embed.weight

        def forward(self, i: Any) -> Any:
            return self.out(self.embed(i))

    model = Tied()
    assert [n for n, _ in model.named_parameters()] == ["embed.weight"]
    assert list(model.state_dict()) == ["embed.weight", "out.weight"]
    model(zk.tensor([1, 2])).sum().backward()
    model.to(zk.float64)
    assert model.out.weight is model.embed.weight
    twin = Tied()
    twin.load_state_dict(model.state_dict())
    assert twin.out.weight is twin.embed.weight
    both = copy.deepcopy(model)
    assert both.out.weight is both.embed.weight
    assert both.embed.weight is not model.embed.weight


def test_a_module_that_holds_its_parent_ends() -> None:
    inner, outer = nn.Module(), nn.Module()
    inner.parent, outer.child = outer, inner
    outer.w = nn.Parameter(zk.ones(1))
    assert [n for n, _ in outer.named_parameters()] == ["w"]
    assert list(outer.state_dict()) == ["w"]


def test_a_tensor_cannot_take_the_place_of_a_parameter() -> None:
    layer = nn.Linear(2, 2)
    with pytest.raises(ArgumentError, match=r"Linear.weight is a parameter"):
        layer.weight = zk.ones((2, 2))  # type: ignore[assignment]
    layer.weight = nn.Parameter(zk.ones((2, 2)))
    layer.bias = None
    assert [n for n, _ in layer.named_parameters()] == ["weight"]


@pytest.mark.parametrize("name", ["", "a.b", 3])
def test_names_of_buffers_parameters_and_modules_have_no_dots(name: Any) -> None:
    m = nn.Module()
    for register, value in (
        (m.register_buffer, zk.ones(1)),
        (m.register_parameter, nn.Parameter(zk.ones(1))),
        (m.add_module, nn.Identity()),
    ):
        with pytest.raises(ArgumentError, match="word without dots"):
            register(name, value)


def test_wrong_kinds_are_refused() -> None:
    m = nn.Module()
    with pytest.raises(ArgumentError, match="no parameter"):
        m.register_buffer("b", nn.Parameter(zk.ones(1)))
    with pytest.raises(ArgumentError, match=r"nn.Parameter or None"):
        m.register_parameter("p", zk.ones(1))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="module or None"):
        m.add_module("m", zk.ones(1))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="already has an attribute"):
        m.register_buffer("training", zk.ones(1))


def test_looking_up_by_name() -> None:
    model = MLP()
    assert model.get_submodule("fc1") is model.fc1
    assert model.get_submodule("") is model
    assert model.get_parameter("fc2.bias") is model.fc2.bias
    assert model.get_buffer("seen") is model.seen
    with pytest.raises(AttributeError, match=r"no parameter 'fc2.wieght'; it has 'fc2.weight'"):
        model.get_parameter("fc2.wieght")


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match="has no method forward"):
        nn.Module()(zk.ones(1))


def test_printing() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Identity()))
    assert repr(model) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (1): Sequential(\n    (0): Identity()\n  )\n)"
    )


# -- state ------------------------------------------------------------------------------------------


def test_a_state_dict_is_a_copy() -> None:
    layer = nn.Linear(2, 2)
    state = layer.state_dict()
    before = state["weight"].numpy().copy()
    layer.weight.data = (layer.weight.detach() * 0).data
    nn.init.ones_(layer.bias)  # type: ignore[arg-type]
    assert np.array_equal(state["weight"].numpy(), before)
    assert layer.state_dict(keep_vars=True)["weight"] is layer.weight
    assert list(layer.state_dict(prefix="net.")) == ["net.weight", "net.bias"]


def test_buffers_that_are_not_persistent_or_none_are_left_out() -> None:
    assert list(Counting().state_dict()) == ["total"]
    assert [n for n, _ in Counting().named_buffers()] == ["total", "scratch"]


def test_loading_reports_everything_that_does_not_fit_and_changes_nothing() -> None:
    model = MLP()
    before = {n: t.numpy().copy() for n, t in model.state_dict().items()}
    state: dict[str, Any] = {n: t * 0 + 5 for n, t in model.state_dict().items()}
    del state["fc1.bias"]
    state["extra"] = zk.ones(1)
    state["fc2.weight"] = zk.ones((8, 3))
    state["fc2.bias"] = "text"
    with pytest.raises(StateDictError) as e:
        model.load_state_dict(state)
    assert (e.value.missing, e.value.unexpected) == (["fc1.bias"], ["extra"])
    assert e.value.misshapen == ["fc2.weight", "fc2.bias"]
    assert "(3, 8) here, (8, 3) in the dict" in str(e.value)
    assert all(np.array_equal(before[n], t.numpy()) for n, t in model.state_dict().items())
    with pytest.raises(StateDictError, match="mis-shaped"):
        model.load_state_dict(state, strict=False)
    del state["fc2.weight"], state["fc2.bias"]
    result = model.load_state_dict(state, strict=False)
    assert result.unexpected_keys == ["extra"]
    assert result.missing_keys == ["fc1.bias", "fc2.weight", "fc2.bias"]
    assert np.all(model.fc1.weight.numpy() == 5)


def test_a_common_prefix_is_pointed_out() -> None:
    model = MLP()
    with pytest.raises(StateDictError, match=r"take 'module.' off the names"):
        model.load_state_dict({f"module.{n}": t for n, t in model.state_dict().items()})


def test_loading_takes_arrays_of_any_library_and_keeps_the_dtype() -> None:
    layer = nn.Linear(2, 2)
    layer.load_state_dict({"weight": np.full((2, 2), 0.25), "bias": [1, 2]})
    assert layer.weight.dtype == "float32"
    assert layer.weight.numpy().tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert layer.bias.numpy().tolist() == [1.0, 2.0]  # type: ignore[union-attr]
    with pytest.raises(StateDictError, match="complex"):
        layer.load_state_dict({"weight": np.full((2, 2), 1j), "bias": [1.0, 2.0]})
    with pytest.raises(ArgumentError, match="dict of tensors by name"):
        layer.load_state_dict([1, 2])  # type: ignore[arg-type]


def test_loaded_values_are_not_shared_with_the_dict() -> None:
    values = np.ones((2, 2), "float32")
    layer = nn.Linear(2, 2, bias=False)
    layer.load_state_dict({"weight": values})
    values[:] = 7
    assert np.all(layer.weight.numpy() == 1)


def test_buffers_are_loaded() -> None:
    m = Counting()
    m(zk.ones(3))
    other = Counting()
    other.load_state_dict(m.state_dict())
    assert other.total.item() == 3.0


# -- moving and converting --------------------------------------------------------------------------


def test_to_converts_floats_and_keeps_the_objects(backend: Any) -> None:
    m = MLP()
    weight = m.fc1.weight
    m.register_buffer("count", zk.zeros((), dtype="int64"))
    m(zk.tensor(X)).sum().backward()
    m.double()
    assert m.fc1.weight is weight
    assert weight.dtype == "float64"
    assert weight.grad is not None
    assert weight.grad.dtype == "float64"
    assert m.count.dtype == "int64"
    assert m(zk.tensor(X).double()).dtype == "float64"
    if backend.supports(zk.float16):
        assert m.float().half().fc1.weight.dtype == "float16"
    with pytest.raises(DTypeError, match="cannot become int32"):
        m.to(zk.int32)
    with pytest.raises(ArgumentError, match="no backend, device or dtype"):
        m.to("nowhere")


def test_a_model_moves_to_another_backend_and_back(backend: Any) -> None:
    m = MLP().to("numpy")
    assert {p.backend.name for p in m.parameters()} == {"numpy"}
    before = m(zk.tensor(X).to("numpy")).numpy()
    m.to(backend.name)
    assert {p.backend.name for p in m.parameters()} == {backend.name}
    assert m.seen.backend.name == backend.name
    np.testing.assert_allclose(m(zk.tensor(X)).numpy(), before, rtol=1e-5)


def test_modes_and_freezing() -> None:
    m = nn.Sequential(Counting(), nn.Linear(3, 2))
    assert m.training
    m.eval()
    m(zk.ones(3))
    assert m[0].total.item() == 0.0
    assert not m[1].training
    m.train()
    assert m[0].training
    m[1].freeze()
    assert not any(p.requires_grad for p in m.parameters())
    with pytest.raises(zk.errors.GradientError):
        m(zk.ones(3)).sum().backward()
    m.unfreeze()(zk.ones(3)).sum().backward()
    assert m[1].weight.grad is not None
    m.zero_grad()
    assert m[1].weight.grad is None


def test_apply_goes_from_the_leaves_up() -> None:
    order: list[str] = []
    MLP().apply(lambda m: order.append(type(m).__name__))
    assert order == ["Linear", "Linear", "MLP"]


# -- sizes inferred at the first call ---------------------------------------------------------------


def test_a_size_is_taken_from_the_first_input() -> None:
    layer = nn.Linear(None, 3)
    held = layer.weight
    with pytest.raises(UnsizedError, match="inferred from the first input"):
        _ = layer.weight.shape
    with pytest.raises(UnsizedError):
        _ = layer.weight * 2
    assert layer(zk.tensor(X)).shape == (5, 3)
    assert layer.weight is held
    assert type(held) is nn.Parameter
    assert held.shape == (3, 4)
    assert held.requires_grad
    with pytest.raises(ShapeError, match="takes inputs of 4 features"):
        layer(zk.ones((5, 6)))


def test_a_size_is_taken_from_saved_weights() -> None:
    saved = nn.Linear(4, 3)
    layer = nn.Linear(None, 3)
    layer.load_state_dict(saved.state_dict())
    assert layer.in_features == 4
    assert np.array_equal(layer(zk.tensor(X)).numpy(), saved(zk.tensor(X)).numpy())
    with pytest.raises(StateDictError, match=r"shape \(5, \?\) here, \(3, 4\)"):
        nn.Linear(None, 5).load_state_dict(saved.state_dict())


def test_what_is_asked_of_a_layer_without_size_holds_when_it_has_one() -> None:
    layer = nn.Linear(None, 3).double().freeze()
    layer(zk.ones((2, 4), dtype="float64"))
    assert layer.weight.dtype == "float64"
    assert not layer.weight.requires_grad
    twin = copy.deepcopy(nn.Linear(None, 3))
    assert twin(zk.ones((2, 4))).shape == (2, 3)


# -- hooks ------------------------------------------------------------------------------------------


def test_forward_hooks_see_and_change() -> None:
    layer = nn.Identity()
    seen: list[Any] = []
    first = layer.register_forward_pre_hook(lambda m, args: (args[0] + 1,))
    layer.register_forward_hook(lambda m, args, out: seen.append((args[0].item(), out.item())))
    last = layer.register_forward_hook(lambda m, args, out: out * 10)
    assert layer(zk.tensor(1.0)).item() == 20.0
    first.remove()
    last.remove()
    assert layer(zk.tensor(1.0)).item() == 1.0
    assert seen == [(2.0, 2.0), (1.0, 1.0)]


def test_hooks_with_keyword_arguments_and_in_front() -> None:
    class Add(nn.Module):
        def forward(self, x: Any, y: float = 0.0) -> Any:
            return x + y

    order: list[str] = []
    layer = Add()
    layer.register_forward_pre_hook(lambda m, args: order.append("second"))
    layer.register_forward_pre_hook(lambda m, args: order.append("first"), prepend=True)
    layer.register_forward_pre_hook(lambda m, args, kwargs: (args, {"y": 5.0}), with_kwargs=True)
    layer.register_forward_hook(lambda m, args, kwargs, out: out + kwargs["y"], with_kwargs=True)
    assert layer(zk.tensor(1.0), y=2.0).item() == 11.0
    assert order == ["first", "second"]
    with pytest.raises(ArgumentError, match="expected a function"):
        layer.register_forward_hook(3)  # type: ignore[arg-type]
    layer.register_forward_pre_hook(lambda m, args, kwargs: args, with_kwargs=True)
    with pytest.raises(ArgumentError, match=r"returns \(args, kwargs\) or None"):
        layer(zk.tensor(1.0))


def test_backward_hooks_see_the_gradients_of_inputs_and_outputs_and_change_them() -> None:
    layer = nn.Linear(2, 1, bias=False)
    layer.load_state_dict({"weight": [[2.0, 3.0]]})
    x = zk.ones((1, 2), requires_grad=True)
    seen: list[Any] = []
    layer.register_full_backward_pre_hook(lambda m, out: seen.append(out[0].tolist()))
    layer.register_full_backward_hook(lambda m, into, out: seen.append((into[0].tolist(), out[0].tolist())))
    handle = layer.register_full_backward_hook(lambda m, into, out: (into[0] * 10,))
    layer(x).sum().backward()
    assert seen == [[[1.0]], ([[2.0, 3.0]], [[1.0]])]
    assert x.grad.tolist() == [[20.0, 30.0]]  # type: ignore[union-attr]
    handle.remove()
    x.zero_grad()
    layer(x).sum().backward()
    assert x.grad.tolist() == [[2.0, 3.0]]  # type: ignore[union-attr]


def test_a_backward_hook_is_called_where_no_input_has_a_gradient() -> None:
    layer, seen = nn.Linear(2, 1), []
    layer.register_full_backward_hook(lambda m, into, out: seen.append((into, out[0].tolist())))
    layer(zk.ones((1, 2))).sum().backward()
    assert seen == [((None,), [[1.0]])]
    assert layer.weight.grad is not None


def test_backward_hooks_of_several_inputs_and_outputs() -> None:
    class Both(nn.Module):
        def forward(self, a: Any, b: Any) -> Any:
            return a * b, a + b

    layer, seen = Both(), []
    layer.register_full_backward_hook(lambda m, into, out: seen.append([g.item() for g in into]))
    a, b = (zk.tensor(v, requires_grad=True) for v in (2.0, 5.0))
    product, total = layer(a, b)
    (product * 2 + total).backward()
    assert seen == [[11.0, 5.0]]
    assert (a.grad.item(), b.grad.item()) == (11.0, 5.0)  # type: ignore[union-attr]


# -- errors say where -------------------------------------------------------------------------------


def test_an_error_names_the_path_the_layer_and_the_line_that_made_it() -> None:
    class Deep(nn.Module):
        def __init__(self) -> None:
            self.body = nn.Sequential(nn.Linear(4, 4), MLP())

        def forward(self, x: Any) -> Any:
            return self.body(x)

    model = Deep()
    model.body[1].fc2 = nn.Linear(9, 3)
    with pytest.raises(ShapeError) as e:
        model(zk.tensor(X))
    second = str(e.value).splitlines()[1]
    assert second.startswith(
        "  at Deep.body.1.fc2, Linear(in_features=9, out_features=3, bias=True), made at test_module.py:"
    )
    assert e.value.module == "Deep.body.1.fc2"
    with pytest.raises(ShapeError, match=r"at Linear\(in_features=9, out_features=3, bias=True\), made at test_module"):
        model.body[1].fc2(zk.tensor(X))


# -- parameters and functional_call -----------------------------------------------------------------


def test_a_parameter_has_memory_of_its_own_and_is_a_tensor() -> None:
    data = np.ones(3, "float32")
    p = nn.Parameter(data)
    data[:] = 5
    assert p.tolist() == [1.0, 1.0, 1.0]
    assert p.requires_grad
    assert p.is_leaf
    assert isinstance(p * 2, zk.Tensor)
    assert not isinstance(p * 2, nn.Parameter)
    assert not nn.Parameter(data, requires_grad=False).requires_grad
    with pytest.raises(DTypeError):
        nn.Parameter([1, 2])


def test_functional_call_puts_gradients_through_other_weights_and_leaves_the_module_alone() -> None:
    layer = nn.Linear(2, 1)
    before = layer.state_dict()
    w = zk.tensor([[1.0, 2.0]], requires_grad=True)
    y = nn.functional_call(layer, {"weight": w, "bias": zk.zeros(1)}, zk.tensor([[3.0, 4.0]]))
    y.sum().backward()
    assert y.item() == 11.0
    assert w.grad.tolist() == [[3.0, 4.0]]  # type: ignore[union-attr]
    assert layer.weight.grad is None
    assert all(np.array_equal(before[n].numpy(), t.numpy()) for n, t in layer.state_dict().items())
    with pytest.raises(StateDictError, match="no parameter or buffer 'wight'"):
        nn.functional_call(layer, {"wight": w}, zk.ones((1, 2)))
    with pytest.raises(ShapeError, match="weight has another shape"):
        nn.functional_call(layer, {"weight": zk.ones((2, 2))}, zk.ones((1, 2)))
    with pytest.raises(ShapeError):  # an error inside puts everything back, too
        nn.functional_call(layer, {"weight": w}, zk.ones((1, 7)))
    assert layer.weight.tolist() == before["weight"].tolist()


def test_a_parameter_changed_between_forward_and_backward_is_noticed() -> None:
    layer = nn.Linear(2, 2)
    x = zk.ones((1, 2), requires_grad=True)
    y = layer(x)
    nn.init.zeros_(layer.weight)
    with pytest.raises(zk.errors.GradientError, match="was changed in place"):
        y.sum().backward()


def test_a_model_and_an_input_of_two_backends(backend: Any) -> None:
    if backend.name == "numpy":
        pytest.skip("it takes two backends")
    with zk.use_backend("numpy"):
        model = MLP()
    with pytest.raises(zk.errors.BackendError, match=f"input is a tensor of {backend.name} and weight one of numpy"):
        model(zk.tensor(X))


def test_functions_and_keyword_arguments_of_another_kind_are_refused() -> None:
    layer = nn.Linear(2, 1)
    with pytest.raises(ArgumentError, match="apply expected a function"):
        layer.apply(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="kwargs is a dict of keyword arguments"):
        nn.functional_call(layer, {}, zk.ones((1, 2)), kwargs=4)  # type: ignore[arg-type]
