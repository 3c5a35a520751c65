"""The state of a `Trainer`: taken between steps, and given to another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zkynet import random

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer


def state_of(t: Trainer) -> dict[str, Any]:
    """All that a resumed run needs to end with the same bits."""
    position = t.loader.state_dict() if hasattr(t.loader, "state_dict") else t._loader_state
    return {
        "model": t.model.state_dict(),
        "optimizer": (t.mixed or t.optimizer).state_dict(),
        "schedule": None if t.schedule is None else t.schedule.state_dict(),
        "ema": None if t.ema is None else t.ema.state_dict(),
        "random": random.get_state(),
        "loader": position,
        "progress": {
            "epoch": t.epoch,
            "step": t.step,
            "in_epoch": t.in_epoch,
            "began": t._began,
            "lr": float(t.lr),
            "stop_reason": t.stop_reason,
        },
        "running": t.running.state_dict(),
        "history": [dict(row) for row in t.history.rows],
        "callbacks": states_of(t.callbacks),
        "loggers": states_of(t.loggers),
    }


def restore(t: Trainer, state: Mapping[str, Any]) -> None:
    """Give a trainer a state."""
    t.model.load_state_dict(state["model"])
    (t.mixed or t.optimizer).load_state_dict(state["optimizer"])
    if t.schedule is not None:
        t.schedule.load_state_dict(state["schedule"])
    if t.ema is not None:
        t.ema.load_state_dict(state["ema"])
    random.set_state(state["random"])
    t._loader_state = state["loader"]
    at = state["progress"]
    t.epoch, t.step, t.in_epoch = at["epoch"], at["step"], at["in_epoch"]
    t._began, t.lr, t.stop_reason = at["began"], at["lr"], at["stop_reason"]
    t.running.load_state_dict(state["running"])
    t.history.rows[:] = [dict(row) for row in state["history"]]
    load_states(t.callbacks, state["callbacks"])
    load_states(t.loggers, state["loggers"])
    t._loaded = True


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
