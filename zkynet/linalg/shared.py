"""What of linear algebra the main namespace has too, where NumPy and PyTorch users look for it."""

from zkynet.linalg import cross, norm

__all__ = ["cross", "norm"]
