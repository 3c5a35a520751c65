"""The data sets that come with zkynet: their values, their parts, and that they ship."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.data.sets.dates import LANGUAGES, written

pytestmark = pytest.mark.once

FILES = Path(zk.data.__file__).parent / "sets"


@pytest.mark.slow
def test_digits_are_those_of_the_uci_file() -> None:
    theirs = pytest.importorskip("sklearn.datasets", reason="scikit-learn ships the file").load_digits()
    digits = zk.data.digits("writers")
    x, y = (np.concatenate(parts) for parts in zip(digits.train_arrays, digits.test_arrays, strict=True))
    assert (x.reshape(1797, 64) * 16 == theirs.data).all()
    assert (y == theirs.target).all()
    assert digits.classes == tuple(map(str, theirs.target_names))


@pytest.mark.parametrize("split", ["stratified", "writers"])
def test_digits_have_the_kinds_and_parts_that_are_promised(split: str) -> None:
    digits = zk.data.digits(split)
    for (x, y), n in ((digits.train_arrays, 1437), (digits.test_arrays, 360)):
        assert x.shape == (n, 1, 8, 8)
        assert y.shape == (n,)
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert x.flags.c_contiguous
        assert x.min() == 0
        assert x.max() == 1
    counts = np.bincount(digits.train_arrays[1]) + np.bincount(digits.test_arrays[1])
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # of the UCI's description


def test_the_stratified_digits_have_a_fifth_of_each_class_in_the_test_part() -> None:
    digits = zk.data.digits()
    tested, trained = np.bincount(digits.test_arrays[1]), np.bincount(digits.train_arrays[1])
    assert (abs(tested - (tested + trained) / 5) < 1).all()


def test_no_digit_is_in_both_parts() -> None:
    digits = zk.data.digits()
    one, two = ({tuple(x.ravel()) for x in part[0]} for part in (digits.train_arrays, digits.test_arrays))
    assert not one & two


def test_a_loader_takes_the_parts_as_they_are() -> None:
    x, y = next(iter(zk.data.DataLoader(zk.data.digits().train, batch_size=32)))
    assert (x.shape, y.shape) == ((32, 1, 8, 8), (32,))
    assert (x.dtype, y.dtype) == (zk.float32, zk.int64)
    pairs = zk.data.DataLoader(zk.data.dates(10, test=5).test, batch_size=5)
    assert [len(batch) for batch in next(iter(pairs))] == [5, 5]


def test_changing_a_data_set_does_not_change_the_next_one() -> None:
    zk.data.digits().train_arrays[0][:] = 0
    assert zk.data.digits().train_arrays[0].max() == 1


def test_cars_have_the_means_that_the_literature_gives() -> None:
    """James, Witten, Hastie, Tibshirani: An Introduction to Statistical Learning, data set Auto, 392 cars."""
    cars = zk.data.cars()
    x, y = (np.concatenate(parts) for parts in zip(cars.train_arrays, cars.test_arrays, strict=True))
    mean = dict(zip(cars.columns, x.mean(0, dtype=np.float64), strict=True))
    assert len(x) == 392
    assert float(y.mean(dtype=np.float64)) == pytest.approx(23.446, abs=5e-4)
    assert mean["horsepower"] == pytest.approx(104.469, abs=5e-4)
    assert mean["weight"] == pytest.approx(2977.58, abs=5e-3)
    assert mean["displacement"] == pytest.approx(194.412, abs=5e-4)
    assert mean["acceleration"] == pytest.approx(15.541, abs=5e-4)
    assert x[:, -3:].sum(0).tolist() == [245, 68, 79]  # USA, Europe, Japan
    assert len(cars.columns) == len(cars.units) == x.shape[1]
    assert x.dtype == y.dtype == np.float32


def test_topics_are_plain_and_no_paragraph_of_the_validation_part_is_in_the_training_part() -> None:
    text = zk.data.topics_text()
    assert set(text.characters) <= {"\n", *map(chr, range(32, 127))}
    assert not set(text.validation.split("\n\n")) & set(text.train.split("\n\n")) - {""}
    assert 0.09 < len(text.validation) / (len(text.train) + len(text.validation)) < 0.11
    assert (text.train, text.validation) == (zk.data.topics_text().train, zk.data.topics_text().validation)


def test_without_pythons_topics_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pydoc_data.topics", None)
    with pytest.raises(zk.errors.MissingFileError, match="libpython3-stdlib"):
        zk.data.topics_text()


@pytest.mark.parametrize("languages", ["en", ("en", "de", "fr", "es", "it")])
def test_dates_are_different_in_both_parts_and_their_days_too(languages: Any) -> None:
    dates = zk.data.dates(3000, 5, test=500, languages=languages)
    assert [len(set(dates.train)), len(set(dates.test))] == [3000, 500]
    assert not {iso for _, iso in dates.train} & {iso for _, iso in dates.test}
    assert all(datetime.date.fromisoformat(iso).isoformat() == iso for _, iso in dates.train)


def test_dates_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert zk.data.dates(50, 3).train == zk.data.dates(50, 3).train != zk.data.dates(50, 4).train
    assert zk.data.dates(50, 3).train == zk.data.dates(80, 3).train[:50]


def test_each_written_date_has_one_meaning_in_all_languages_together() -> None:
    days = [datetime.date(1969, 1, 1) + datetime.timedelta(i) for i in range(0, 36525, 41)]
    forms = [(language, form) for language in LANGUAGES.values() for form in language.forms]
    meaning: dict[str, datetime.date] = {}
    for day, (language, form) in itertools.product(days, forms):
        assert meaning.setdefault(written(day, language, form), day) == day


STRPTIME = {
    "{d} {M} {y}": "%d %B %Y", "{M} {d}, {y}": "%B %d, %Y", "{W}, {M} {d}, {y}": "%A, %B %d, %Y",
    "{d}-{S}-{y}": "%d-%b-%Y", "{W3}, {dd} {S} {y}": "%a, %d %b %Y", "{dd}/{S}/{yy}": "%d/%b/%y",
    "{m}/{d}/{yy}": "%m/%d/%y", "{dd}.{mm}.{y}": "%d.%m.%Y", "{y}{mm}{dd}": "%Y%m%d", "{d}.{m}.{yy}": "%d.%m.%y",
}  # fmt: skip


@pytest.mark.parametrize("form", STRPTIME)
def test_pythons_own_parser_reads_the_dates_as_we_do(form: str) -> None:
    for i in range(0, 36525, 197):
        day = datetime.date(1969, 1, 1) + datetime.timedelta(i)
        text = written(day, LANGUAGES["en"], form)
        assert datetime.datetime.strptime(text, STRPTIME[form]).date() == day, text


def test_ordinals() -> None:
    said = [written(datetime.date(2000, 1, d), LANGUAGES["en"], "{d}{th}") for d in range(1, 32)]
    assert said[:4] == ["1st", "2nd", "3rd", "4th"]
    assert said[10:13] == ["11th", "12th", "13th"]
    assert said[20:24] == ["21st", "22nd", "23rd", "24th"]
    assert said[29:] == ["30th", "31st"]


def test_more_dates_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="no more than"):
        zk.data.dates(10, test=110_000)
    with pytest.raises(ValueError, match="no language 'xx'"):
        zk.data.dates(10, languages=["en", "xx"])


TOYS = {
    "spirals": zk.data.spirals, "moons": zk.data.moons, "circles": zk.data.circles, "blobs": zk.data.blobs,
    "xor": zk.data.xor,
}  # fmt: skip


@pytest.mark.parametrize("toy", TOYS.values(), ids=TOYS)
def test_toys_have_as_many_points_of_each_class_and_depend_on_the_seed_alone(toy: Any) -> None:
    one, two, other = toy(600), toy(600), toy(600, seed=1)
    for part in ("train_arrays", "test_arrays"):
        x, y = getattr(one, part)
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert np.ptp(np.bincount(y, minlength=len(one.classes))) <= 1
        assert (x == getattr(two, part)[0]).all()
        assert (x != getattr(other, part)[0]).any()
    assert (len(one.train_arrays[0]), len(one.test_arrays[0])) == (480, 120)


def test_toys_without_noise_lie_on_their_curves() -> None:
    x, y = zk.data.circles(100, noise=0, inner=0.25).train_arrays
    np.testing.assert_allclose(np.hypot(*x.T), np.where(y == 0, 1, 0.25), rtol=1e-6)
    x, y = zk.data.spirals(300, classes=3, noise=0, turns=1.5).train_arrays
    r, phi = np.hypot(*x.T), np.arctan2(*x.T[::-1])
    turned = (phi / (2 * np.pi) - 1.5 * r - y / 3) % 1
    np.testing.assert_allclose(np.minimum(turned, 1 - turned), 0, atol=1e-6)
    x, y = zk.data.moons(100, noise=0).train_arrays
    centre = np.where(y[:, None] == 0, [-0.5, -0.25], [0.5, 0.25])
    np.testing.assert_allclose(np.hypot(*(x - centre).T), 1, rtol=1e-6)
    x, y = zk.data.xor(100, noise=0).train_arrays
    assert ((x[:, 0] * x[:, 1] < 0) == (y == 1)).all()
    assert set(np.abs(x).ravel().tolist()) == {1.0}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: zk.data.moons(3), "moons: n is at least 5, received 3"),
        (lambda: zk.data.moons(10, noise=-1), "moons: noise is a number from 0 on, received -1.0"),
        (lambda: zk.data.moons(10, noise=float("nan")), "moons: noise is a number from 0 on, received nan"),
        (lambda: zk.data.blobs(10, classes=1), "blobs: classes is at least 2, received 1"),
        (lambda: zk.data.xor(10, seed=-1), "xor: seed is at least 0, received -1"),
        (lambda: zk.data.dates(0), "dates: n is at least 1, received 0"),
        (lambda: zk.data.digits("random"), "digits: split is 'stratified' or 'writers', received 'random'"),
    ],
)
def test_what_cannot_be_made_is_refused(call: Any, says: str) -> None:
    with pytest.raises(zk.errors.InvalidValueError) as caught:
        call()
    assert caught.value.headline == says


def test_every_file_that_ships_has_its_source_and_licence_named() -> None:
    text = (FILES / "SOURCES.md").read_text()
    for file in (FILES / "files").iterdir():
        assert f"`files/{file.name}`" in text
    for collection in (zk.data.digits(), zk.data.cars(), zk.data.topics_text(), zk.data.dates(5), zk.data.xor()):
        assert f"`{collection.name}()`" in text
        assert collection.licence in text


def test_what_ships_is_small() -> None:
    assert sum(file.stat().st_size for file in (FILES / "files").iterdir()) < 70_000
