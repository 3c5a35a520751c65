"""Rows for zkynet/ops/statistics.py, nan_statistics.py, histograms.py and interpolation.py."""

import numpy as np
from table import Row, complex_normal, distinct, integers, normal, positive, uniform

from rows.reduction import WHOLE, over


def with_nans(*shape):
    """Normal numbers, every fifth of them NaN. No finite differences there: used for values only."""

    def draw(rng):
        x = rng.standard_normal(shape)
        x.reshape(-1)[::5] = np.nan
        return x

    return draw


def increasing(n):
    """Numbers in order, with gaps."""
    return lambda rng: np.cumsum(rng.uniform(0.2, 1.0, n)) - n / 3


def moment(function):
    """NumPy's `var` or `std` with the standard's name for ddof."""
    return lambda x, correction=0, **kwargs: function(x, ddof=correction, **kwargs)


def average(x, w):
    return np.average(x, axis=-1, weights=w)


ROWS = [
    *over("mean", np.mean, normal(2, 3, 2)),
    Row("mean:complex", (complex_normal(3, 4),), np.mean, kwargs={"axis": -1}),
    *over("var", np.var, normal(2, 3, 2)),
    Row("var:correction", (normal(3, 4),), moment(np.var), kwargs={"axis": -1, "correction": 1}),
    Row("var:fraction", (normal(3, 4),), moment(np.var), kwargs={"axis": -1, "correction": 0.5}),
    Row("var:complex", (complex_normal(3, 4),), np.var, kwargs={"axis": -1}),
    *[row for row in over("std", np.std, normal(2, 3, 2)) if row.name != "std:no axes"],
    Row("std:correction", (normal(3, 4),), moment(np.std), kwargs={"axis": -1, "correction": 1}),
    Row("std:complex", (complex_normal(3, 4),), np.std, kwargs={"axis": -1}),
    *over("ptp", np.ptp, distinct(2, 3, 2))[:-1],
    *over("median", np.median, distinct(2, 3, 2))[:-1],
    Row("median:odd", (distinct(3, 5),), np.median, kwargs={"axis": -1}),
    Row("quantile", (distinct(3, 5),), np.quantile, kwargs={"q": 0.3, "axis": -1}),
    Row("quantile:ends", (distinct(3, 5),), np.quantile, kwargs={"q": [0.0, 1.0], "axis": -1}, batch="levels go first"),
    Row("quantile:all", (distinct(3, 5),), np.quantile, kwargs={"q": [0.1, 0.77], "keepdims": True}, batch=WHOLE),
    Row("average", (normal(3, 4),), np.average, batch=WHOLE),
    Row("average:weights", (normal(3, 4), positive(3, 4)), average, lambda zk, x, w: zk.average(x, -1, w)),
    Row(
        "average:weights of an axis",
        (normal(3, 4), positive(4)),
        average,
        lambda zk, x, w: zk.average(x, -1, w),
        batch="weights of one axis have no batch",
    ),
    Row("nansum", (normal(3, 4),), np.nansum, kwargs={"axis": -1}),
    Row("nansum:NaNs", (with_nans(3, 4),), np.nansum, kwargs={"axis": -1}, order=0),
    Row("nanmean", (normal(3, 4),), np.nanmean, kwargs={"axis": -1}),
    Row("nanmean:NaNs", (with_nans(3, 4),), np.nanmean, kwargs={"axis": -1}, order=0),
    Row("cov", (normal(3, 5),), np.cov, batch="takes matrices"),
    Row("cov:one variable", (normal(5),), np.cov, batch="takes matrices"),
    Row("cov:complex", (complex_normal(3, 5),), np.cov, batch="takes matrices"),
    Row("corrcoef", (normal(3, 6),), np.corrcoef, batch="takes matrices"),
    Row("histogram", (normal(50),), np.histogram, kwargs={"bins": 7}, order=0, batch=WHOLE),
    Row(
        "histogram:density",
        (normal(50),),
        np.histogram,
        kwargs={"range": (-1, 2), "density": True},
        order=0,
        batch=WHOLE,
    ),
    Row("histogram:edges", (normal(50),), np.histogram, kwargs={"bins": [-1.0, 0.0, 0.3, 2.0]}, order=0, batch=WHOLE),
    Row("bincount", (integers(0, 9, 20),), np.bincount, kwargs={"minlength": 12}, order=0, batch="takes one axis"),
    Row(
        "bincount:weights",
        (integers(0, 5, 12), normal(12)),
        lambda x, w: np.bincount(x, w),
        batch="takes one axis",
    ),
    Row("percentile", (distinct(3, 5),), np.percentile, kwargs={"q": 30, "axis": -1}),
    Row("percentile:several", (distinct(3, 5),), np.percentile, kwargs={"q": [0, 12.5, 100]}, batch=WHOLE),
    *[
        Row(f"{name}{word}", (sampler(3, 5),), getattr(np, name), kwargs={"axis": -1}, order=order)
        for name in ("nanmax", "nanmin", "nanprod", "nanvar", "nanstd", "nanmedian")
        for word, sampler, order in (("", distinct, 2), (":NaNs", with_nans, 0))
    ],
    Row("nanquantile", (distinct(3, 5),), np.nanquantile, kwargs={"q": 0.3, "axis": -1}),
    Row("nanquantile:NaNs", (with_nans(3, 4),), np.nanquantile, kwargs={"q": [0.0, 0.3, 1.0]}, order=0, batch=WHOLE),
    Row("nanvar:correction", (with_nans(3, 5),), np.nanvar, kwargs={"axis": -1, "correction": 1}, order=0),
    Row("interp", (normal(3, 4), increasing(5), normal(5)), np.interp, batch="the points are one list"),
    Row(
        "interp:ends",
        (uniform(-9, 9, 6), increasing(5), normal(5)),
        lambda x, xp, fp: np.interp(x, xp, fp, left=-1.0, right=2.0),
        lambda zk, x, xp, fp: zk.interp(x, xp, fp, left=-1.0, right=2.0),
        batch="the points are one list",
    ),
    Row("interp:one point", (normal(4), normal(1), normal(1)), np.interp, batch="the points are one list"),
]
