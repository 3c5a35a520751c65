"""The public face: what is offered, and that every name of it is documented."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import zkynet as zk
from zkynet.framework import cg, op

SPACES = {
    "zk": zk,
    "zk.linalg": zk.linalg,
    "zk.fft": zk.fft,
    "zk.special": zk.special,
    "zk.backend": zk.backend,
    "zk.errors": zk.errors,
    "zk.visual": zk.visual,
    "zk.random": zk.random,
    "zk.nn": zk.nn,
    "zk.nn.functional": zk.nn.functional,
    "zk.nn.init": zk.nn.init,
    "zk.optim": zk.optim,
    "zk.optim.lr_scheduler": zk.optim.lr_scheduler,
    "zk.metrics": zk.metrics,
    "zk.testing": zk.testing,
    "zk.data": zk.data,
    "zk.data.transforms": zk.data.transforms,
    "zk.train": zk.train,
    "zk.runs": zk.runs,
    "zk.recipes": zk.recipes,
    "cg": cg,
    "op": op,
}


def public_names() -> Iterator[tuple[str, Any]]:
    """Every public function and class, each once, and the members of the classes."""
    seen: set[int] = set()
    for space, module in SPACES.items():
        for name in dir(module):
            value = getattr(module, name)
            if name.startswith("_") or isinstance(value, ModuleType) or not callable(value) or id(value) in seen:
                continue
            seen.add(id(value))
            yield f"{space}.{name}", value
            if inspect.isclass(value):
                yield from ((f"{space}.{name}.{member}", each) for member, each in members(value))


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties of a class and of its bases that are zkynet's.

    A method that overrides one and takes the same is documented there.
    """
    bases = [base for base in kind.__mro__ if base.__module__.startswith("zkynet")]
    for k, base in enumerate(bases):
        for name, value in vars(base).items():
            value = getattr(value, "__func__", value)
            if name.startswith("_") or not (inspect.isfunction(value) or isinstance(value, property)):
                continue
            overridden = next((vars(other)[name] for other in bases[k + 1 :] if name in vars(other)), None)
            if not inspect.isfunction(overridden) or taken(overridden) != taken(value):
                yield name, value


def taken(value: Any) -> list[str]:
    """What a function calls its arguments."""
    return list(inspect.signature(value).parameters)


def parameters(value: Any) -> list[inspect.Parameter]:
    """What a documented callable takes, less `self`; nothing for a class that does not say how it is made."""
    if isinstance(value, property) or (inspect.isclass(value) and "__init__" not in vars(value)):
        return []
    return [p for p in inspect.signature(value).parameters.values() if p.name not in ("self", "cls")]


def lacking(value: Any) -> list[str]:
    """What the documentation of a public name lacks."""
    doc = inspect.getdoc(value) or ""
    _, _, args = doc.partition("Args:\n")
    out = [] if doc.partition("\n\n")[0].rstrip().endswith(".") else ["a sentence"]
    out += [] if ">>> " in doc else ["an example"]
    for p in parameters(value):
        if not re.search(rf"\b{re.escape(p.name)}\b", args):
            out.append(f"the argument {p.name}")
        if p.annotation is inspect.Parameter.empty:
            out.append(f"a type for {p.name}")
    if inspect.isfunction(value) and inspect.signature(value).return_annotation is inspect.Signature.empty:
        out.append("a type for the result")
    return out


def test_every_public_name_has_types_a_sentence_its_arguments_and_an_example() -> None:
    faults = {name: lacks for name, value in public_names() if (lacks := lacking(value))}
    assert not faults, "\n".join(f"{name} lacks {', '.join(lacks)}" for name, lacks in faults.items())


def test_what_is_looked_at_covers_methods_properties_and_classes() -> None:
    names = {name for name, _ in public_names()}
    assert {
        "zk.tanh",
        "zk.Tensor.sum",
        "zk.Tensor.shape",
        "zk.errors.ShapeError",
        "cg.Module.build",
        "op.mult",
    } <= names


def test_an_undocumented_function_is_noticed() -> None:
    def bare(x, y: int) -> int:  # type: ignore[no-untyped-def]
        """No sentence"""
        return y

    assert lacking(bare) == ["a sentence", "an example", "the argument x", "a type for x", "the argument y"]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_an_editor_is_offered_public_names_only(space: ModuleType) -> None:
    offered = {name for name in dir(space) if not name.startswith("_")}
    modules = {name for name in offered if isinstance(getattr(space, name), ModuleType)}
    spaces = {"data", "fft", "framework", "linalg", "metrics", "nn", "optim", "random", "recipes", "runs", "special"}
    spaces |= {"testing", "train", "visual"}
    allowed = {zk: {"backend", "errors", *spaces}, zk.nn: {"functional", "init"}, zk.optim: {"lr_scheduler"}}
    allowed[zk.data] = {"transforms"}
    assert modules == allowed.get(space, set())
    assert "annotations" not in offered
    assert "Any" not in offered


def test_signatures_are_those_that_users_call() -> None:
    assert str(inspect.signature(zk.tanh)).startswith("(x: ")
    assert list(inspect.signature(zk.max).parameters) == ["x", "axis", "keepdims"]
    assert list(inspect.signature(op.mult).parameters) == ["a", "b"]
    assert not [
        n for n, f in public_names() if inspect.isfunction(f) and "xp" in list(inspect.signature(f).parameters)[:1]
    ]


def test_faces_and_bfloat16_come_when_they_are_asked_for() -> None:
    code = """
import sys
import zkynet
heavy = {"jax", "torch", "matplotlib", "ml_dtypes", "scipy", "cupy", "zkynet.visual", "zkynet.framework"}
print(sorted(heavy & set(sys.modules)))
print(zkynet.visual.plot_cg.__name__, zkynet.framework.cg.Module.__name__)
sys.modules["ml_dtypes"] = None  # as if it were not installed
print(hasattr(zkynet, "bfloat16"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "plot_cg Module", "False"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="sofmax"):
        _ = zk.sofmax  # type: ignore[attr-defined]


def test_functions_of_sub_namespaces_that_the_main_one_has_are_listed() -> None:
    from zkynet.linalg import shared as of_linalg
    from zkynet.other_names import SHARED
    from zkynet.special import shared as of_special

    spaces = {"linalg": of_linalg, "special": of_special, "compiling": importlib.import_module("zkynet.compiling")}
    assert {name: space for space, module in spaces.items() for name in module.__all__} == SHARED
    assert all(getattr(zk, name) is getattr(spaces[space], name) for name, space in SHARED.items())


def test_sub_namespaces_are_loaded_when_they_are_used() -> None:
    code = """
import sys
import zkynet as zk
print([m for m in sys.modules if m.startswith(("zkynet.linalg", "zkynet.special", "zkynet.fft"))])
print(zk.gelu(zk.tensor([0.0])).item(), zk.grad(zk.erf)(zk.tensor(30.0)).item(), zk.norm([3.0, 4.0]).item())
from zkynet import fft
print(fft.rfft(zk.ones(4)).shape, hasattr(zk, "linalg"), "erf" in dir(zk))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "0.0 0.0 5.0", "(3,) True True"]
