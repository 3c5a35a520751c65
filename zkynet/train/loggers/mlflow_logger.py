"""`MLflowLogger`: MLflow."""

from __future__ import annotations

import re
import sys
import time
import warnings
from collections.abc import Mapping
from typing import Any

from zkynet.errors import LogWarning
from zkynet.ops.arguments import flag
from zkynet.train.loggers.logger import Logger, figures_of, needs

__all__ = ["MLflowLogger"]

MOST_METRICS = 1000
"""As many MLflow takes at once."""


class MLflowLogger(Logger):
    """Hands the figures to MLflow; ``pip install mlflow``.

    The figures of epochs have their names, those of steps ``step/`` before it; signs that MLflow does not take in
    names are ``_``. A resumed run goes on with its run there, and figures that it has of a step are not handed over
    again. Figures that cannot be handed over wait, and training goes on.

    Args:
        experiment: its name there; made if need be.
        name: of the run.
        uri: where MLflow keeps runs, such as ``"sqlite:///mlflow.db"`` or the address of a server; None for what
            ``MLFLOW_TRACKING_URI`` says, or MLflow's own default.
        settings: what is kept as the run's parameters.
        steps: whether the figures of steps are handed over, or of epochs alone.

    Example:
        >>> import zkynet as zk
        >>> logger = zk.train.MLflowLogger("digits", uri="sqlite:///mlflow.db")  # doctest: +SKIP
        >>> history = zk.nn.Linear(4, 3).fit(x, y, loggers=[logger])  # doctest: +SKIP
    """

    def __init__(
        self,
        experiment: str = "Default",
        name: str | None = None,
        uri: str | None = None,
        settings: Mapping[str, Any] | None = None,
        steps: bool = True,
    ) -> None:
        needs("MLflowLogger", "mlflow")
        self.experiment = experiment
        self.name = name
        self.uri = uri
        self.settings = dict(settings or {})
        self.steps = flag("MLflowLogger", "steps", steps)
        self._client: Any = None
        self._run: str | None = None  # its id
        self._open = False
        self._resumed = False
        self._there: dict[str, set[int]] = {}  # of a resumed run: which steps MLflow has of each name
        self._waiting: list[tuple[str, float, int, int]] = []
        self._told = False

    def log(self, step: int, epoch: int, values: Mapping[str, Any], kind: str = "epoch") -> None:
        figures = figures_of("MLflowLogger", step, epoch, values, kind)
        if kind == "step" and not self.steps:
            return
        now = int(time.time() * 1000)
        for name, value in {**figures, "epoch": epoch}.items():
            key = _accepted(name if kind == "epoch" or name == "epoch" else f"step/{name}")
            self._waiting.append((key, float(value), now, int(step)))
        self._hand_over()

    def close(self) -> None:
        """End the run there; it counts as failed if an error is what ends the training.

        Example:
            >>> logger.close()  # doctest: +SKIP
        """
        if self._waiting:
            self._told = False
            self._hand_over()
        if self._open:
            try:
                self._client.set_terminated(self._run, "FINISHED" if sys.exc_info()[0] is None else "FAILED")
            except Exception as error:  # of the network, of the database: whatever it is, training is done
                self._tell(error)
            self._open = False

    def state_dict(self) -> dict[str, Any]:
        """The id of the run.

        Example:
            >>> logger.state_dict()  # doctest: +SKIP
            {'run': '5a1cdd86f7b14e4d8e4fb2a6c8d7ac1f', 'waiting': []}
        """
        return {"run": self._run, "waiting": [list(each) for each in self._waiting]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on with the run of a checkpoint.

        Args:
            state_dict: what `state_dict` gave.

        Example:
            >>> logger.load_state_dict({"run": None, "waiting": []})  # doctest: +SKIP
        """
        self._run, self._open, self._resumed, self._there = state_dict["run"], False, True, {}
        self._waiting = [(str(key), float(value), int(at), int(step)) for key, value, at, step in state_dict["waiting"]]

    def _hand_over(self) -> None:
        """Give MLflow what waits; an error of the network or the database does not end the training."""
        try:
            self._begin()
            while self._waiting:
                part = self._waiting[:MOST_METRICS]
                self._give([each for each in part if not self._has(each[0], each[3])])
                del self._waiting[: len(part)]
            self._told = False
        except Exception as error:
            self._tell(error)

    def _give(self, figures: list[tuple[str, float, int, int]]) -> None:
        from mlflow.entities import Metric

        if figures:
            self._client.log_batch(self._run, metrics=[Metric(*each) for each in figures])

    def _has(self, key: str, step: int) -> bool:
        """Whether MLflow has this figure already, from before the run was killed."""
        if not self._resumed:
            return False
        if key not in self._there:
            self._there[key] = {m.step for m in self._client.get_metric_history(self._run, key)}
        return step in self._there[key]

    def _begin(self) -> None:
        if self._open:
            return
        from mlflow.entities import Param
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient

        self._client = self._client or MlflowClient(tracking_uri=self.uri)
        if self._run is not None:
            try:
                self._client.update_run(self._run, status="RUNNING")
                self._open = True
                return
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
                warnings.warn(f"MLflow has no run {self._run} any more; a new one is begun", LogWarning, stacklevel=5)
        found = self._client.get_experiment_by_name(self.experiment)
        experiment = self._client.create_experiment(self.experiment) if found is None else found.experiment_id
        self._run = self._client.create_run(experiment, run_name=self.name).info.run_id
        self._open, self._resumed = True, False
        settings = [Param(_accepted(str(key)), str(value)[:6000]) for key, value in self.settings.items()]
        self._client.log_batch(self._run, params=settings)

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            headline = str(error).strip().split("\n")[0]
            waiting = f"training goes on, and {len(self._waiting)} of them wait"
            warnings.warn(f"MLflow does not take the figures: {headline}; {waiting}", LogWarning, stacklevel=4)


def _accepted(name: str) -> str:
    """A name as MLflow takes it."""
    return re.sub(r"[^\w\-. /]", "_", name, flags=re.ASCII).strip("/") or "_"
