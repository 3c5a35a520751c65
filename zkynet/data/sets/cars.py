"""Cars of 1970 to 1982: how far they drive on a gallon."""

from __future__ import annotations

import numpy as np

from zkynet.data.formats.table import read_csv
from zkynet.data.sets.bundled import bundled
from zkynet.data.sets.collection import Collection

__all__ = ["cars"]

UNITS = {
    "cylinders": "count", "displacement": "cubic inches", "horsepower": "hp", "weight": "pounds",
    "acceleration": "seconds from 0 to 60 miles per hour", "year": "year",
}  # fmt: skip

ORIGINS = ("USA", "Europe", "Japan")


def cars() -> Collection:
    """Fuel economy of 392 cars (UCI Auto MPG): a table for regression, which comes with zkynet.

    Six numbers, and the origin as three columns of 0 and 1, are to tell the miles per gallon. The numbers are as
    measured; subtract the training part's mean and divide by its deviation before a network sees them. Six cars of the
    table, whose horsepower is not known, are left out. The file is in the order of the years; every fifth car, the
    first one included, is for testing: 313 and 79.

    Example:
        >>> import zkynet as zk
        >>> cars = zk.data.cars()
        >>> x, y = cars.train_arrays
        >>> x.shape, y.shape, cars.target
        ((313, 9), (313, 1), 'mpg (miles per US gallon)')
        >>> dict(zip(cars.columns, x[0].tolist()))["weight"]
        3693.0
    """
    table = read_csv(bundled("cars.csv"))
    table = table.rows(~np.isnan(table["horsepower"]))
    origins = np.stack([(table["origin"] == origin).astype(np.float32) for origin in ORIGINS], axis=1)
    x = np.concatenate([table.numbers(list(UNITS)), origins], axis=1)
    y = table.numbers(["mpg"])
    is_test = np.arange(len(table)) % 5 == 0
    return Collection(
        name="cars",
        train_arrays=(x[~is_test], y[~is_test]),
        test_arrays=(x[is_test], y[is_test]),
        source="R. Quinlan: Auto MPG, UCI, doi:10.24432/C5859H",
        licence="CC BY 4.0",
        columns=(*UNITS, *(f"origin {o}" for o in ORIGINS)),
        units=(*UNITS.values(), "0 or 1", "0 or 1", "0 or 1"),
        target="mpg (miles per US gallon)",
    )
