"""Rows for zkynet/fft/."""

import numpy as np
from table import Row, complex_normal, normal

FRONT = "counts axes from the front"
ALL = "transforms all axes"

REAL = ("rfft", "ihfft")
HALF = ("irfft", "hfft")


def one_axis():
    rows = []
    for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
        function = getattr(np.fft, name)
        sampler = normal if name in REAL else complex_normal
        for m, lengths in ((5, ((1, "backward"), (4, "forward"), (8, "ortho"))), (6, ((2, "ortho"), (7, "backward")))):
            rows.append(Row(f"fft.{name}:of {m}", (sampler(2, m),), function))
            rows += [
                Row(f"fft.{name}:{m} to {n}", (sampler(2, m),), function, kwargs={"n": n, "norm": norm})
                for n, norm in lengths
            ]
        if name in HALF:
            rows += [Row(f"fft.{name}:n={n}", (sampler(2, 5),), function, kwargs={"n": n}) for n in (9, 10, 11)]
            rows.append(Row(f"fft.{name}:of real numbers", (normal(2, 5),), function))
        rows.append(
            Row(f"fft.{name}:axis", (sampler(3, 4, 2),), function, kwargs={"axis": -2, "norm": "forward"}),
        )
        rows.append(Row(f"fft.{name}:first axis", (sampler(3, 2),), function, kwargs={"axis": 0}, batch=FRONT))
    return [
        *rows,
        Row("fft.fft:of real numbers", (normal(2, 5),), np.fft.fft),
        Row("fft.ifft:of real numbers", (normal(2, 5),), np.fft.ifft, kwargs={"n": 4}),
    ]


def several_axes():
    rows = []
    for name in ("fftn", "ifftn", "rfftn", "irfftn"):
        function = getattr(np.fft, name)
        sampler = normal if name == "rfftn" else complex_normal
        rows += [
            Row(f"fft.{name}", (sampler(2, 3, 4),), function, batch=ALL),
            Row(f"fft.{name}:axes", (sampler(2, 3, 4),), function, kwargs={"axes": (-1, -2), "norm": "ortho"}),
            Row(f"fft.{name}:one axis", (sampler(3, 4),), function, kwargs={"axes": (-2,)}),
            Row(
                f"fft.{name}:lengths",
                (sampler(3, 4),),
                function,
                kwargs={"s": (5, 3), "axes": (-2, -1), "norm": "forward"},
            ),
            Row(f"fft.{name}:a length of -1", (sampler(3, 4),), function, kwargs={"s": (-1, 6), "axes": (-1, -2)}),
        ]
    for name in ("fft2", "ifft2", "rfft2", "irfft2"):
        sampler = normal if name == "rfft2" else complex_normal
        rows.append(Row(f"fft.{name}", (sampler(3, 4),), getattr(np.fft, name)))
    return [*rows, Row("fft.fftn:of real numbers", (normal(3, 4),), np.fft.fftn, batch=ALL)]


ROWS = [
    *one_axis(),
    *several_axes(),
    Row("fft.fftshift", (normal(4, 5),), np.fft.fftshift, batch=ALL),
    Row("fft.fftshift:axes", (normal(4, 5),), np.fft.fftshift, kwargs={"axes": (-1,)}),
    Row("fft.ifftshift", (normal(4, 5),), np.fft.ifftshift, batch=ALL),
    Row("fft.ifftshift:axis", (complex_normal(4, 5),), np.fft.ifftshift, kwargs={"axes": -2}),
]
