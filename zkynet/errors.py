"""Every exception zkynet raises on purpose, each also a builtin that a user would catch.

All of them carry their facts as attributes, so a program can read what a person reads in the message.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "ArgumentError",
    "AxisError",
    "BackendError",
    "BackendMismatchError",
    "BackendUnavailableError",
    "CheckpointWarning",
    "DTypeError",
    "DeviceError",
    "DiskFullError",
    "DownloadError",
    "FileFormatError",
    "ForgottenZeroGradWarning",
    "GradcheckError",
    "GradientError",
    "IndexOutOfRangeError",
    "IndexShapeError",
    "InvalidValueError",
    "LeafReboundWarning",
    "LinAlgError",
    "LogWarning",
    "MissingFileError",
    "NoGradientWarning",
    "NonFiniteError",
    "OtherParametersWarning",
    "ProbabilitiesWarning",
    "RetraceWarning",
    "ScheduleOrderError",
    "ShapeError",
    "StateDictError",
    "TracedValueError",
    "TrainingInterrupted",
    "UnknownBackendError",
    "UnsizedError",
    "WorkerError",
    "ZkynetError",
]


def described(value: Any) -> str:
    """What was received, in a few words; of an array its shape and dtype, for its values are elsewhere.

    Example:
        >>> described("abc"), described(np.zeros((2, 3)))
        ("str: 'abc'", 'ndarray of shape (2, 3) and dtype float64')
    """
    if hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, np.generic):
        dtype = str(value.dtype).rpartition(".")[2]
        return f"{type(value).__name__} of shape {tuple(value.shape)} and dtype {dtype}"
    return f"{type(value).__name__}: {value!r:.60}"


class ZkynetError(Exception):
    """Base of all zkynet errors: one headline, lines of facts, and a way out.

    Args:
        headline: what went wrong, in one sentence.
        facts: further lines, shown indented.
        fix: what to do about it, shown last behind ``Fix:``.
        **fields: facts for programs, set as attributes of the exception.

    Example:
        >>> from zkynet.errors import ShapeError
        >>> e = ShapeError("add: shapes differ", facts=["x  (2,)", "y  (3,)"], fix="reshape one of them", op="add")
        >>> print(e)
        add: shapes differ
          x  (2,)
          y  (3,)
          Fix: reshape one of them
        >>> e.op, isinstance(e, ValueError)
        ('add', True)
    """

    def __init__(self, headline: str, facts: Any = (), fix: str = "", **fields: Any) -> None:
        self.headline = headline
        self.facts = list(facts)
        self.fix = fix
        self.fields = fields
        for key, value in fields.items():
            setattr(self, key, value)
        self.place = ""
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [self.headline, *(f"  {line}" for line in ([self.place] if self.place else []) + self.facts)]
        return "\n".join(lines + ([f"  Fix: {self.fix}"] if self.fix else []))

    def locate(self, place: str, **fields: Any) -> None:
        """Say where it happened, in the line below the headline.

        Args:
            place: the place, in a few words.
            **fields: further facts for programs.

        Example:
            >>> e = ZkynetError("the shapes differ")
            >>> e.locate("at MLP.fc2")
            >>> print(e)
            the shapes differ
              at MLP.fc2
        """
        self.place = place
        self.fields.update(fields)
        for key, value in fields.items():
            setattr(self, key, value)
        self.args = (self._text(),)

    def __getattr__(self, name: str) -> Any:  # for type checkers: fields are set per instance
        raise AttributeError(f"{type(self).__name__} carries no field {name!r}; it has {sorted(self.fields)}")


class ShapeError(ZkynetError, ValueError):
    """Shapes that do not fit the operation.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.reshape(zk.zeros(6), (4, 2))
        ... except ValueError as error:
        ...     print(error.headline)
        reshape: 6 elements of shape (6,) do not fill the shape (4, 2)
    """


class UnsizedError(ShapeError, TypeError):
    """The length of a tensor without axes, or a loop over it.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     len(zk.tensor(1.0))
        ... except TypeError as error:
        ...     print(error.headline)
        a tensor without axes has no length
    """


class AxisError(ShapeError, IndexError):
    """An axis that the array does not have.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.sum(zk.zeros(6), axis=1)
        ... except IndexError as error:
        ...     print(error.headline)
        sum: there is no axis 1 in a tensor of 1 axis
    """


class IndexShapeError(ShapeError, IndexError):
    """More indices than axes, or a mask of another shape than what it selects from.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.zeros(6)[0, 0]
        ... except IndexError as error:
        ...     print(error.headline)
        getitem: 2 axes are indexed in a tensor of 1
    """


class IndexOutOfRangeError(ZkynetError, IndexError):
    """An index that lies outside its axis.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.zeros(6)[6]
        ... except IndexError as error:
        ...     print(error.headline)
        getitem: index 6 is out of range for axis 0 of length 6
    """


class DTypeError(ZkynetError, TypeError):
    """A data type that the operation or the backend does not take.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.bitwise_and(zk.ones(2), 1)
        ... except TypeError as error:
        ...     print(error.headline)
        bitwise_and does not take float32 (floating)
    """


class ArgumentError(ZkynetError, TypeError):
    """An argument of a kind that the function does not take.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.grad(3.0)
        ... except TypeError as error:
        ...     print(error.headline)
        grad expected a function, received float
    """


class InvalidValueError(ZkynetError, ValueError):
    """An argument of the right kind with a value that cannot be used.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.linalg.qr(zk.ones((2, 2)), mode="all")
        ... except ValueError as error:
        ...     print(error.headline)
        linalg.qr: mode is 'reduced' or 'complete', received 'all'
    """


class DeviceError(ZkynetError, ValueError):
    """A device that does not exist, or operands that live on different devices.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.ones(2, device="moon")
        ... except ValueError as error:
        ...     print(error.headline)
        numpy has no device 'moon'
    """


class BackendError(ZkynetError, RuntimeError):
    """Operands of different backends, or a backend that failed.

    Example:
        >>> import zkynet as zk
        >>> from zkynet.errors import BackendError, UnknownBackendError
        >>> issubclass(UnknownBackendError, BackendError), issubclass(BackendError, RuntimeError)
        (True, True)
    """


class UnknownBackendError(BackendError, LookupError):
    """A backend name that nobody registered.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.set_backend("numpi")
        ... except LookupError as error:
        ...     print(error.headline)
        there is no backend 'numpi'
    """


class BackendUnavailableError(BackendError, ImportError):
    """A backend that is known but cannot be used on this machine.

    Example:
        >>> from zkynet.errors import BackendUnavailableError
        >>> print(BackendUnavailableError("backend 'jax' cannot be used: jax is not installed", fix="pip install jax"))
        backend 'jax' cannot be used: jax is not installed
          Fix: pip install jax
        >>> issubclass(BackendUnavailableError, ImportError)
        True
    """


class WorkerError(ZkynetError, RuntimeError):
    """A worker process of a data loader that failed or has ended; `worker` is its number.

    Example:
        >>> import zkynet as zk
        >>> issubclass(zk.errors.WorkerError, RuntimeError)
        True
    """


class StateDictError(ZkynetError, RuntimeError):
    """A `state_dict` that does not fit the module or optimiser it is loaded into; nothing was changed.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.nn.Linear(2, 1).load_state_dict({"weight": zk.ones((1, 2))})
        ... except RuntimeError as error:
        ...     print(error.missing)
        ['bias']
    """


class BackendMismatchError(ZkynetError, AssertionError):
    """Two backends that gave different results for the same program.

    Example:
        >>> import zkynet as zk
        >>> steps = iter([1.0, 1.5])
        >>> try:
        ...     zk.testing.compare_backends(lambda: zk.ones(2) * next(steps), backends=("numpy", "numpy"))
        ... except AssertionError as error:
        ...     print(error.headline)
        multiply differs between numpy and numpy
    """


class FileFormatError(ZkynetError, ValueError):
    """A file that is damaged, or of another kind than was expected.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        ...     try:
        ...         zk.nn.load_weights(file.name)
        ...     except ValueError as error:
        ...         print(type(error).__name__)
        FileFormatError
    """


class MissingFileError(ZkynetError, FileNotFoundError):
    """A file or folder that is not there.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.nn.load_weights("nowhere.safetensors")
        ... except FileNotFoundError as error:
        ...     print(error.headline)
        there is no file nowhere.safetensors
    """


class DiskFullError(ZkynetError, OSError):
    """No room for a file; the one that was there before is as it was.

    Example:
        >>> from zkynet.errors import DiskFullError
        >>> issubclass(DiskFullError, OSError)
        True
    """


class DownloadError(ZkynetError, ConnectionError):
    """A file that no source delivered as it should be; what was received of it is kept, and continued the next time.

    Example:
        >>> from zkynet.errors import DownloadError
        >>> issubclass(DownloadError, OSError)
        True
    """


class GradientError(ZkynetError, RuntimeError):
    """A gradient that does not exist or can no longer be computed.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.ones(2).sum().backward()
        ... except RuntimeError as error:
        ...     print(error.headline)
        this tensor does not depend on any tensor with requires_grad=True
    """


class GradcheckError(GradientError, AssertionError):
    """A gradient that disagrees with finite differences.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     wrong = zk.custom_gradient(zk.sin, backward=lambda g: g)
        ...     zk.gradcheck(wrong, zk.tensor(1.0, dtype="float64"))
        ... except AssertionError as error:
        ...     print(error.headline)
        gradcheck: the gradient of sin by x is wrong
    """


class NonFiniteError(ZkynetError, FloatingPointError):
    """A NaN or an infinity made from finite numbers, found by `debug_nans`.

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     with zk.debug_nans():
        ...         zk.log(zk.tensor(0.0))
        ... except FloatingPointError as error:
        ...     print(error.headline)
        log made an infinity out of finite numbers
    """


class LinAlgError(ZkynetError, ValueError):
    """A matrix for which the operation has no answer (singular, not positive definite).

    Example:
        >>> import zkynet as zk
        >>> try:
        ...     zk.linalg.cholesky(zk.tensor([[1.0, 2.0], [2.0, 1.0]]))
        ... except ValueError as error:
        ...     print(error.headline)
        linalg.cholesky: the matrix is not positive definite
    """


class TracedValueError(ZkynetError, TypeError):
    """The value of a tensor was asked for in a function that is being compiled, where tensors have none yet.

    Example:
        >>> try:
        ...     raise TracedValueError("step asked for a value", fix="use zk.where")
        ... except TypeError as error:
        ...     print(error.fix)
        use zk.where
    """


class RetraceWarning(UserWarning):
    """A compiled function is compiled again and again, for arguments that differ.

    Example:
        >>> issubclass(RetraceWarning, UserWarning)
        True
    """


class LeafReboundWarning(UserWarning):
    """An in-place operator on a leaf outside of `no_grad`: the tensor is now a result, and collects no ``.grad``.

    Example:
        >>> import warnings
        >>> import zkynet as zk
        >>> x = zk.tensor(1.0, requires_grad=True)
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     x += 1
        >>> seen[0].category.__name__
        'LeafReboundWarning'
    """


class ForgottenZeroGradWarning(UserWarning):
    """An optimiser's step with gradients that hold those of the step before: ``zero_grad()`` was forgotten.

    Example:
        >>> import warnings
        >>> import zkynet as zk
        >>> w = zk.tensor(1.0, requires_grad=True)
        >>> optimizer = zk.optim.SGD([w], lr=0.1)
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     for _ in range(2):
        ...         (w * w).backward()
        ...         optimizer.step()
        >>> seen[0].category.__name__
        'ForgottenZeroGradWarning'
    """


class NoGradientWarning(UserWarning):
    """An optimiser's step without any gradient, so that it changes nothing: ``backward()`` was forgotten.

    Example:
        >>> import warnings
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.1)
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     optimizer.step()
        >>> seen[0].category.__name__
        'NoGradientWarning'
    """


class OtherParametersWarning(UserWarning):
    """A model is trained by an optimiser that holds other parameters than the model has to learn.

    Example:
        >>> import warnings
        >>> import zkynet as zk
        >>> model, other = zk.nn.Linear(1, 1), zk.nn.Linear(1, 1)
        >>> trainer = zk.train.Trainer(model, "mse", zk.optim.SGD(other.parameters()), progress=False)
        >>> with warnings.catch_warnings(record=True) as seen:
        ...     warnings.simplefilter("always")
        ...     history = trainer.fit((zk.ones((2, 1)), zk.ones((2, 1))), epochs=0)
        >>> seen[0].category.__name__
        'OtherParametersWarning'
    """


class ScheduleOrderError(ZkynetError, RuntimeError):
    """A schedule of learning rates that is stepped before its optimiser, so that the first rate is never used.

    Example:
        >>> import zkynet as zk
        >>> optimizer = zk.optim.SGD([zk.tensor(1.0, requires_grad=True)], lr=0.1)
        >>> schedule = zk.optim.lr_scheduler.StepLR(optimizer, step_size=2)
        >>> try:
        ...     schedule.step()
        ... except RuntimeError as error:
        ...     print(error.headline)
        StepLR.step() was called before optimizer.step()
    """


class CheckpointWarning(UserWarning):
    """The newest checkpoint of a folder is not the one that is used: it is damaged, or of another training.

    Example:
        >>> from zkynet.errors import CheckpointWarning
        >>> issubclass(CheckpointWarning, UserWarning)
        True
    """


class LogWarning(UserWarning):
    """Rows of a log that cannot be written now, or that are no longer there; training goes on.

    Example:
        >>> from zkynet.errors import LogWarning
        >>> issubclass(LogWarning, UserWarning)
        True
    """


class TrainingInterrupted(KeyboardInterrupt, SystemExit):
    """A training that Ctrl-C or SIGTERM has ended after a step; a program that does not catch it exits quietly.

    Args:
        headline: where it was, and whether it was saved.
        fix: how to go on.
        path: the checkpoint.
        signal: the number of the signal.
        step: how many steps were done.

    Example:
        >>> from zkynet.errors import TrainingInterrupted
        >>> print(TrainingInterrupted("training was interrupted after step 7", "call fit(..., resume=True)", step=7))
        training was interrupted after step 7
          Fix: call fit(..., resume=True)
    """

    def __init__(
        self, headline: str, fix: str = "", path: Any = None, signal: int | None = None, step: int = 0
    ) -> None:
        super().__init__(f"{headline}\n  Fix: {fix}" if fix else headline)
        self.headline, self.fix, self.path, self.signal, self.step = headline, fix, path, signal, step
        self.code = 128 + (signal or 2)  # as shells count it


class ProbabilitiesWarning(UserWarning):
    """Probabilities passed to a loss that takes logits (or their logarithms): a softmax too many, which still trains.

    Example:
        >>> from zkynet.errors import ProbabilitiesWarning
        >>> issubclass(ProbabilitiesWarning, UserWarning)
        True
    """


def __dir__() -> list[str]:
    return __all__
