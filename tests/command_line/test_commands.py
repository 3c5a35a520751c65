"""The commands: what they print, their exit codes, and how mistakes are answered."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import zkynet as zk
from zkynet.cli.endings import FAILED, GOAL_MISSED, INTERRUPTED, OK, WRONG_USAGE
from zkynet.cli.program import COMMANDS, run

pytestmark = pytest.mark.once

Capture = pytest.CaptureFixture[str]

SUM = """
\"\"\"A sum.

Adds two numbers.
\"\"\"
import zkynet as zk
from zkynet.recipes import Goal, recipe


@recipe(title="A sum", teaches="addition", source="school", minutes=0.1, goal=Goal("sum", at_least=5))
def my_sum(run, *, a: int = 2, b: int = 2, epochs: int = 1):
    \"\"\"Add.\"\"\"
    if b == 13:
        raise KeyboardInterrupt
    if b == 14:
        raise RuntimeError("bad luck")
    run.say(f"adding on {zk.get_backend().name}")
    run.result("sum", a + b)


@my_sum.example
def _(a):
    return zk.nn.Linear(a, 1), zk.zeros((1, a))
"""


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ZKYNET_RUNS", raising=False)
    (tmp_path / "sum.py").write_text(SUM)
    return tmp_path


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_examples(name: str, capsys: Capture) -> None:
    assert run([*([name] if name else []), "--help"]) == OK
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert len(re.findall(rf"^  +(?:.*\| )?(?:\S+=\S+ )?zkynet {name}|zkynet {name}", out, flags=re.MULTILINE)) >= 2
    if not name:
        assert "Exit codes:" in out
        assert all(command in out for command in COMMANDS)


def test_the_version_is_told(capsys: Capture) -> None:
    assert run(["--version"]) == OK
    assert capsys.readouterr().out == f"zkynet {zk.__version__}\n"


def test_no_command_shows_the_help(capsys: Capture) -> None:
    assert run([]) == OK
    assert "Usage: zkynet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("trian spirals", "did you mean train?"),
        ("train", "which recipe is not said"),
        ("train spirls", "did you mean spirals?"),
        ("train spirals --set hiden=3", "did you mean hidden?"),
        ("train spirals --set hidden=many", "hidden is a whole number, received 'many'"),
        ("train spirals --set hidden", "--set takes key=value, received 'hidden'"),
        ("train spirals --epochs 1.5", "epochs is a whole number, received '1.5'"),
        ("train spirals --data mnist", "spirals has no setting 'data'"),
        ("train spirals --seed -1", "Invalid value for '--seed'"),
        ("train spirals --sed 1", "--seed"),
        ("train spirals --backend numpi", "did you mean 'numpy'?"),
        ("train spirals --device moon", "numpy has no device 'moon'"),
        ("train spirals --resume", "there is no run of spirals in runs"),
        ("train spirals --resume nowhere/at/all", "there is no folder nowhere/at/all"),
        ("train spirals --resume nowhere", "there is no folder nowhere, and no recipe of that name"),
        ("predict nowhere", "there is no folder nowhere, and no recipe of that name"),
        ("predict spirls", "did you mean spirals?"),
        ("predict spirals", "zkynet train spirals"),
        ("summary first-model", "the recipe first-model has no model to show"),
        ("train spirals --folder a --resume b", "name different folders"),
        ("train nowhere.py", "there is no file nowhere.py"),
        ("summary spirals --set epochs=x", "epochs is a whole number"),
        ("summary spirals --model lstm", "trains one model"),
        ("bench --backend numpi", "did you mean 'numpy'?"),
        ("completion tcsh", "'bash', 'zsh', 'fish'"),
        ("data fetch mnis", "there is no data set 'mnis'"),
        ("data fetsh mnist", "No such command 'fetsh'"),
        ("recipes nothing", "there is no recipe 'nothing'"),
    ],
)
def test_a_mistake_is_answered_and_writes_nothing(words: str, said: str, capsys: Capture, somewhere: Path) -> None:
    assert run(words.split()) == WRONG_USAGE
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert "Traceback" not in shown.err
    assert [p.name for p in somewhere.iterdir()] == ["sum.py"]


def test_a_traceback_is_shown_to_who_asks(capsys: Capture) -> None:
    assert run(["train", "spirls", "--traceback"]) == WRONG_USAGE
    assert "load_recipe" in capsys.readouterr().err


def test_a_run_reaches_its_goal_or_not(capsys: Capture, somewhere: Path) -> None:
    assert run(["train", "sum.py", "--set", "a=3"]) == OK
    out = capsys.readouterr().out
    assert "addition" in out
    assert re.search(r"sum +5 +at least 5 +reached", out)
    (folder,) = (somewhere / "runs").iterdir()
    assert f"runs/{folder.name}" in out
    assert run(["train", "sum.py", "--folder", "mine", "--seed", "4"]) == GOAL_MISSED
    assert "not reached" in capsys.readouterr().out
    config = json.loads((somewhere / "mine" / "config.json").read_text())
    assert (config["seed"], config["settings"]["a"]) == (4, 2)
    assert run(["train", "sum.py", "--folder", "mine"]) == WRONG_USAGE
    assert "go on with it by zkynet train sum.py --resume mine" in capsys.readouterr().err


def test_quiet_prints_the_results_alone(capsys: Capture) -> None:
    run(["train", "sum.py", "--quiet"])
    out = capsys.readouterr().out
    assert "adding" not in out
    assert "not reached" in out


def test_the_backend_is_chosen_for_the_run_alone(capsys: Capture) -> None:
    before = zk.get_backend().name
    assert run(["train", "sum.py", "--backend", "strict", "--set", "a=9"]) == OK
    assert "adding on strict" in capsys.readouterr().out
    assert zk.get_backend().name == before


def test_a_stopped_run_says_how_to_go_on(capsys: Capture, somewhere: Path) -> None:
    assert run(["train", "sum.py", "--folder", "mine", "--set", "b=13"]) == INTERRUPTED
    command = re.search(r"zkynet (train .*)", capsys.readouterr().err)
    assert command is not None
    assert command[1] == "train sum.py --resume mine"
    assert json.loads((somewhere / "mine" / "results.json").read_text())["status"] == "stopped"
    assert run(command[1].split()) == INTERRUPTED
    assert run([*command[1].split(), "--set", "b=2"]) == WRONG_USAGE
    assert "was begun with b=13, and cannot go on with 2" in capsys.readouterr().err
    assert run([*command[1].split(), "--seed", "3"]) == WRONG_USAGE


def test_a_fault_of_a_recipe_shows_where(capsys: Capture) -> None:
    assert run(["train", "sum.py", "--set", "b=14"]) == FAILED
    err = capsys.readouterr().err
    assert "bad luck" in err
    assert "sum.py" in err


def test_an_unusable_backend_fails_with_what_is_missing(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zk.backend.registry.find_backend("jax"), "xp", None)
    monkeypatch.setattr(zk.backend.registry.find_backend("jax"), "why_unavailable", lambda: "it is on holiday")
    assert run(["train", "sum.py", "--backend", "jax"]) == FAILED
    assert "backend 'jax' cannot be used: it is on holiday" in capsys.readouterr().err


def test_a_log_whose_package_is_missing_is_refused_before_the_run(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, somewhere: Path
) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    assert run(["train", "sum.py", "--log", "wandb"]) == FAILED
    assert "pip install wandb" in capsys.readouterr().err
    assert not (somewhere / "runs").exists()


def test_recipes_are_listed_with_size_time_and_goal(capsys: Capture) -> None:
    assert run(["recipes"]) == OK
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("spirals"))
    assert all(word in line for word in ("why hidden layers", "1,218", "0.1", "test accuracy at least 0.98"))
    assert run(["recipes", "sum.py"]) == OK
    out = capsys.readouterr().out
    assert "Adds two numbers." in out
    assert re.search(r"^b +2 +a whole number$", out, flags=re.MULTILINE)
    assert run(["recipes", "spirals", "--json"]) == OK
    (facts,) = json.loads(capsys.readouterr().out)
    assert facts["settings"]["hidden"] == {"default": 32, "expects": "a whole number"}


def test_a_summary_adds_up(capsys: Capture) -> None:
    assert run(["summary", "spirals", "--set", "hidden=10"]) == OK
    out = capsys.readouterr().out
    assert "162 parameters" in out
    assert re.search(r"2: Linear +\(1, 10\) +110 +100", out)
    assert run(["summary", "spirals", "--depth", "0", "--json"]) == OK
    facts = json.loads(capsys.readouterr().out)
    assert len(facts["rows"]) == 1
    assert facts["rows"][0]["parameters"] == facts["parameters"] == 1218


def test_backends_are_listed(capsys: Capture) -> None:
    assert run(["backends", "--json"]) == OK
    assert {"numpy", "jax", "cupy"} <= {row["name"] for row in json.loads(capsys.readouterr().out)}
    assert run(["backends"]) == OK
    assert "numpy (current)" in capsys.readouterr().out


def test_the_machine_is_timed(capsys: Capture) -> None:
    assert run(["bench", "--backend", "numpy", "--seconds", "0", "--json"]) == OK
    timings = json.loads(capsys.readouterr().out)["timings"]
    assert len(timings) == 5
    for row in timings:
        assert 0 < row["quick"] <= row["middle"] <= row["slow"]
        assert row["rate"] > 0


def test_the_doctor_ends_with_1_where_something_does_not_work(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, somewhere: Path
) -> None:
    assert run(["doctor", "--quick"]) == OK
    capsys.readouterr()
    (somewhere / "numpy.py").touch()
    assert run(["doctor", "--quick", "--json"]) == GOAL_MISSED
    told = json.loads(capsys.readouterr().out)
    assert told["findings"][0]["text"].startswith("the file numpy.py")
    assert "environment" not in told["machine"], "which may hold secrets"
    assert run(["doctor", "--quick"]) == GOAL_MISSED
    assert "FAULT  the file numpy.py" in capsys.readouterr().out


def test_data_is_listed_found_and_checked(capsys: Capture, somewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKYNET_DATA", str(somewhere / "data"))
    assert run(["data"]) == OK
    out = capsys.readouterr().out
    assert re.search(r"^digits .* CC BY 4.0 +comes with zkynet$", out, flags=re.MULTILINE)
    assert re.search(r"^mnist .* not fetched yet$", out, flags=re.MULTILINE)
    assert run(["data", "where", "fashion-mnist"]) == OK
    assert capsys.readouterr().out == f"{somewhere / 'data' / 'fashion_mnist'}\n"
    assert run(["data", "verify"]) == OK
    assert "nothing has been fetched yet" in capsys.readouterr().out
    assert run(["data", "verify", "cifar10"]) == GOAL_MISSED
    assert "missing" in capsys.readouterr().out
    folder = somewhere / "data" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "cifar-10-binary.tar.gz").write_bytes(b"not what it should be")
    assert run(["data", "verify"]) == GOAL_MISSED
    assert "damaged" in capsys.readouterr().out
    assert run(["data", "fetch", "digits"]) == OK
    assert run(["data", "list", "--json"]) == OK
    assert {"name", "about", "licence", "size", "cached"} <= set(json.loads(capsys.readouterr().out.strip())[0])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_a_script(shell: str, capsys: Capture) -> None:
    assert run(["completion", shell]) == OK
    assert "_ZKYNET_COMPLETE" in capsys.readouterr().out


def completed(words: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from click.shell_completion import ShellComplete

    from zkynet.cli.program import program

    *before, begun = words.split(" ")
    return [item.value for item in ShellComplete(program, {}, "zkynet", "_").get_completions(before, begun)]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tr", ["train"]),
        ("train spi", ["spirals"]),
        ("train spirals --set hid", ["hidden="]),
        ("train spirals --set hidden=", ["hidden=32"]),
        ("train spirals --backend nu", ["numpy"]),
        ("train spirals --see", ["--seed"]),
        ("summary spi", ["spirals"]),
        ("train nothing --set hid", []),
        ("data fetch fash", ["fashion_mnist"]),
    ],
)
def test_words_are_completed(words: str, offered: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert completed(words, monkeypatch) == offered


class Terminal:
    """A terminal of some width, as far as Python and rich look."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def shown(words: str, columns: int, **environment: str) -> str:
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {"COLUMNS": str(columns), "TERM": "xterm-256color", **environment}.items():
            monkeypatch.setenv(name, value)
        run(words.split())
        return screen.text

    return shown


def test_colours_are_for_terminals_that_want_them(on_a_terminal: Callable[..., str], capsys: Capture) -> None:
    run(["recipes"])
    assert "\x1b" not in capsys.readouterr().out
    assert "\x1b[1m" in on_a_terminal("recipes", 200)
    assert "\x1b[3" not in on_a_terminal("doctor --quick", 200, NO_COLOR="1")
    assert "\x1b" not in on_a_terminal("recipes", 200, TERM="dumb")


def test_narrow_terminals_get_paragraphs(on_a_terminal: Callable[..., str]) -> None:
    shown = re.sub(r"\x1b\[[\d;]*m", "", on_a_terminal("recipes", 40))
    assert "\n  teaches: " in f"\n{shown}"
    assert max(map(len, shown.splitlines())) <= 75  # the last line names commands, and is not broken
    assert all(len(line) <= 40 for line in shown.split("\nzkynet train")[0].splitlines())


def test_an_ascii_terminal_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with open(tmp_path / "out.txt", "w", encoding="ascii") as file:
        monkeypatch.setattr(sys, "stdout", file)
        assert run(["train", "--help"]) == OK
    assert "Usage: zkynet train" in (tmp_path / "out.txt").read_text()
