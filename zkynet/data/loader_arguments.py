"""What a loader is given: checked, and refused in words that say what to pass instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, StateDictError, described
from zkynet.ops.arguments import number, whole
from zkynet.random import Generator


def at_least(argument: str, value: Any, least: int) -> int:
    """A whole number from some number on.

    Args:
        argument: what the loader calls it.
        value: what the user passed.
        least: the smallest one allowed.
    """
    count = whole("DataLoader", argument, value)
    if count < least:
        raise InvalidValueError(
            f"DataLoader: {argument} is {least} or more, received {count}", fix=f"pass {argument}={least} or more"
        )
    return count


def seconds(argument: str, value: Any) -> float:
    """A time to wait.

    Args:
        argument: what the loader calls it.
        value: what the user passed.
    """
    time = float(number("DataLoader", argument, value))
    if not time >= 0:
        raise InvalidValueError(
            f"DataLoader: {argument} is 0 or more seconds, received {value}", fix=f"pass {argument}=0 to wait for ever"
        )
    return time


def function_or_none(argument: str, value: Any) -> Any:
    """A function that may be left out.

    Args:
        argument: what the loader calls it.
        value: what the user passed.
    """
    if value is not None and not callable(value):
        raise ArgumentError(
            f"DataLoader: {argument} is a function, received {described(value)}", fix="pass a function, or leave it out"
        )
    return value


def start_method(value: Any) -> Any:
    """How processes are started: None, a name, or a context of `multiprocessing`.

    Args:
        value: what the user passed.
    """
    if value is None or hasattr(value, "Process"):
        return value
    import multiprocessing

    methods = multiprocessing.get_all_start_methods()
    if value in methods:
        return value
    raise InvalidValueError(
        f"DataLoader: there is no way to start processes that is called {value!r:.40}",
        fix=f"pass one of {', '.join(map(repr, methods))} as multiprocessing_context, or leave it out",
    )


def one_order(
    iterable: bool, batch_size: int | None, shuffle: bool, sampler: Any, batch_sampler: Any, drop_last: bool
) -> None:
    """Refuse arguments that say the order of samples twice, or where there is none to say.

    Args:
        iterable: whether the dataset is a stream.
        batch_size: as passed to the loader, and so are the others.
        shuffle: see there.
        sampler: see there.
        batch_sampler: see there.
        drop_last: see there.
    """
    for argument, value in (("sampler", sampler), ("batch_sampler", batch_sampler)):
        if value is not None and not hasattr(value, "__iter__"):
            raise ArgumentError(
                f"DataLoader: {argument} gives the numbers of samples one after another, received {described(value)}",
                fix=f"pass a Sampler as {argument}, e.g. zk.data.RandomSampler(dataset)",
            )
    if iterable and (shuffle or sampler is not None or batch_sampler is not None):
        raise ArgumentError(
            "an IterableDataset gives its samples in an order of its own",
            fix="leave out shuffle, sampler and batch_sampler; shuffle in the dataset",
        )
    if shuffle and sampler is not None:
        raise ArgumentError("shuffle and sampler both say the order of samples", fix="pass one of the two")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ArgumentError(
            "batch_sampler says all that batch_size, shuffle, sampler and drop_last say", fix="pass it alone"
        )
    if batch_size is None and drop_last:
        raise ArgumentError(
            "drop_last is about batches, and with batch_size=None there are none",
            fix="pass a batch_size, or no drop_last",
        )


def no_batches(samples: int, batch_size: int | None, drop_last: bool) -> InvalidValueError:
    """The error for a loader that would give nothing.

    Args:
        samples: of the dataset.
        batch_size: of the loader.
        drop_last: of the loader.
    """
    if not samples:
        return InvalidValueError(
            "the dataset of the DataLoader is empty", fix="see where its samples should have come from"
        )
    if drop_last:
        return InvalidValueError(
            "the DataLoader has no whole batch, and drop_last leaves out the rest",
            facts=[f"samples     {samples}", f"batch_size  {batch_size}"],
            fix="pass a smaller batch_size, or drop_last=False",
        )
    return InvalidValueError("the sampler of the DataLoader gives no samples", fix="pass one that gives some")


def checked_position(
    state: Any, generators: Sequence[str], batches: int | None, num_workers: int
) -> tuple[int, int, dict[int, tuple[int, Any]]]:
    """Epoch, batches handed out and the marks of streams in a loader's state, once all of it fits the loader.

    Args:
        state: what the user passed.
        generators: the names of those that the loader draws from.
        batches: how many the loader has in an epoch; None where nobody knows.
        num_workers: of the loader.
    """
    try:
        epoch, delivered = at_least("epoch", state["epoch"], 0), at_least("delivered", state["delivered"], 0)
        for name in generators:
            Generator().load_state_dict(state["beginning"][name])
        marks = {int(who): (int(done), mark) for who, done, mark in state.get("streams", ())}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise StateDictError(
            "this is no state of this DataLoader",
            facts=[f"received  {described(dict(state) if isinstance(state, Mapping) else state)}"],
            fix="pass what loader.state_dict() gave, of a loader with the same samplers",
        ) from None
    before = state.get("batches")
    if delivered and batches is not None and (batches < delivered or before not in (None, batches)):
        raise StateDictError(
            "the state is that of a loader with other batches, in the middle of an epoch",
            facts=[
                f"batches of an epoch  {before}, of which {delivered} were handed out",
                f"of this loader       {batches}",
            ],
            fix="use the same dataset, batch_size and drop_last as before",
        )
    if marks and state.get("num_workers") != num_workers:
        raise StateDictError(
            "the state holds where each worker was in its stream, and there are now more or fewer workers",
            facts=[f"num_workers  {state.get('num_workers')} before, {num_workers} now"],
            fix="use as many workers as before",
        )
    return epoch, delivered, marks
