"""For the suite of the Array API consortium, ``ARRAY_API_TESTS_MODULE=zkynet_recorded``: a graph behind every array.

Importing this makes the namespace of all tensors the twin of `recording`, so it is for that suite alone.
"""

from __future__ import annotations

import sys

from recording import twin

import zkynet
from zkynet.tensor import Tensor

_made = twin(zkynet, __name__)
for _key in ("__name__", "__spec__", "__loader__", "__file__", "__package__"):
    setattr(_made, _key, globals()[_key])
Tensor.__array_namespace__ = lambda self, /, *, api_version=None: _made  # type: ignore[method-assign]
sys.modules[__name__] = _made
