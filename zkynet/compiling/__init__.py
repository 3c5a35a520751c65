"""`zk.jit`: a training step compiled as one program."""

from zkynet.compiling.compiled import Compiled, jit

__all__ = ["Compiled", "jit"]
