"""What a user is told who asks for a value that is not known while a function is compiled."""

from __future__ import annotations

import linecache
from pathlib import Path
from types import TracebackType

import zkynet
from zkynet.errors import TracedValueError

OURS = str(Path(zkynet.__file__).parent)


def value_wanted(name: str, error: BaseException) -> TracedValueError:
    """The error for a function that branches on, or converts, a value it only computes when it runs."""
    return TracedValueError(
        f"{name} asked for the value of a tensor while it was compiled, where it has none yet",
        facts=[f"at  {place}" for place in [_users_line(error.__traceback__)] if place],
        fix="use zk.where instead of `if`, compute the value outside and pass it as a plain argument, or return the "
        "tensor and look at it after the call",
    )


def _users_line(traceback: TracebackType | None) -> str:
    """The last line of a traceback that is not in a library: the user's."""
    found = ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(OURS) and "site-packages" not in file and "zkynet_" not in file:
            line = linecache.getline(file, traceback.tb_lineno).strip()
            found = f"{Path(file).name}:{traceback.tb_lineno}  {line}"
        traceback = traceback.tb_next
    return found
