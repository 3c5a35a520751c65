"""JAX: XLA on the CPU, GPUs and TPUs."""

from zkynet_jax.backend import BACKEND

__all__ = ["BACKEND"]
