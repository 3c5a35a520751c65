"""Pictures that are downloaded when asked for: MNIST, Fashion-MNIST, CIFAR-10."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from zkynet.data.download.fetching import Wish, contents
from zkynet.data.formats.cifar import RECORD, read_cifar
from zkynet.data.formats.idx import read_idx
from zkynet.data.formats.sources import damaged
from zkynet.data.sets.collection import Collection
from zkynet.data.sets.remote_files import CIFAR10, FASHION_MNIST, MNIST

__all__ = ["cifar10", "fashion_mnist", "mnist"]

Array = np.ndarray[Any, Any]


def mnist(*, progress: bool = True) -> Collection:
    """MNIST: 60,000 and 10,000 handwritten digits, 28 by 28, as float32 from 0 to 1 of shape (N, 1, 28, 28).

    The files (11.6 MB) are downloaded at the first call, and kept in `data_folder`; files that are there already,
    compressed or not, are taken. LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document
    recognition, Proceedings of the IEEE 86, 1998.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.mnist().train_arrays[0].shape  # doctest: +SKIP
        (60000, 1, 28, 28)
    """
    return _idx_set(
        MNIST,
        progress,
        classes=tuple("0123456789"),
        source="Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits",
        licence="CC BY-SA 3.0",
    )


def fashion_mnist(*, progress: bool = True) -> Collection:
    """Fashion-MNIST: 60,000 and 10,000 pictures of clothes, in the form of MNIST but harder.

    The files (30.9 MB) are downloaded at the first call, and kept in `data_folder`; files that are there already,
    compressed or not, are taken. Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv:1708.07747, 2017.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.fashion_mnist().classes[0]  # doctest: +SKIP
        'T-shirt/top'
    """
    return _idx_set(
        FASHION_MNIST,
        progress,
        classes=(
            "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
        ),
        source="Zalando Research: Fashion-MNIST, https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT",
    )  # fmt: skip


def cifar10(*, progress: bool = True) -> Collection:
    """CIFAR-10: 50,000 and 10,000 photographs of ten things, as float32 from 0 to 1 of shape (N, 3, 32, 32).

    The archive (170 MB) is downloaded at the first call, and kept in `data_folder`. The arrays take 740 MB of memory.
    Krizhevsky: Learning multiple layers of features from tiny images, 2009.

    Args:
        progress: whether to show the download.

    Example:
        >>> import zkynet as zk
        >>> zk.data.cifar10().train_arrays[0].shape  # doctest: +SKIP
        (50000, 3, 32, 32)
    """
    import tarfile

    (data,) = contents(CIFAR10, progress)
    parts = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:  # its digest is known: it is harmless
        for member in archive:
            name = member.name.rpartition("/")[2]
            if name.endswith(".bin") and (file := archive.extractfile(member)) is not None:
                parts[name] = read_cifar(file.read(10_001 * RECORD))
    del data
    names = [f"data_batch_{i}.bin" for i in range(1, 6)]
    if missing := {*names, "test_batch.bin"} - parts.keys():
        raise damaged(CIFAR10.files[0].name, f"there is no {min(missing)} in it")
    pictures, labels = (np.concatenate([parts[name][i] for name in names]) for i in (0, 1))
    return Collection(
        name="cifar10",
        train_arrays=(_scaled(pictures), labels.astype(np.int64)),
        test_arrays=(_scaled(parts["test_batch.bin"][0]), parts["test_batch.bin"][1].astype(np.int64)),
        source="A. Krizhevsky: CIFAR-10, https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="none stated; the author asks to be cited",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    )


def _idx_set(wish: Wish, progress: bool, classes: tuple[str, ...], source: str, licence: str) -> Collection:
    arrays = [read_idx(data) for data in contents(wish, progress)]
    parts = []
    for pictures, labels in (arrays[:2], arrays[2:]):
        parts.append((_scaled(pictures[:, None]), labels.astype(np.int64)))
    return Collection(wish.name, parts[0], parts[1], source, licence, classes)


def _scaled(pictures: Array) -> Array:
    """From 0 to 255 as bytes, to 0 to 1."""
    return np.divide(pictures, np.float32(255), dtype=np.float32)
