"""Pairs of samples mixed, and their labels with them."""

from __future__ import annotations

from typing import Any

import numpy as np

from zkynet.data.streams import sample_streams
from zkynet.data.transforms.pictures import Picture, Transform
from zkynet.errors import ArgumentError, DTypeError, IndexOutOfRangeError, InvalidValueError, ShapeError, described
from zkynet.ops.arguments import number, whole
from zkynet.tensor import Tensor

__all__ = ["CutMix", "Mixup"]


class _Mixing(Transform):
    """A batch (x, y) in which each sample is mixed with the one before it; the first with the last.

    The batches of a loader that shuffles are in random order, so a partner is a random other sample.
    """

    _settings = ("num_classes", "alpha")

    def __init__(self, num_classes: int | None = None, alpha: float = 1.0) -> None:
        name = type(self).__name__
        self.alpha = float(number(name, "alpha", alpha))
        self.num_classes = None if num_classes is None else whole(name, "num_classes", num_classes)
        if not 0 < self.alpha < float("inf"):
            raise InvalidValueError(f"{name}: alpha is above 0, received {alpha}", fix="pass 1.0, or 0.2 to mix less")
        if self.num_classes is not None and self.num_classes < 1:
            raise InvalidValueError(f"{name}: num_classes is 1 or more, received {num_classes}", fix="count them")

    def __call__(self, batch: Any) -> tuple[Picture, Picture]:
        name = type(self).__name__
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise ArgumentError(
                f"{name} takes a batch (x, y), received {described(batch)}",
                fix=f"give it to the loader: DataLoader(dataset, batch_transform={name}(...))",
            )
        x, y = (part.numpy() if isinstance(part, Tensor) else np.asarray(part) for part in batch)
        self._check(name, x)
        if y.ndim == 0 or len(x) != len(y):
            raise ShapeError(
                f"{name}: x and y are of different numbers of samples", facts=[f"x  {x.shape}", f"y  {y.shape}"]
            )
        y = self._soft(name, y, x.dtype)
        drawn = np.array([(s.beta(self.alpha, self.alpha), *s.random(2)) for s in sample_streams(len(x))])
        mixed, share = self._mixed(x, drawn.reshape(-1, 3))
        return mixed, _blend(y, share)

    def _check(self, name: str, x: Picture) -> None:
        if x.dtype.kind != "f":
            raise DTypeError(f"{name} mixes floats, received {described(x)}", fix="put ToFloat() before it", op=name)
        if x.ndim < 1:
            raise ShapeError(f"{name} takes a batch, received {described(x)}", fix="pass (N, ...)", op=name)

    def _mixed(self, x: Picture, drawn: Any) -> tuple[Picture, Any]:
        """The samples mixed, and which share of each is its own."""
        raise NotImplementedError

    def _soft(self, name: str, y: Picture, dtype: Any) -> Picture:
        """Labels as shares of the classes (N, classes); floats as they are."""
        if y.dtype.kind == "f":
            return y
        if y.dtype.kind not in "iu" or y.ndim != 1:
            raise DTypeError(
                f"{name}: labels are whole numbers (N,) or floats, received {described(y)}", fix="pass such labels"
            )
        if self.num_classes is None:
            raise InvalidValueError(
                f"{name}: of whole numbers as labels it has to know how many classes there are",
                fix=f"pass {name}(num_classes=10)",
            )
        if len(y) and not 0 <= y.min() <= y.max() < self.num_classes:
            raise IndexOutOfRangeError(
                f"{name}: a label is not between 0 and {self.num_classes - 1}",
                facts=[f"labels  from {y.min()} to {y.max()}"],
                fix="pass a larger num_classes, or look at the labels",
            )
        return np.eye(self.num_classes, dtype=dtype)[y]


class Mixup(_Mixing):
    """A batch (x, y) of weighted means of two samples each: λ x + (1 - λ) x', and labels λ y + (1 - λ) y'.

    Zhang et al., mixup: beyond empirical risk minimization (2018). λ is drawn for each sample from Beta(alpha, alpha);
    its partner is the sample before it, so the batches have to be shuffled. Whole numbers as labels become shares of
    the classes (N, classes), which `cross_entropy` takes.

    Args:
        num_classes: how many classes there are; not needed where labels are floats.
        alpha: small: mostly one of the two; 1: all weights are equally likely.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> mixup = zk.data.transforms.Mixup(num_classes=2)
        >>> x, y = mixup((np.array([[0.0], [1.0]]), np.array([0, 1])))
        >>> bool((x[:, 0] == y[:, 1]).all()), y.sum(1).tolist()
        (True, [1.0, 1.0])
    """

    def _mixed(self, x: Picture, drawn: Any) -> tuple[Picture, Any]:
        share = drawn[:, 0].astype(x.dtype)
        return _blend(x, share), share


class CutMix(_Mixing):
    """A batch (x, y) in which a rectangle of each picture is that of another, and the labels are mixed by its area.

    Yun et al., CutMix: regularization strategy to train strong classifiers with localizable features (2019). The
    rectangle has the proportions of the picture, its area is a share 1 - λ of it, with λ from Beta(alpha, alpha), its
    middle is anywhere; what is beyond the edge is cut off. The partner is the picture before, so the batches have to be
    shuffled.

    Args:
        num_classes: how many classes there are; not needed where labels are floats.
        alpha: small: mostly one of the two; 1: all areas are equally likely.

    Example:
        >>> import numpy as np
        >>> import zkynet as zk
        >>> cutmix = zk.data.transforms.CutMix(num_classes=2)
        >>> x, y = cutmix((np.stack([np.zeros((1, 8, 8)), np.ones((1, 8, 8))]), np.array([0, 1])))
        >>> bool(np.allclose(x.mean((1, 2, 3)), y[:, 1]))
        True
    """

    def _check(self, name: str, x: Picture) -> None:
        super()._check(name, x)
        if x.ndim != 4:
            raise ShapeError(f"{name} takes pictures (N, C, H, W), received {described(x)}", fix="use Mixup", op=name)

    def _mixed(self, x: Picture, drawn: Any) -> tuple[Picture, Any]:
        sizes = np.array(x.shape[-2:])
        half = np.sqrt(1 - drawn[:, :1]) * sizes / 2
        middle = drawn[:, 1:] * sizes
        first = np.rint(np.clip(middle - half, 0, sizes)).astype(np.intp)
        last = np.rint(np.clip(middle + half, 0, sizes)).astype(np.intp)
        out = x.copy()
        for k, ((top, left), (bottom, right)) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
            out[k, :, top:bottom, left:right] = x[k - 1, :, top:bottom, left:right]
        return out, (1 - (last - first).prod(1) / sizes.prod()).astype(x.dtype)


def _blend(values: Picture, share: Any) -> Picture:
    """Each entry mixed with the one before it."""
    share = share.astype(values.dtype).reshape(-1, *[1] * (values.ndim - 1))
    return share * values + (1 - share) * np.roll(values, 1, axis=0)
