"""PyTorch tensors as plain arrays: on CPUs, NVIDIA and Apple GPUs."""

from zkynet_torch.backend import BACKEND

__all__ = ["BACKEND"]
