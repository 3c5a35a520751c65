"""Dates as people write them, with their translation to ISO 8601: a task of translation without a file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zkynet.data.sets.bundled import at_least, numbers
from zkynet.data.sets.collection import PairCollection
from zkynet.errors import InvalidValueError

__all__ = ["dates"]

FIRST, LAST = datetime.date(1969, 1, 1), datetime.date(2068, 12, 31)
"""A hundred years, so that two digits name each; POSIX reads them in the same way."""


class Language(NamedTuple):
    """Names, and forms in which dates are written.

    In the forms, d is the day, dd the day with two digits, so m and mm for the month; y the year, yy its last two
    digits; th the ending of the day, W the weekday, M the month, S the month in three letters.
    """

    months: list[str]
    weekdays: list[str]
    forms: list[str]
    endings: dict[int, str]


def _words(text: str) -> list[str]:
    return text.split()


ENGLISH = Language(
    _words("January February March April May June July August September October November December"),
    _words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
    [
        "{d} {M} {y}", "{M} {d}, {y}", "{d}{th} {M} {y}", "{M} {d}{th}, {y}", "the {d}{th} of {M}, {y}",
        "{d}{th} of {M} {y}", "{W}, {M} {d}, {y}", "{W} {d} {M} {y}", "{W} the {d}{th} of {M} {y}", "{S} {d}, {y}",
        "{d} {S} {y}", "{d}-{S}-{y}", "{W3}, {dd} {S} {y}", "{y} {M} {d}", "{y} {S} {dd}", "{M} {y}, day {d}",
        "{dd}/{S}/{yy}", "{d} {S} '{yy}", "{S} {d} '{yy}", "{mm}/{dd}/{y}", "{m}/{d}/{y}", "{m}/{d}/{yy}",
        "{dd}.{mm}.{y}", "{d}.{m}.{y}", "{d}.{m}.{yy}", "{y}/{mm}/{dd}", "{y}.{mm}.{dd}", "{y}{mm}{dd}",
    ],
    {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st", 0: "th"},
)  # fmt: skip
GERMAN = Language(
    _words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
    _words("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
    ["{d}. {M} {y}", "{W}, den {d}. {M} {y}", "der {d}. {M} {y}", "{dd}. {S}. {y}", "{dd}.{mm}.{y}", "{d}.{m}.{yy}"],
    {0: ""},
)
FRENCH = Language(
    _words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
    _words("lundi mardi mercredi jeudi vendredi samedi dimanche"),
    ["{d}{th} {M} {y}", "le {d}{th} {M} {y}", "{W} {d}{th} {M} {y}", "le {W} {d}{th} {M} {y}", "{dd}.{mm}.{y}"],
    {1: "er", 0: ""},
)
SPANISH = Language(
    _words("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    _words("lunes martes miércoles jueves viernes sábado domingo"),
    ["{d} de {M} de {y}", "{W}, {d} de {M} de {y}", "el {d} de {M} del {y}", "{d} {M} {y}", "{dd}.{mm}.{y}"],
    {0: ""},
)
ITALIAN = Language(
    _words("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    _words("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
    ["{d}{th} {M} {y}", "{W} {d}{th} {M} {y}", "il {d}{th} {M} {y}", "{dd}.{mm}.{y}"],
    {1: "º", 0: ""},
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "it": ITALIAN}


def dates(
    n: int = 10_000, seed: int = 0, *, test: int = 1_000, languages: str | Sequence[str] = "en"
) -> PairCollection:
    """Dates in many written forms, each with its ISO form: pairs such as ("the 3rd of May, 2004", "2004-05-03").

    The days are those from 1969 to 2068. A tenth of them is set aside: the test pairs are of days that do not occur
    in training in any form. All texts are different, and each has one meaning: with slashes the month comes before
    the day, with dots the day before the month (the year before both where it comes first), and two digits name a year
    from 1969 on. The same arguments always give the same pairs.

    Args:
        n: how many pairs to train on.
        seed: which random numbers.
        test: how many pairs to test with.
        languages: one or several of ``"en"``, ``"de"``, ``"fr"``, ``"es"``, ``"it"``; the names of months and days, and
            the usual forms.

    Example:
        >>> import zkynet as zk
        >>> dates = zk.data.dates(2000)
        >>> dates
        dates: 2000 pairs to train on, 1000 to test with
        >>> {iso for _, iso in dates.train} & {iso for _, iso in dates.test}
        set()
    """
    n, test = at_least("dates", "n", n, 1), at_least("dates", "test", test, 0)
    names = [languages] if isinstance(languages, str) else list(languages)
    for name in names:
        if name not in LANGUAGES:
            raise InvalidValueError(
                f"dates: there is no language {name!r}", fix=f"pass some of {', '.join(LANGUAGES)}", languages=names
            )
    if not names:
        raise InvalidValueError("dates: there has to be a language", fix='pass languages="en"', languages=names)
    forms = [(LANGUAGES[name], form) for name in dict.fromkeys(names) for form in LANGUAGES[name].forms]
    rng = numbers("dates", seed)
    days = rng.permutation((LAST - FIRST).days + 1)
    cut = len(days) // 10
    return PairCollection(
        name="dates",
        train=_pairs("n", n, days[cut:], forms, rng),
        test=_pairs("test", test, days[:cut], forms, rng),
        source="made by zkynet from random numbers",
        licence="Apache-2.0",
    )


def _pairs(
    argument: str, n: int, days: np.ndarray[tuple[int], np.dtype[np.int64]], forms: Sequence[tuple[Language, str]],
    rng: np.random.Generator,
) -> list[tuple[str, str]]:  # fmt: skip
    """Different texts, of days and forms drawn evenly."""
    out: dict[str, str] = {}
    count = len(days) * len(forms)
    for place in rng.permutation(count).tolist() if n <= count else ():
        if len(out) == n:
            break
        day = FIRST + datetime.timedelta(int(days[place // len(forms)]))
        out[written(day, *forms[place % len(forms)])] = day.isoformat()
    if len(out) < n:
        raise InvalidValueError(
            f"dates: there are no more than {len(out) or count} different pairs for {argument}, received {n}",
            fix="pass a smaller number, or more languages",
        )
    return list(out.items())


def written(day: datetime.date, language: Language, form: str) -> str:
    """A date in one of the forms of a language.

    Args:
        day: the date.
        language: names of months and days.
        form: the form.

    Example:
        >>> written(datetime.date(2004, 5, 3), ENGLISH, "{W}, the {d}{th} of {M} '{yy}")
        "Monday, the 3rd of May '04"
    """
    month, weekday = language.months[day.month - 1], language.weekdays[day.weekday()]
    return form.format(
        d=day.day, dd=f"{day.day:02}", m=day.month, mm=f"{day.month:02}", y=day.year, yy=f"{day.year % 100:02}",
        th=language.endings.get(day.day, language.endings[0]), M=month, S=month[:3], W=weekday, W3=weekday[:3],
    )  # fmt: skip
