"""`Logger`: what a trainer hands its figures to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zkynet.errors import ArgumentError, BackendUnavailableError, InvalidValueError, described
from zkynet.ops.arguments import number, whole
from zkynet.tensor import Tensor

__all__ = ["Logger"]

KINDS = ("step", "epoch")


class Logger:
    """Base of what a trainer hands its figures to: override `log`, and the others where they are needed.

    A logger that writes rows remembers in `state_dict` how many there are. After `load_state_dict` it goes on behind
    these, and what a killed run has written after its last checkpoint is gone: no row is doubled, and none missing.

    Example:
        >>> import zkynet as zk
        >>> class Tell(zk.train.Logger):
        ...     def log(self, step, epoch, values, kind="epoch"):
        ...         print(kind, epoch, sorted(values))
        >>> x = zk.tensor([[0.0], [1.0]])
        >>> trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", loggers=[Tell()], progress=False)
        >>> history = trainer.fit((x, 2 * x), epochs=1)
        epoch 1 ['epoch', 'loss', 'lr', 'step']
    """

    def log(self, step: int, epoch: int, values: Mapping[str, Any], kind: str = "epoch") -> None:
        """Take in the figures of a step or an epoch.

        Args:
            step: how many steps are done.
            epoch: how many epochs are done.
            values: numbers by name.
            kind: "step" or "epoch".

        Example:
            >>> import zkynet as zk
            >>> zk.train.Logger().log(10, 1, {"loss": 0.5})
        """

    def close(self) -> None:
        """The training ends; a later `log` goes on where this one stopped.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Logger().close()
        """

    def state_dict(self) -> dict[str, Any]:
        """What a resumed run needs in order to go on, for a checkpoint.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Logger().state_dict()
            {}
        """
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on from a checkpoint; files are cut back when the next row is written, and not before.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> import zkynet as zk
            >>> zk.train.Logger().load_state_dict({})
        """


def needs(logger: str, package: str) -> None:
    """Refuse a logger before training begins if its package is not installed.

    Args:
        logger: its name, for the error.
        package: what it needs.
    """
    from importlib.util import find_spec

    if find_spec(package) is None:
        raise BackendUnavailableError(f"{logger} needs {package}, which is not installed", fix=f"pip install {package}")


def figures_of(logger: str, step: Any, epoch: Any, values: Any, kind: Any) -> dict[str, int | float]:
    """What a logger was handed, checked: plain numbers by name, without step and epoch.

    Args:
        logger: its name, for errors.
        step: how many steps are done.
        epoch: how many epochs are done.
        values: numbers by name.
        kind: "step" or "epoch".
    """
    if kind not in KINDS:
        raise InvalidValueError(f'{logger}.log: kind is "step" or "epoch", received {kind!r}', fix="pass one of them")
    if not isinstance(values, Mapping):
        raise ArgumentError(
            f"{logger}.log: values is a dict of numbers by name, received {described(values)}",
            fix='pass for instance {"loss": 0.5}',
        )
    whole(f"{logger}.log", "step", step)
    whole(f"{logger}.log", "epoch", epoch)
    out: dict[str, int | float] = {}
    for name, value in values.items():
        if not isinstance(name, str):
            raise ArgumentError(f"{logger}.log: the name of a value is a string, received {described(name)}", fix="")
        if name in ("step", "epoch"):
            continue
        if name == "kind":
            raise InvalidValueError(
                f"{logger}.log: a value is named 'kind', as is what tells steps from epochs", fix="name it otherwise"
            )
        if isinstance(value, Tensor) and value.size == 1:
            value = value.item()
        out[name] = number(f"{logger}.log", f"the value of {name!r}", value)
    return out
