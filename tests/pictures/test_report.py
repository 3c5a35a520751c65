"""The report of a run: one page of valid HTML that needs nothing else and in which no text is taken for HTML."""

from __future__ import annotations

import base64
import json
import math
import re
import shlex
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import zkynet as zk
from zkynet.errors import FileFormatError, MissingFileError
from zkynet.runs import Goal, Run, report_html, write_report
from zkynet.runs.curves import chart

pytestmark = pytest.mark.once

HOSTILE = "</pre></style><script>alert(1)</script><img src=x onerror=alert(2)>\" ' & &lt; \x00\x08 日本 🦊"
PNG = base64.b64decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")


class Page(HTMLParser):
    """The elements of a page, its text, and whether every element is closed in its turn."""

    ALONE = frozenset({"meta", "img", "line", "polyline", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.ALONE:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def finished_run(folder: Path, words: str = "plain words", **options: Any) -> Run:
    """A run that has everything that a report shows."""
    about = {"teaches": words, "source": words, "doc": f"Title.\n\n{words}"}
    settings = {"hidden": 64, words: words, "sizes": (3, 4), "bias": True, "rate": None, "epochs": 2}
    goals = [Goal("accuracy", at_least=0.9), Goal(words, at_most=1.0)]
    with Run(folder, settings, name="lesson", title=words, goals=goals, show=False, about=about, **options) as run:
        for name in ("", words):
            stem = f"metrics-{re.sub(r'[^a-z]', '-', name)}" if name else "metrics"
            logger = zk.train.CSVLogger(folder / f"{stem}.csv", steps=True)
            for epoch in range(1, 4):
                logger.log(epoch * 5, epoch - 1, {"loss": 7.0}, "step")
                logger.log(epoch * 5, epoch, {"loss": 1 / epoch, "val_loss": 2 / epoch, words: epoch, "lr": 0.1})
            logger.close()
        run.picture(words, PNG, caption=words)
        run.text(words, words, caption=words)
        run.table(words, [{"model": words, words: 0.5}, {"model": "b", words: 123456.75}], caption=words)
        run.say(words)
        run.result("accuracy", 0.95)
        run.result("seconds", 3)
    return run


def test_a_report_is_valid_html_and_has_all_that_the_run_has(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    html = (run.folder / "report.html").read_text()
    page = Page(html)
    for words in (
        *("accuracy", "0.95", "at least 0.9", "✓ reached", "✗ not reached", "goal not reached"),
        *("hidden 64", "sizes 3,4", "bias true", "rate none", "backend numpy", "seed 0", "numpy"),
        *("best: 0.6667, epoch 3", "metrics.csv", "pictures/plain-words.png", "What it teaches: plain words."),
    ):
        assert words in page.text
    image = page.all("img")[0]
    assert image["alt"] == "plain words"
    assert base64.b64decode((image["src"] or "").removeprefix("data:image/png;base64,")) == PNG
    command = "zkynet train lesson --set hidden=64 --set 'plain words=plain words' --set sizes=3,4 --set bias=true"
    assert command in page.text
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(b - a for a, b in pairwise(levels)) == 1  # no level is left out
    assert all("scope" in cell for cell in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in page.all("svg"))
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    html5lib.HTMLParser(strict=True).parse(html)


def test_no_text_is_taken_for_html_and_nothing_is_loaded(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", HOSTILE)
    html = (run.folder / "report.html").read_text()
    page = Page(html)
    assert not {"script", "iframe", "object", "link", "base", "form"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("src", "href", "action", "data"):
            value = attributes.get(name) or ""
            assert tag in ("a", "img") or not value
            assert value.startswith("data:image/png;base64,") or re.fullmatch(r"[\w./%-]*", value)
    shown = HOSTILE.replace("\x00", "�").replace("\x08", "�")
    assert page.text.count(" ".join(shown.split())) > 12
    assert "url(" not in html.replace("&", "")
    assert "default-src 'none'" in next(m["content"] or "" for m in page.all("meta") if "content" in m)
    for row in page.all("img"):
        assert row["alt"] == shown
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    html5lib.HTMLParser(strict=True).parse(html)


def test_files_outside_of_the_folder_are_not_shown(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run")
    (tmp_path / "secret.txt").write_text("secret words")
    (tmp_path / "secret.png").write_bytes(PNG + b"secret")
    (run.folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    results = json.loads((run.folder / "results.json").read_text())
    results["texts"] = [{"name": "a", "file": f} for f in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt")]
    results["pictures"] = [{"name": "a", "file": "../secret.png"}, {"name": "b", "file": "config.json"}]
    (run.folder / "results.json").write_text(json.dumps(results))
    html = report_html(run.folder)
    assert "secret words" not in html
    assert not Page(html).all("img")


def test_files_altered_by_hand_make_a_report_or_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"config\.json"):
        report_html(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    Page(report_html(tmp_path))
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(FileFormatError, match="is damaged"):
        report_html(tmp_path)
    (tmp_path / "config.json").write_text('{"settings": 3, "versions": [], "title": ["a"], "teaches": 1, "recipe": 5}')
    (tmp_path / "results.json").write_text(
        '{"goals": [1, {"at_least": "x", "reached": "yes"}], "pictures": {"a": 1}, "texts": [{}, {"file": 3}, null],'
        '"tables": [{"file": "metrics.csv"}], "said": "words", "seconds": "long", "results": [], "status": null}'
    )
    (tmp_path / "metrics.csv").write_bytes(b'epoch,loss\n1,2,3\n\xff\xfe,nan\n"unclosed')
    Page(report_html(tmp_path))


def test_a_run_that_stopped_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "my runs"
    about = {"teaches": "a", "source": "b"}
    with pytest.raises(ZeroDivisionError), Run(folder, {"epochs": 3}, name="lesson", about=about, show=False):
        1 / 0  # noqa: B018
    page = Page((folder / "report.html").read_text())
    assert "ended by an error" in page.text
    assert shlex.join(["zkynet", "train", "lesson", "--resume", str(folder)]) in page.text


def test_a_trainer_of_a_run_leaves_logs_that_the_report_shows(tmp_path: Path) -> None:
    x = zk.tensor([[0.0], [1.0], [2.0]])
    with Run(tmp_path / "run", show=False) as run:
        for name in ("first", "second"):
            history = run.trainer(zk.nn.Linear(1, 1), "mse", "sgd", name=name).fit((x, 2 * x), (x, x), epochs=3)
    rows = (run.folder / "metrics-second.csv").read_text().splitlines()
    assert rows[0].startswith("epoch,step,loss,val_loss")
    assert [float(row.split(",")[2]) for row in rows[1:]] == history["loss"]
    assert (run.folder / "metrics-first.jsonl").exists()
    page = Page(write_report(run.folder).read_text())
    assert len(page.all("svg")) == 2
    assert not page.all("img")  # the pictures of the losses would say the same again


def points(svg: str) -> list[list[tuple[float, float]]]:
    lines = [a["points"] or "" for a in Page(svg).all("polyline")]
    return [[(float(x), float(y)) for x, y in (p.split(",") for p in line.split())] for line in lines]


def test_curves_have_their_values_where_the_axis_says() -> None:
    svg = chart("loss", {"training": [(1, 4.0), (2, 2.0), (3, 1.0)]})
    line = points(svg)[0]
    heights = {
        float(number): float(y)
        for y, number in re.findall(r'<text x="\d+" y="([\d.]+)" text-anchor="end">([\d.]+)</text>', svg)
    }
    for (_, y), value in zip(line, (4.0, 2.0, 1.0), strict=True):
        assert y == pytest.approx(heights[value] - 4, abs=0.11)
    assert line[1][0] == pytest.approx((line[0][0] + line[2][0]) / 2, abs=0.1)


def test_curves_over_many_powers_of_ten_are_on_a_logarithmic_axis() -> None:
    svg = chart("loss", {"training": [(1, 100.0), (2, 1.0), (3, 0.01)]})
    assert "logarithmic" in svg
    (_, a), (_, b), (_, c) = points(svg)[0]
    assert b - a == pytest.approx(c - b, abs=0.11)
    assert points(chart("loss", {"training": [(1, 1e300), (2, 1e-300)]}))


def test_curves_have_gaps_and_may_be_a_point_flat_or_nothing() -> None:
    nan = math.nan
    assert [len(p) for p in points(chart("a", {"b": [(1, 1.0), (2, 2.0), (3, nan), (4, 1.0), (5, 2.0)]}))] == [2, 2]
    assert chart("a", {"b": [(1, nan), (2, math.inf)]}) == ""
    assert "<circle" in chart("a", {"b": [(1, 3.0)]})
    for flat in (0.0, 5.0, -1e-30, 1e30):
        assert len(points(chart("a", {"b": [(1, flat), (2, flat)]}))[0]) == 2
    long = chart("a", {"b": [(k, math.sin(k)) for k in range(1, 50_001)]})
    assert len(long) < 20_000
