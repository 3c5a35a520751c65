"""CuPy: NVIDIA GPUs through CUDA."""

from zkynet_cupy.backend import BACKEND

__all__ = ["BACKEND"]
