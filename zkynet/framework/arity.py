"""Operators of one and of two inputs."""

from __future__ import annotations

from zkynet.framework.functions import Operator
from zkynet.framework.inputs import Variable


class OneInput(Operator):
    """An operator of one input ``x``."""

    def __init__(self) -> None:
        super().__init__(inputs=(Variable("x"),))


class TwoInputs(Operator):
    """An operator of two inputs ``a`` and ``b``."""

    def __init__(self) -> None:
        super().__init__(inputs=(Variable("a"), Variable("b")))
