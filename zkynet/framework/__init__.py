"""The classic face: functions as templates, and a graph of nodes for each call.

>>> from zkynet.framework import cg, op
>>> class SimpleModel(cg.Module):
...     def __init__(self, w0=1):
...         super().__init__(inputs=(cg.Variable("x"),), params=(cg.Parameter("w", w0),))
...     def call(self, x):
...         return op.mult(op.add(x, self.param("w")), op.square(x))
>>> m = SimpleModel()
>>> r = m(3)
>>> r.value
36
>>> r.back()
>>> r.grad(m.param("w")), r.grad(m.input("x"))
(9.0, 33.0)
"""

from zkynet.framework import cg, op

__all__ = ["cg", "op"]


def __dir__() -> list[str]:
    return __all__
