"""`Trainer`: a model with all that trains it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, described
from zkynet.metrics import Metric
from zkynet.nn.modes import evaluating, modes_kept
from zkynet.nn.module import Module
from zkynet.ops.arguments import flag, number, whole, word
from zkynet.optim.lr_scheduler import ReduceLROnPlateau
from zkynet.random import default_generator
from zkynet.train import loop, resuming
from zkynet.train.batches import as_batches, examples_in
from zkynet.train.by_name import loss_by_name, metrics_by_name
from zkynet.train.callbacks import HOOKS, Callback, figure
from zkynet.train.computing import Computed, by_loss, by_objective, is_float
from zkynet.train.history import History
from zkynet.train.interrupting import Interruptions
from zkynet.train.nan_stop import Guard
from zkynet.train.running import Running
from zkynet.train.saving import generators_in, give_positions, restore, state_of
from zkynet.train.settings import at_least_one, callbacks_of, check_learns, ema_of, optimizer_of, schedule_of

__all__ = ["Trainer"]


class Trainer:
    """Trains a model: the loop, with validation, callbacks, logs, and all that a resumed run needs.

    The loop itself is in ``zkynet/train/loop.py``, one readable file. A batch is a tuple whose last part is the
    targets, and all before it the model's inputs.

    Args:
        model: what is trained.
        loss: by name (``"cross_entropy"``, ``"mse"``, all of `zk.nn.functional`), or a function of predictions and
            targets that gives one number.
        optimizer: by name (``"adam"``), an optimiser, or a function of the parameters that makes one.
        metrics: by name or as objects of `zk.metrics`: a list, or a dict that gives each a name.
        learning_rate: of an optimiser that is given by name.
        schedule: of the learning rate: one of `zk.optim.lr_scheduler`, or a function of the optimiser that makes one.
        schedule_per: whether it counts ``"step"`` or ``"epoch"``; by default steps for those whose arguments are in
            steps (`OneCycleLR`, `CyclicLR`, `WarmupCosineLR`, `WarmupLinearLR`, `NoamLR`, `InverseSquareRootLR`), and
            epochs for all others.
        clip_norm: the largest norm of all gradients together.
        accumulate: how many batches make one step, with the gradient of one large batch.
        ema: the decay of averaged weights, or a `zk.optim.EMA`; validation and prediction use the averages.
        precision: ``"float16"`` or ``"bfloat16"`` to compute in 16 bits with `zk.optim.MixedPrecision`.
        objective: in place of `loss`: a function of model and batch that returns the loss, or (loss, predictions,
            targets) for the metrics, or (loss, {"name": value}) for values of its own in the history.
        weight: a function of a batch that says how much it counts in means; by default its number of examples.
        callbacks: what is called during training, see `Callback`.
        loggers: what the history is written to.
        log_every: after how many steps loggers are given the loss of a step.
        progress: whether a progress bar is shown; plain lines where the output is no terminal.
        stop_at_nan: whether a loss or gradient that is not finite stops training, before anything is updated.
        folder: where checkpoints are; unless `callbacks` has a `ModelCheckpoint`, there is one every half minute.
        name: tells trainers apart.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> x = zk.random.normal(shape=(64, 2))
        >>> y = (x[:, 0] > x[:, 1]).astype("int64")
        >>> model = zk.nn.Linear(2, 2)
        >>> trainer = zk.train.Trainer(
        ...     model, "cross_entropy", "adam", ["accuracy"], learning_rate=0.1, progress=False
        ... )
        >>> history = trainer.fit((x, y), epochs=5, batch_size=16)
        >>> history["accuracy"][-1] > 0.9
        True
    """

    go_on = "call fit(..., resume=True) to go on from there"
    """What is said to who has interrupted a training that was saved."""

    def __init__(
        self,
        model: Module,
        loss: Any = None,
        optimizer: Any = "adam",
        metrics: Any = (),
        *,
        learning_rate: float | None = None,
        schedule: Any = None,
        schedule_per: str | None = None,
        clip_norm: float | None = None,
        accumulate: int = 1,
        ema: Any = None,
        precision: str | None = None,
        objective: Callable[..., Any] | None = None,
        weight: Callable[[Any], float] | None = None,
        callbacks: Sequence[Callback] = (),
        loggers: Sequence[Any] = (),
        log_every: int = 50,
        progress: bool = True,
        stop_at_nan: bool = True,
        folder: str | os.PathLike[str] | None = None,
        name: str = "",
    ) -> None:
        if not isinstance(model, Module):
            raise ArgumentError(f"Trainer takes a model, received {described(model)}", fix="pass an nn.Module")
        if not any(True for _ in model.parameters()):
            raise InvalidValueError("Trainer: the model has no parameters to learn", fix="add a layer that has some")
        if (loss is None) == (objective is None):
            raise ArgumentError(
                "Trainer takes a loss or an objective" + (", not both" if loss is not None else ""),
                fix='pass loss="cross_entropy" (or "mse", ...), or objective=function of model and batch',
            )
        self.model = model
        self.loss = None if loss is None else loss_by_name(loss)
        self.loss_is_sum = getattr(self.loss, "reduction", "mean") == "sum"
        self.objective = objective
        self.metrics: dict[str, Metric] = metrics_by_name(metrics, loss)
        self.weight = examples_in if weight is None else weight
        self.clip_norm = None if clip_norm is None else float(number("Trainer", "clip_norm", clip_norm))
        if self.clip_norm is not None and not self.clip_norm > 0:
            raise InvalidValueError(f"Trainer: clip_norm is above 0, received {clip_norm}", fix="pass 1.0, or leave it")
        self.accumulate = at_least_one("Trainer", "accumulate", accumulate)
        self.log_every = at_least_one("Trainer", "log_every", log_every)
        self.progress = flag("Trainer", "progress", progress)
        self.folder = None if folder is None else Path(folder)
        self.name = word("Trainer", "name", name)
        self.mixed, self.optimizer = optimizer_of(model, optimizer, learning_rate, precision)
        self.schedule, self.schedule_per = schedule_of(schedule, schedule_per, self.optimizer)
        self.ema = ema_of(ema, model)
        self.loggers = list(loggers)
        self.callbacks = resuming.with_checkpoints(callbacks_of(callbacks), self.folder)

        self.epoch = 0
        self.step = 0
        self.in_epoch = self.drained = False
        self.epochs = 0
        self.lr: Any = self.optimizer.param_groups[0]["lr"]
        self.history = History()
        self.stop_reason: str | None = None
        self.stop_resumable = False
        self.running = Running(self.metrics)
        self.interruptions = Interruptions()
        self.steps_per_epoch: int | None = None
        self.loaders: dict[str, Any] = {}
        self._began = 0  # at which epoch this `fit` began
        self._loaded: Mapping[str, Any] | None = None  # a state that the next `fit` goes on from
        self._hooks: dict[str, list[Callable[..., None]]] = {}
        self._look_at_model()
        self.guard = Guard(self, flag("Trainer", "stop_at_nan", stop_at_nan))

    # -- what users call ------------------------------------------------------------------------------------------

    def fit(
        self,
        data: Any,
        validation: Any = None,
        epochs: int = 1,
        batch_size: int = 32,
        shuffle: bool = True,
        resume: Any = False,
    ) -> History:
        """Train for some epochs; called again, it goes on for as many more.

        Args:
            data: a `DataLoader`, a dataset, arrays ``(x, y)``, or a list of batches.
            validation: the same, for what is measured after each epoch.
            epochs: how many.
            batch_size: how many examples are in a batch, where the data is not in batches yet.
            shuffle: whether examples that are not in batches yet come in a new order in each epoch.
            resume: the path of a checkpoint to go on from, as if there had been no interruption; True for the newest
                in `folder`, or from the beginning where there is none.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor([[0.0], [1.0], [2.0]])
            >>> trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", progress=False)
            >>> history = trainer.fit((x, 2 * x), validation=(x, 2 * x), epochs=2)
            >>> list(history)
            ['epoch', 'step', 'loss', 'val_loss', 'lr']
        """
        epochs = whole("fit", "epochs", epochs)
        if epochs < 0:
            raise InvalidValueError(f"fit: epochs is at least 0, received {epochs}", fix="pass how many epochs")
        batches = self._batches("fit", data, batch_size, flag("fit", "shuffle", shuffle))
        held_out = None if validation is None else self._batches("fit: validation", validation, batch_size)
        check_learns(self)
        if resume:
            resuming.load(self, resume)
        self._begin(epochs, batches, held_out)
        with self.interruptions, modes_kept(self.model):
            self.model.train()
            try:
                self._call("on_fit_start")
                loop.train(self, batches, held_out, self.epochs)
            finally:
                try:
                    self._call("on_fit_end")
                finally:
                    for logger in self.loggers:
                        logger.close()
        return self.history

    def _batches(self, name: str, data: Any, batch_size: int, shuffle: bool = False) -> Any:
        return as_batches(name, data, at_least_one(name, "batch_size", batch_size), shuffle, self.parameters[0])

    def _begin(self, epochs: int, batches: Any, held_out: Any) -> None:
        """Set out for some more epochs, or go on where a state was saved."""
        self.loaders = {"training": batches, "validation": held_out}
        count = len(batches) if hasattr(batches, "__len__") else None
        self.steps_per_epoch = None if count is None else -(-count // self.accumulate)
        if self._loaded is not None:
            give_positions(self, self._loaded)
            self._loaded = None
        else:
            self._began, self.in_epoch, self.stop_reason = self.epoch, False, None
        self.epochs = self._began + epochs
        (self.mixed or self.optimizer).zero_grad()  # those of a step that an error has ended
        self._look_at_model()
        self.guard.look_at_model()

    def evaluate(self, data: Any, batch_size: int = 32) -> dict[str, float]:
        """The means of loss and metrics over some data.

        Args:
            data: as for `fit`.
            batch_size: how many examples are in a batch, where the data is not in batches yet.

        Example:
            >>> import zkynet as zk
            >>> x = zk.tensor([[0.0], [1.0]])
            >>> trainer = zk.train.Trainer(zk.nn.Linear(1, 1), "mse", "sgd", ["mae"], progress=False)
            >>> list(trainer.evaluate((x, 2 * x)))
            ['loss', 'mae']
        """
        return loop.evaluate(self, self._batches("evaluate", data, batch_size))

    def predict(self, data: Any, batch_size: int = 32) -> Any:
        """What the model says of inputs, without dropout and gradients.

        Args:
            data: inputs as an array, or what `fit` takes, of whose batches the targets are left out.
            batch_size: how many examples are in a batch, where the data is not in batches yet.

        Example:
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> trainer.predict(zk.ones((5, 3))).shape
            (5, 2)
        """
        return loop.predict(self, self._batches("predict", data, batch_size))

    def stop(self, reason: str, resumable: bool = False) -> None:
        """End the training after the step, or the epoch, that is being done.

        Args:
            reason: why, in a few words.
            resumable: whether a run that is resumed from a checkpoint made after it goes on, as after an interruption;
                if not, it has ended there for good.

        Example:
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> trainer.stop("enough")
            >>> trainer.stop_reason
            'enough'
        """
        self.stop_reason, self.stop_resumable = word("stop", "reason", reason), flag("stop", "resumable", resumable)

    # -- saving ---------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """All that a resumed run needs to end with the same bits; to be taken between steps.

        Example:
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> trainer.state_dict()["progress"]["step"]
            0
        """
        return state_of(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over a state; the next `fit` goes on from there, in the middle of an epoch too.

        Args:
            state_dict: what `state_dict` gave, of a trainer with the same model and settings.

        Example:
            >>> import zkynet as zk
            >>> a = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> b = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> b.load_state_dict(a.state_dict())
            >>> bool((a.model.weight == b.model.weight).all())
            True
        """
        restore(self, state_dict)

    # -- what the loop uses ---------------------------------------------------------------------------------------

    def forward(self, *inputs: Any) -> Any:
        """What the model says of inputs, which are converted where it computes in 16 bits.

        Args:
            *inputs: the inputs.

        Example:
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> trainer.forward(zk.ones((4, 3))).shape
            (4, 2)
        """
        if self.mixed is None:
            return self.model(*inputs)
        dtype = self.mixed.dtype
        out = self.model(*[x.astype(dtype) if is_float(x) else x for x in inputs])
        return out.astype("float32") if is_float(out) else out

    def compute(self, batch: Any) -> Computed:
        """Of a batch: the loss, predictions and targets for the metrics, and other values by name.

        Args:
            batch: what a loader gives.

        Example:
            >>> import zkynet as zk
            >>> trainer = zk.train.Trainer(zk.nn.Linear(3, 2), "mse", "sgd", progress=False)
            >>> loss, predictions, targets, values = trainer.compute((zk.ones((4, 3)), zk.ones((4, 2))))
            >>> loss.shape, predictions.shape
            ((), (4, 2))
        """
        return by_loss(self, batch) if self.objective is None else by_objective(self, batch)

    def _call(self, hook: str, *args: Any) -> None:
        for function in self._hooks[hook]:
            function(self, *args)

    def _log(self, kind: str, values: Mapping[str, float]) -> None:
        for logger in self.loggers:
            logger.log(self.step, self.epoch, dict(values), kind)

    def _figure(self, row: Mapping[str, float]) -> tuple[float, ...]:
        """What a schedule's step takes: the loss, if it looks at one."""
        if not isinstance(self.schedule, ReduceLROnPlateau):
            return ()
        return (figure("ReduceLROnPlateau", "val_loss" if "val_loss" in row else "loss", row),)

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """A block in which the model is in evaluation mode and has its averaged weights, if there are some."""
        with ExitStack() as stack:
            if self.ema is not None and self.ema.n_averaged:
                stack.enter_context(self.ema.applied())
            stack.enter_context(evaluating(self.model))
            yield

    def _look_at_model(self) -> None:
        """Note its parameters and buffers and who wants which hook, so that a step need not look for them."""
        self.named_parameters = list(self.model.named_parameters())
        masters = self.mixed.masters if self.mixed is not None else None
        self.parameters = masters or [p for _, p in self.named_parameters]
        self.buffers = [b for _, b in self.model.named_buffers()]
        self.generators = list(dict.fromkeys([default_generator(), *generators_in(self.model).values()]))
        listeners = [*self.callbacks]
        if self.progress:
            from zkynet.train.progress import Progress

            listeners.append(Progress())
        listeners.sort(key=lambda each: each.last)
        self._hooks = {
            hook: [
                getattr(each, hook) for each in listeners if getattr(type(each), hook) is not getattr(Callback, hook)
            ]
            for hook in HOOKS
        }

    def __repr__(self) -> str:
        return f"<Trainer of {type(self.model).__name__} after {self.epoch} epochs, {self.step} steps>"
