"""Draws of orders, of elements, and of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet import dtypes as dt
from zkynet._typing import ArrayLike, DeviceLike
from zkynet.errors import InvalidValueError, ShapeError
from zkynet.ops.arguments import flag, whole
from zkynet.ops.axes import normalize_axis
from zkynet.ops.casting import as_tensor, cast
from zkynet.ops.filled import as_shape
from zkynet.random.drawing import Draws, Target, check_values
from zkynet.tensor import Tensor, wrap


class Selections(Draws):
    """The draws of orders, of elements, and of classes."""

    def permutation(self, x: int | ArrayLike, axis: int = 0, *, device: DeviceLike = None) -> Tensor:
        """The numbers 0 to x - 1 in random order, or a tensor with its slices along an axis in random order.

        Args:
            x: how many numbers, or a tensor.
            axis: along which the slices of a tensor are put in a new order.
            device: where the numbers are to live; a tensor stays where it is.

        Example:
            >>> import zkynet as zk
            >>> zk.sort(zk.random.Generator(0).permutation(5))
            Tensor([0, 1, 2, 3, 4])
        """
        if _is_count(x):
            return self._order("random.permutation", _count("random.permutation", "x", x), device)
        return self._reordered("random.permutation", x, axis)

    def shuffle(self, x: ArrayLike, axis: int = 0) -> Tensor:
        """A tensor with the slices of `x` along an axis in random order; `x` itself stays as it is.

        NumPy's function of this name changes its argument. Here tensors do not change: use the result. Gradients flow
        through it.

        Args:
            x: a tensor of any shape that has axes.
            axis: along which the slices are put in a new order.

        Example:
            >>> import zkynet as zk
            >>> zk.sort(zk.random.Generator(0).shuffle(zk.tensor([3, 1, 2])))
            Tensor([1, 2, 3])
        """
        return self._reordered("random.shuffle", x, axis)

    def choice(
        self,
        a: int | ArrayLike,
        shape: Any = (),
        replace: bool = True,
        p: ArrayLike | None = None,
        axis: int = 0,
        *,
        device: DeviceLike = None,
    ) -> Tensor:
        """Elements chosen at random: of the numbers 0 to a - 1, or slices of a tensor along an axis.

        Args:
            a: how many numbers to choose from, or a tensor.
            shape: how many to choose, and in which shape; of a tensor, it takes the place of `axis`.
            replace: whether one element may be chosen several times.
            p: the probability of each, numbers with sum 1; by default all are alike. Without replacement, each next
                element is chosen by the probabilities of those that are left.
            axis: along which slices of a tensor are chosen.
            device: where the numbers are to live; a tensor stays where it is.

        Example:
            >>> import zkynet as zk
            >>> g = zk.random.Generator(0)
            >>> zk.sort(g.choice(4, 4, replace=False)), g.choice(zk.tensor([5.0, 7.0]), (2, 3), p=[0.0, 1.0]).shape
            (Tensor([0, 1, 2, 3]), (2, 3))
        """
        name = "random.choice"
        wanted = as_shape(name, shape)
        x = None
        if _is_count(a):
            n, target = _count(name, "a", a), Target(name, wanted, device)
        else:
            x, axis = _with_axis(name, a, axis)
            n, target = x.shape[axis], Target(name, wanted, None, x)
        k = target.size
        several = flag(name, "replace", replace)
        if k > n if not several else k > 0 and n == 0:
            raise InvalidValueError(
                f"{name}: {k} elements cannot be chosen from {n}" + ("" if several else " without replacement"),
                fix="choose fewer" if several else "choose fewer, or pass replace=True",
            )
        if p is not None:
            at = self._by_weights(target, n, k, several, p)
        elif several:
            at = self._draw("integers", target, 64, 0, max(n, 1), dt.int64)
        else:
            at = self._order(name, n, target.device, target)[:k]
        from zkynet.ops.shaping import reshape

        if x is None:
            return reshape(at, wanted)
        from zkynet.ops.selecting import take

        chosen = take(x, reshape(at, (k,)), axis=axis)
        return chosen if wanted == (k,) else reshape(chosen, (*x.shape[:axis], *wanted, *x.shape[axis + 1 :]))

    def categorical(self, logits: ArrayLike, axis: int = -1, shape: Any = None) -> Tensor:
        """Classes, each with the probability that the softmax of its logits gives: by the Gumbel-max method.

        Args:
            logits: a tensor of logits (of probabilities p: ``zk.log(p)``); minus infinity for what never happens.
            axis: that of the classes.
            shape: the shape of the result; it ends in that of the logits without the axis, which is the default.

        Example:
            >>> import zkynet as zk
            >>> logits = zk.log(zk.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
            >>> zk.random.Generator(0).categorical(logits)
            Tensor([1, 2])
        """
        name = "random.categorical"
        x, axis = _with_axis(name, logits, axis)
        if dt.kind_rank(x.dtype) < 2:
            x = cast(x, dt.default_float)
        batch = (*x.shape[:axis], *x.shape[axis + 1 :])
        wanted = batch if shape is None else as_shape(name, shape)
        if wanted[len(wanted) - len(batch) :] != batch:
            raise ShapeError(
                f"{name}: the shape of the result ends in that of the logits without their axis of classes",
                facts=[f"shape   {wanted}", f"logits  {x.shape}, classes along axis {axis}"],
                fix=f"pass a shape that ends in {batch}",
            )
        n = x.shape[axis]
        if n == 0:
            raise InvalidValueError(f"{name}: there are no classes to draw from", fix="pass logits with classes")
        check_values("categorical", "logits", x, lambda v: v < np.inf, "are numbers below infinity")
        backend = x.backend
        wide = dt.float64 if x.dtype == dt.float64 else dt.float32
        with backend.quiet():
            raw = backend.xp.astype(backend.xp.moveaxis(x._raw, axis, -1), backend.native_dtype(wide), copy=False)
            noise = self._draw("gumbel", Target(name, (*wanted, n), None, x), 64 if wide == dt.float64 else 32, wide)
            found = backend.xp.argmax(noise._raw + raw, axis=-1)
        return _as_index(wrap(found, backend, None))

    def _order(self, name: str, n: int, device: DeviceLike, like: Target | None = None) -> Tensor:
        target = Target(name, (n,), device) if like is None else like.of_shape((n,))
        return self._draw("order", target, 64)

    def _reordered(self, name: str, x: ArrayLike, axis: int) -> Tensor:
        from zkynet.ops.selecting import take

        x, axis = _with_axis(name, x, axis)
        return take(x, self._draw("order", Target(name, (x.shape[axis],), None, x), 64), axis=axis)

    def _by_weights(self, target: Target, n: int, k: int, several: bool, p: ArrayLike) -> Tensor:
        """Indices chosen by probabilities: by adding them up, or without replacement by a race of exponential numbers.

        In the race, element i takes ``e / p[i]`` and the first k to arrive are chosen: Efraimidis and Spirakis,
        Weighted random sampling with a reservoir (2006).
        """
        weights = target.adopted("random.choice", p, dt.float64)
        if weights.shape != (n,):
            raise ShapeError(
                f"random.choice: p has the shape {weights.shape}, and there are {n} elements to choose from",
                fix=f"pass {n} probabilities",
            )
        check_values("choice", "p", weights, lambda v: (v >= 0) & (v <= 1), "lies between 0 and 1")
        backend, xp = target.backend, target.backend.xp
        raw = xp.astype(weights._raw, backend.native_dtype(dt.float64), copy=False)
        if backend.can_look(raw):
            values = backend.to_numpy(raw)
            if abs(values.sum() - 1.0) > (1e-2 if weights.dtype.itemsize == 2 else 1e-5):
                raise InvalidValueError(
                    f"random.choice: the probabilities p add up to {values.sum():.6g}, not to 1",
                    fix="divide them by their sum: p / p.sum()",
                )
            if not several and np.count_nonzero(values) < k:
                raise InvalidValueError(
                    f"random.choice: {k} elements are to be chosen, and {np.count_nonzero(values)} have a chance",
                    fix="choose fewer, or pass replace=True",
                )
        with backend.quiet():
            if several:
                return self._draw("weighted", target, 64, raw)
            times = self._draw("exponential", target.of_shape((n,)), 64, dt.float64)._raw / raw
            order = xp.argsort(times, stable=True)[:k]
        return _as_index(wrap(order, backend, None))


def _is_count(x: Any) -> bool:
    return isinstance(x, (int, np.integer)) and not isinstance(x, bool)


def _count(name: str, argument: str, value: Any) -> int:
    n = whole(name, argument, value)
    if n < 0:
        raise InvalidValueError(f"{name}: {argument} is 0 or more, received {n}", fix="pass how many there are")
    return n


def _with_axis(name: str, x: ArrayLike, axis: int) -> tuple[Tensor, int]:
    """A tensor with axes, and the number of one of them."""
    x = as_tensor(name, x)
    if not x.shape:
        raise InvalidValueError(f"{name}: a tensor without axes has no order", fix="pass one with an axis")
    return x, normalize_axis(name, axis, len(x.shape))


def _as_index(x: Tensor) -> Tensor:
    """Indices as int64, or as they are where that does not exist."""
    return cast(x, dt.int64) if x.backend.supports(dt.int64) else x
