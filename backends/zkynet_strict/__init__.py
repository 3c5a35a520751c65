"""array-api-strict: the standard and nothing else, and a stand-in for a GPU in tests."""

from zkynet_strict.backend import BACKEND

__all__ = ["BACKEND"]
