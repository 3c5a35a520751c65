"""NumPy: the default backend, on the CPU."""

from zkynet_numpy.backend import BACKEND

__all__ = ["BACKEND"]
