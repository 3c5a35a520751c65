"""The report of a run: one HTML page that holds all a person wants to know of it, made from the run's folder."""

from __future__ import annotations

import base64
import csv
import io
import math
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from zkynet.files import write_atomically
from zkynet.runs.curves import chart
from zkynet.runs.folder import CONFIG, RESULTS, read_json
from zkynet.runs.page import is_number, page, pairs, table, text
from zkynet.runs.tables import shown

__all__ = ["report_html", "write_report"]

REPORT = "report.html"
MOST_ROWS = 300
STATES = {
    "finished": "finished",
    "running": "not finished: it is running, or was killed",
    "stopped": "stopped before its end",
    "failed": "ended by an error",
}


def write_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into the folder of a run, from what the folder holds; the path of it.

    The page needs nothing but itself: pictures are in it, it has no scripts, loads nothing, and opens from a disk.

    Args:
        folder: of the run.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with zk.runs.Run(f"{folder}/sum", settings={"a": 2}, title="A sum") as run:
        ...         run.result("sum", 4)
        ...     zk.runs.write_report(run.folder).name
        'report.html'
    """
    path = Path(folder) / REPORT
    write_atomically(path, report_html(folder).encode())
    return path


def report_html(folder: str | os.PathLike[str]) -> str:
    """The report of a run as the text of an HTML page.

    Args:
        folder: of the run.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with zk.runs.Run(f"{folder}/sum", title="1 < 2") as run:
        ...         run.result("sum", 4)
        ...     "<h1>1 &lt; 2</h1>" in zk.runs.report_html(run.folder)
        True
    """
    place = Path(folder)
    config = read_json(place / CONFIG)
    results = read_json(place / RESULTS) if (place / RESULTS).exists() else {}
    measured = _measured(place)
    body = [
        *_head(config, results),
        *_results(results),
        *_curves(measured),
        *_pictures(place, results, with_curves=bool(measured)),
        *_tables(place, results),
        *_texts(place, results),
        *_said(results),
        *_settings(config, results),
        *_again(place, config, results),
        *_epochs(measured),
        *_files(place),
    ]
    return page(str(config.get("title") or config.get("recipe") or "A run"), body)


# -- the parts of the page, from top to bottom ------------------------------------------------------------------------


def _head(config: Mapping[str, Any], results: Mapping[str, Any]) -> list[str]:
    status = str(results.get("status", "running"))
    state, style = STATES.get(status, status), "soft"
    if status == "finished" and results.get("goals"):
        reached = results.get("reached") is True
        state, style = ("goal reached", "good") if reached else ("goal not reached", "bad")
    elif status == "failed":
        style = "bad"
    out = [
        "<header>",
        f"<h1>{text(config.get('title') or config.get('recipe') or 'A run')}</h1>",
        f'<p><span class="state {style}">{text(state)}</span></p>',
    ]
    if config.get("teaches"):
        source = f' <span class="soft">({text(config["source"])})</span>' if config.get("source") else ""
        out.append(f"<p>What it teaches: {text(config['teaches'])}.{source}</p>")
    for paragraph in str(config.get("doc") or "").split("\n\n")[1:]:  # the first is the title again
        if paragraph.strip():
            out.append(f'<p class="soft">{text(paragraph)}</p>')
    return [*out, "</header>"]


def _results(results: Mapping[str, Any]) -> list[str]:
    found = _dict(results, "results")
    goals = {str(g.get("name")): g for g in _dicts(results, "goals")}
    names = [*found, *(name for name in goals if name not in found)]
    if not names:
        return []
    rows = []
    for name in names:
        goal = goals.get(name)
        cells = [text(name), text(found.get(name, "not measured"))]
        if goals:
            verdict = "" if goal is None else _verdict(goal.get("reached") is True)
            cells += ["" if goal is None else text(_bounds(goal)), verdict]
        rows.append(cells)
    columns = ["figure", "value", "goal", "reached"] if goals else ["figure", "value"]
    return ["<h2>Results</h2>", table(columns, rows, "Results", numbers=[1], shown=False)]


def _verdict(reached: bool) -> str:
    return '<span class="good">✓ reached</span>' if reached else '<span class="bad">✗ not reached</span>'


def _bounds(goal: Mapping[str, Any]) -> str:
    words = {"at_least": "at least", "at_most": "at most"}
    return " and ".join(f"{word} {shown(goal[key])}" for key, word in words.items() if goal.get(key) is not None)


def _curves(measured: Mapping[str, list[dict[str, float]]]) -> list[str]:
    out = []
    for trainer, rows in measured.items():
        names = list(dict.fromkeys(name for row in rows for name in row if name not in ("epoch", "step")))
        bases = list(dict.fromkeys(name.removeprefix("val_") for name in names))
        charts = []
        for base in bases:
            kinds = {base: "training", f"val_{base}": "validation"}
            lines = {
                word: [(row.get("epoch", k + 1), row[name]) for k, row in enumerate(rows) if name in row]
                for name, word in kinds.items()
                if name in names
            }
            if base == "lr" and len({value for _, value in lines["training"]}) < 2:
                continue  # it stays as it is set
            shown_name = "learning rate" if base == "lr" else base.replace("_", " ")
            charts.append(chart(shown_name, {shown_name: lines["training"]} if base == "lr" else lines))
        if any(charts):
            out += [f"<h3>{text(_sentence(trainer))}</h3>"] if trainer else []
            out += ['<div class="charts">', *charts, "</div>"]
    return ["<h2>Learning</h2>", *out] if out else []


def _pictures(folder: Path, results: Mapping[str, Any], with_curves: bool) -> list[str]:
    out = []
    for entry in _dicts(results, "pictures"):
        name = str(entry.get("name"))
        if with_curves and (name == "loss" or name.startswith("loss of ")):
            continue  # drawn above
        png = _of_run(folder, entry.get("file"))
        if png is None or not png.startswith(b"\x89PNG"):
            continue
        caption = f" {text(entry['caption'])}" if entry.get("caption") else ""
        data = base64.b64encode(png).decode()
        out += [
            "<figure>",
            f'<img alt="{text(name)}" src="data:image/png;base64,{data}">',
            f"<figcaption><b>{text(_sentence(name))}.</b>{caption}</figcaption>",
            "</figure>",
        ]
    return ["<h2>Pictures</h2>", *out] if out else []


def _tables(folder: Path, results: Mapping[str, Any]) -> list[str]:
    out = []
    for entry in _dicts(results, "tables"):
        data = _of_run(folder, entry.get("file"))
        lines = [] if data is None else list(csv.reader(io.StringIO(data.decode(errors="replace"), newline="")))
        if len(lines) < 2:
            continue
        head, *rest = lines
        body = [(line + [""] * len(head))[: len(head)] for line in rest]
        filled = [[row[k] for row in body if row[k]] for k in range(len(head))]
        numbers = [k for k, column in enumerate(filled) if k and column and all(map(is_number, column))]
        rows = [[text(_rounded(cell)) for cell in row] for row in body[:MOST_ROWS]]
        out += [f"<h3>{text(_sentence(entry.get('name')))}</h3>"]
        caption = str(entry.get("caption") or "")
        out.append(table(head, rows, caption or str(entry.get("name")), numbers, shown=bool(caption)))
        if len(body) > MOST_ROWS:
            out.append(f'<p class="soft">The first {MOST_ROWS} of {len(body)} rows.</p>')
    return ["<h2>Tables</h2>", *out] if out else []


def _texts(folder: Path, results: Mapping[str, Any]) -> list[str]:
    out = []
    for entry in _dicts(results, "texts"):
        data = _of_run(folder, entry.get("file"))
        if data is None:
            continue
        out.append(f"<h3>{text(_sentence(entry.get('name')))}</h3>")
        if entry.get("caption"):
            out.append(f'<p class="soft">{text(entry["caption"])}</p>')
        words = data.decode(errors="replace")
        prose = ' class="prose"' if max(map(len, words.splitlines()), default=0) > 110 else ""  # not where it is drawn
        out.append(f"<pre{prose}>{_first_line_kept(text(words))}</pre>")
    return ["<h2>Texts</h2>", *out] if out else []


def _said(results: Mapping[str, Any]) -> list[str]:
    said = results.get("said")
    if not said or not isinstance(said, list):
        return []
    return ["<h2>Notes</h2>", f'<pre class="prose">{_first_line_kept(text(chr(10).join(map(str, said))))}</pre>']


def _settings(config: Mapping[str, Any], results: Mapping[str, Any]) -> list[str]:
    settings = [(name, _written(value)) for name, value in _dict(config, "settings").items()]
    about = [
        ("seed", config.get("seed")),
        ("backend", config.get("backend")),
        ("device", config.get("device")),
        *_dict(config, "versions").items(),
        *_dict(config, "machine").items(),
        ("started", str(config.get("started", "")).replace("T", " ")),
        ("took", _duration(results.get("seconds"))),
    ]
    shown_pairs = [(name, value) for name, value in about if value not in (None, "")]
    out = ["<h2>Settings and surroundings</h2>", '<div class="pair">']
    if settings:
        out += ["<div>", pairs("Settings", settings), "</div>"]
    return [*out, "<div>", pairs("Where and with what it was run", shown_pairs), "</div>", "</div>"]


def _again(folder: Path, config: Mapping[str, Any], results: Mapping[str, Any]) -> list[str]:
    recipe = config.get("recipe")
    if not recipe or "teaches" not in config:  # not made by a recipe, so that no command makes it again
        return []
    words = ["zkynet", "train", str(config.get("file") or recipe)]
    for name, value in _dict(config, "settings").items():
        words += ["--set", f"{name}={_written(value)}"]
    words += ["--seed", str(config.get("seed", 0)), "--backend", str(config.get("backend", "numpy"))]
    out = ["<h2>Once more</h2>", "<p>The same run again:</p>", f'<pre class="prose">{text(shlex.join(words))}</pre>']
    resume = ["zkynet", "train", str(config.get("file") or recipe), "--resume", _near(folder)]
    if results.get("status") != "finished":
        out += ["<p>Go on where it stopped:</p>", f'<pre class="prose">{text(shlex.join(resume))}</pre>']
    elif isinstance(epochs := _dict(config, "settings").get("epochs"), int):
        more = [*resume, "--epochs", str(2 * epochs)]
        out += ["<p>Go on for more epochs:</p>", f'<pre class="prose">{text(shlex.join(more))}</pre>']
    return out


def _epochs(measured: Mapping[str, list[dict[str, float]]]) -> list[str]:
    out = []
    for trainer, rows in measured.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        if not names:
            continue
        part = rows[-MOST_ROWS:]
        cells = [[text(_plain(row.get(name))) for name in names] for row in part]
        caption = f"Epochs of {trainer}" if trainer else "Epochs"
        caption += f", the last {MOST_ROWS} of {len(rows)}" if len(rows) > MOST_ROWS else ""
        body = table(names, cells, caption, numbers=range(len(names)), shown=False)
        out.append(f"<details>\n<summary>{text(caption)}, in figures</summary>\n{body}\n</details>")
    return ['<div class="screen">', "<h2>Every epoch</h2>", *out, "</div>"] if out else []


def _files(folder: Path) -> list[str]:
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name[0] != ".")
    names = [name for name in names if name != REPORT]
    shown_names = [name for name in names if not name.startswith("checkpoints/")]
    saved = len(names) - len(shown_names)
    items = [f'<li><a href="{text(quote(name))}">{text(name)}</a></li>' for name in shown_names[:MOST_ROWS]]
    if saved:
        items.append(f'<li><a href="checkpoints/">checkpoints/</a> <span class="soft">({saved} files)</span></li>')
    return ["<h2>Files</h2>", "<ul>", *items, "</ul>"] if items else []


# -- what the folder holds --------------------------------------------------------------------------------------------


def _measured(folder: Path) -> dict[str, list[dict[str, float]]]:
    """The rows of each trainer of the run, by its name; an empty name where there is one."""
    out = {}
    for path in sorted(folder.glob("metrics*.csv")):
        try:
            with path.open(newline="", encoding="utf-8", errors="replace") as file:
                rows = [_numbers(row) for row in csv.DictReader(file) if row.get("kind", "epoch") == "epoch"]
        except (OSError, csv.Error):
            continue
        if rows:
            out[path.stem.removeprefix("metrics").removeprefix("-")] = rows
    return out


def _numbers(row: Mapping[str, Any]) -> dict[str, float]:
    return {k: float(v) for k, v in row.items() if k is not None and isinstance(v, str) and is_number(v)}


def _of_run(folder: Path, name: Any) -> bytes | None:
    """A file of the run; nothing where it is missing, or is not below the run's folder."""
    if not isinstance(name, str) or "\x00" in name:
        return None
    path = (folder / name).resolve()
    try:
        return path.read_bytes() if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except OSError:
        return None


def _dict(of: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A dict among the values of a file that a hand may have altered."""
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _dicts(of: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = of.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


# -- words ------------------------------------------------------------------------------------------------------------


def _sentence(name: Any) -> str:
    words = str(name)
    return words[:1].upper() + words[1:]


def _written(value: Any) -> str:
    """A setting as it is written on the command line."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(_written, value))
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return str(value)


def _rounded(cell: str) -> Any:
    """A number with many digits as one with few; any other cell as it is."""
    return float(cell) if is_number(cell) and ("." in cell or "e" in cell.lower()) and len(cell) > 7 else cell


def _plain(value: float | None) -> Any:
    return int(value) if value is not None and math.isfinite(value) and value == int(value) else value


def _duration(seconds: Any) -> str:
    if not isinstance(seconds, (int, float)) or not math.isfinite(seconds):
        return ""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _near(folder: Path) -> str:
    """The folder as a person in the working directory names it."""
    try:
        return folder.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):
        return str(folder)


def _first_line_kept(body: str) -> str:
    """HTML drops a line end right behind <pre>."""
    return f"\n{body}" if body.startswith("\n") else body
