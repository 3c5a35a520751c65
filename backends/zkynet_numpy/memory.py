"""Freed memory is kept for the next array.

A training step makes and drops the same arrays again and again. glibc hands large ones back to the system as soon as
they are dropped, and takes them anew page by page, which costs more than many an op. So arrays up to 32 MiB come from
the heap, and the heap is not trimmed before it has 1 GiB to spare. ``ZKYNET_KEEP_MEMORY=0`` leaves all that as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
LARGEST = 1 << 25  # the most that glibc takes
SPARE = 1 << 30


def keep_freed_memory() -> bool:
    """Tell glibc to keep what is freed; whether it did. Other allocators are left alone."""
    if os.environ.get("ZKYNET_KEEP_MEMORY", "1") == "0" or not sys.platform.startswith("linux"):
        return False
    try:
        libc = ctypes.CDLL(None)
        if not hasattr(libc, "gnu_get_libc_version"):
            return False
        return bool(libc.mallopt(M_MMAP_THRESHOLD, LARGEST) and libc.mallopt(M_TRIM_THRESHOLD, SPARE))
    except (OSError, AttributeError):
        return False
