"""The state of a `Trainer`: taken between steps, and given to another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zkynet import random
from zkynet.errors import InvalidValueError, StateDictError, described
from zkynet.nn.module import Module

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


def state_of(t: Trainer) -> dict[str, Any]:
    """All that a resumed run needs to end with the same bits."""
    t.guard.settle()
    if t._loaded is not None:  # nothing has happened since
        loaders = t._loaded["loaders"]
    else:  # before the random state: a loader may take its generator from there
        loaders = {name: loader.state_dict() for name, loader in t.loaders.items() if hasattr(loader, "state_dict")}
    return {
        "model": t.model.state_dict(),
        "optimizer": (t.mixed or t.optimizer).state_dict(),
        "schedule": None if t.schedule is None else t.schedule.state_dict(),
        "ema": None if t.ema is None else t.ema.state_dict(),
        "loaders": loaders,
        "random": random.get_state(),
        "generators": {name: generator.state_dict() for name, generator in generators_in(t.model).items()},
        "progress": {
            "epoch": t.epoch,
            "step": t.step,
            "in_epoch": t.in_epoch,
            "drained": t.drained,
            "steps_per_epoch": t.steps_per_epoch,
            "began": t._began,
            "lr": float(t.lr),
            "stop_reason": None if t.stop_resumable else t.stop_reason,
        },
        "running": t.running.state_dict(),
        "history": [dict(row) for row in t.history.rows],
        "callbacks": states_of(t.callbacks),
        "loggers": states_of(t.loggers),
    }


PARTS = ("model", "optimizer", "schedule", "ema", "loaders", "random", "progress", "running", "history")


def restore(t: Trainer, state: Mapping[str, Any]) -> None:
    """Give a trainer a state; if a part of it does not fit, everything stays as it was."""
    lacking = [name for name in PARTS if not isinstance(state, Mapping) or name not in state]
    if lacking:
        raise StateDictError(
            f"Trainer.load_state_dict takes what state_dict() gave, received {described(state)}",
            facts=[f"it lacks  {', '.join(lacking)}"],
            fix="pass the state of a trainer",
        )
    for name, own in (("schedule", t.schedule), ("ema", t.ema)):
        if (own is None) != (state[name] is None):
            has, hasnt = ("the state", "this trainer") if own is None else ("this trainer", "the state")
            raise StateDictError(
                f"Trainer.load_state_dict: {has} has {'averaged weights' if name == 'ema' else 'a schedule'}, "
                f"{hasnt} has none",
                fix="make the trainer with the settings with which it was saved",
            )
    before, loaded = state_of(t), t._loaded
    try:
        _give(t, state)
    except BaseException:
        _give(t, before)
        t._loaded = loaded
        raise


def _give(t: Trainer, state: Mapping[str, Any]) -> None:
    t.model.load_state_dict(state["model"])
    (t.mixed or t.optimizer).load_state_dict(state["optimizer"])
    if t.schedule is not None:
        t.schedule.load_state_dict(state["schedule"])
    if t.ema is not None:
        t.ema.load_state_dict(state["ema"])
    at = state["progress"]
    t.epoch, t.step, t.in_epoch, t.drained = at["epoch"], at["step"], at["in_epoch"], at["drained"]
    t._began, t.lr, t.stop_reason = at["began"], at["lr"], at["stop_reason"]
    t.stop_resumable = False
    t.running.load_state_dict(state["running"])
    t.history.rows[:] = [dict(row) for row in state["history"]]
    load_states(t.callbacks, state.get("callbacks", ()))
    load_states(t.loggers, state.get("loggers", ()))
    for name, generator in generators_in(t.model).items():
        if name in state.get("generators", ()):
            generator.load_state_dict(state["generators"][name])
    random.set_state(state["random"])
    t._loaded = {"loaders": state["loaders"], "random": state["random"], "steps_per_epoch": at["steps_per_epoch"]}


def generators_in(model: Module) -> dict[str, random.Generator]:
    """The generators that modules of a model hold, by the names of their attributes."""
    out: dict[int, tuple[str, random.Generator]] = {}
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, random.Generator):
                out.setdefault(id(value), (f"{path}.{name}" if path else name, value))
    return dict(out.values())


def give_positions(t: Trainer, state: Mapping[str, Any]) -> None:
    """Bring the loaders to where they were, and then the random numbers, which loaders may have drawn from."""
    now, before = t.steps_per_epoch, state["steps_per_epoch"]
    if t.in_epoch and now is not None and before is not None and now != before:
        raise InvalidValueError(
            f"fit: the data has {now} steps an epoch, and had {before} when the state was saved, in the middle of one",
            fix="pass the same data, in batches of the same size",
        )
    for name, loader in t.loaders.items():
        if name in state["loaders"] and hasattr(loader, "load_state_dict"):
            loader.load_state_dict(state["loaders"][name])
    random.set_state(state["random"])


def states_of(each: Sequence[Any]) -> list[dict[str, Any]]:
    """What callbacks or loggers remember."""
    return [{"kind": type(e).__name__, "state": e.state_dict() if hasattr(e, "state_dict") else {}} for e in each]


def load_states(each: Sequence[Any], states: Sequence[Mapping[str, Any]]) -> None:
    """Give states to those of the same kind, in their order."""
    waiting = list(states)
    for one in each:
        state = next((s for s in waiting if s["kind"] == type(one).__name__), None)
        if state is not None:
            waiting.remove(state)
            if hasattr(one, "load_state_dict"):
                one.load_state_dict(state["state"])
