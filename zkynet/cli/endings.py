"""How a command ends: exit codes that scripts can use, and errors as a person reads them."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from zkynet.errors import BackendUnavailableError, ZkynetError

OK, GOAL_MISSED, WRONG_USAGE, FAILED, BROKEN_PIPE, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 141, 130, 143

EXIT_CODES = """\
Exit codes:
  0    done, and every goal reached
  1    done, but a goal was not reached, or something that was checked is wrong
  2    wrong usage: an option, recipe, setting or value that does not exist
  3    failed: the error says why
  130  stopped by Ctrl-C, 143 by SIGTERM; what was saved can be resumed
"""


class WrongUsage(Exception):
    """An error of zkynet's that the user's words on the command line caused."""

    def __init__(self, error: ZkynetError) -> None:
        self.error = error
        super().__init__(str(error))


class Terminated(BaseException):
    """SIGTERM: the machine is taken away, as by a batch system; what can be saved was saved."""


@contextmanager
def usage() -> Iterator[None]:
    """A block in which errors mean that the command was written wrongly."""
    try:
        yield
    except BackendUnavailableError:
        raise  # well written, but not possible here
    except ZkynetError as error:
        raise WrongUsage(error) from error


def say_error(text: str) -> None:
    """Print an error, its first line in red where a person looks on.

    Args:
        text: headline, and further lines.
    """
    headline, _, rest = text.partition("\n")
    if sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        headline = f"\x1b[31m{headline}\x1b[0m"
    print(f"{headline}\n{rest}" if rest else headline, file=sys.stderr, flush=True)


def ending(error: BaseException, with_traceback: bool) -> int:
    """Say what went wrong, and give the exit code.

    Args:
        error: what ended the command.
        with_traceback: whether the user asked for the traceback.
    """
    if with_traceback:
        traceback.print_exception(error)
    if isinstance(error, WrongUsage):
        say_error(str(error))
        return WRONG_USAGE
    if isinstance(error, ZkynetError):
        say_error(str(error))
    elif isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at its end
        return BROKEN_PIPE
    elif isinstance(error, Terminated):
        return TERMINATED
    elif isinstance(error, OSError) and error.strerror:
        say_error(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    elif isinstance(error, MemoryError):
        say_error(f"out of memory: {error}\n  Fix: a smaller batch or model, or --device with more memory")
    elif isinstance(error, Exception):
        if not with_traceback:
            traceback.print_exception(error)
        say_error(f"{type(error).__name__}: a fault of zkynet's or of the recipe; the lines above say where")
    else:
        raise error
    return FAILED
