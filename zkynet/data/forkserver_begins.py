"""What the server of processes that Python starts loads first, so that workers need not: it is forked for each of them.

It begins with Ctrl-C held back, for that goes to all processes of a terminal, and would end it in the middle of loading
with a traceback. A moment later Python tells it to pay no attention to Ctrl-C.
"""

from __future__ import annotations

import signal

from zkynet.data import worker_process as worker_process

if signal.SIGINT in signal.sigpending():
    signal.sigwait({signal.SIGINT})
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # other processes that it starts are not to be without
