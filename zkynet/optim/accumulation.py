"""Several small batches for one step."""

from __future__ import annotations

from typing import Any

from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import whole
from zkynet.optim.optimizer import Optimizer
from zkynet.tensor import Tensor

__all__ = ["GradientAccumulation"]


class GradientAccumulation:
    """One step for every `steps` batches, with the gradient of the mean of their losses: as for one large batch.

    That holds for losses that are means over batches of one size, and for layers that do not look at the batch.

    Args:
        optimizer: the optimiser.
        steps: how many batches make one step.

    Example:
        >>> import zkynet as zk
        >>> w = zk.tensor(0.0, requires_grad=True)
        >>> optimizer = zk.optim.SGD([w], lr=1.0)
        >>> accumulation = zk.optim.GradientAccumulation(optimizer, steps=2)
        >>> for target in (1.0, 2.0, 3.0, 4.0):
        ...     accumulation.backward(-w * target)
        ...     print(accumulation.step(), w.item())
        False 0.0
        True 1.5
        False 1.5
        True 5.0
    """

    def __init__(self, optimizer: Optimizer, steps: int) -> None:
        self.optimizer = optimizer
        self.steps = whole("GradientAccumulation", "steps", steps)
        if self.steps < 1:
            raise InvalidValueError(
                f"GradientAccumulation: steps is at least 1, received {steps}",
                fix="pass how many batches make one step",
            )
        self.waiting = 0

    def backward(self, loss: Tensor, **how: Any) -> None:
        """Add a batch's share to the gradients.

        Args:
            loss: the mean loss of the batch.
            **how: what `Tensor.backward` takes.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(0.0, requires_grad=True)
            >>> zk.optim.GradientAccumulation(zk.optim.SGD([w]), steps=4).backward(2 * w)
            >>> w.grad
            Tensor(0.5)
        """
        (loss / self.steps).backward(**how)
        self.waiting += 1

    def step(self) -> bool:
        """Make a step and clear the gradients if enough batches have come; returns whether it was made.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(0.0, requires_grad=True)
            >>> zk.optim.GradientAccumulation(zk.optim.SGD([w]), steps=4).step()
            False
        """
        return self.flush() if self.waiting >= self.steps else False

    def flush(self) -> bool:
        """Make a step of the batches that are waiting, at the end of an epoch; they count as if the others were zero.

        Example:
            >>> import zkynet as zk
            >>> w = zk.tensor(0.0, requires_grad=True)
            >>> accumulation = zk.optim.GradientAccumulation(zk.optim.SGD([w], lr=1.0), steps=4)
            >>> accumulation.backward(2 * w)
            >>> accumulation.flush(), w.item()
            (True, -0.5)
        """
        if not self.waiting:
            return False
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.waiting = 0
        return True
