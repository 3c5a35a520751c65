"""The frame of a recipe: what it teaches, its settings, its goal, and how it is run."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from zkynet.errors import ArgumentError, InvalidValueError, MissingFileError
from zkynet.recipes.settings import Setting, named, settings_of, written
from zkynet.runs import Goal, Run
from zkynet.runs.folder import CONFIG, new_folder, read_json
from zkynet.runs.training import saved_weights

__all__ = ["Goal", "Recipe", "recipe"]


class Recipe:
    """A lesson that can be run: made by the decorator `recipe`.

    Args:
        function: what is run, with a `Run` as its first argument and the settings as keyword-only arguments.
        title: its headline.
        teaches: what one learns from it, in a line.
        source: the paper or chapter it follows.
        minutes: how long it takes on two cores with NumPy, about.
        goals: the figures it has to reach.
        data: the names of the data sets it can learn from, the bundled one first.

    Example:
        >>> from zkynet.recipes import load_recipe
        >>> spirals = load_recipe("spirals")
        >>> spirals.name, list(spirals.settings)[:2]
        ('spirals', ['hidden', 'epochs'])
    """

    def __init__(
        self,
        function: Callable[..., None],
        title: str,
        teaches: str,
        source: str,
        minutes: float,
        goals: Sequence[Goal],
        data: Sequence[str],
    ) -> None:
        self.function = function
        self.name = function.__name__.replace("_", "-")
        self.title = title
        self.teaches = teaches
        self.source = source
        self.minutes = minutes
        self.goals = tuple(goals)
        self.data = tuple(data)
        self.settings: dict[str, Setting] = settings_of(function, self.data)
        self.doc = inspect.getdoc(inspect.getmodule(function)) or ""
        self._example: Callable[..., Any] | None = None
        self._predict: Callable[..., Any] | None = None

    def example(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Say what model the recipe trains, and an input for it: for ``zkynet summary`` and ``zkynet predict``.

        Args:
            function: takes settings of the recipe by name, those that it needs, and gives ``(model, input)``, or
                ``(model, input, input, …)`` for a model of several inputs. Where the recipe trains several models, it
                takes ``name: str = "lstm"``, too: that of the trainer, with the one that is meant where nobody says.

        Example:
            >>> import zkynet as zk
            >>> @recipe(title="A line", teaches="the least one can learn", source="D2L 3.1", minutes=0.1)
            ... def line(run: Run, *, inputs: int = 3) -> None: ...
            >>> @line.example
            ... def _(inputs):
            ...     return zk.nn.Linear(inputs, 1), zk.zeros((1, inputs))
            >>> model, x = line.make_example()
            >>> model(x).shape
            (1, 1)
        """
        self._example = function
        return function

    def predict(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Say what the trained model answers to an input from the command line: for ``zkynet predict``.

        Args:
            function: takes the model of `example`, trained and in evaluation mode, and what the user wrote (a text, or
                the path of a file; None for an input of the recipe's own), then settings by name, those that it needs.
                It gives a text, or a dict from answer to probability.

        Example:
            >>> import zkynet as zk
            >>> @recipe(title="A line", teaches="the least one can learn", source="D2L 3.1", minutes=0.1)
            ... def line(run: Run, *, inputs: int = 3) -> None: ...
            >>> @line.predict
            ... def _(model, given, inputs):
            ...     row = [float(n) for n in (given or "0,0,0").split(",")]
            ...     return f"{model(zk.tensor([row])).item():.3g}"
            >>> line.answer(lambda x: zk.sum(x), "1,2,3")
            '6'
        """
        self._predict = function
        return function

    def make_example(self, model: str | None = None, /, **settings: Any) -> tuple[Any, ...]:
        """The model, not yet trained, and an input for it, as the function under `example` makes them.

        Args:
            model: which, of a recipe that trains several; by default the one the function makes by itself.
            **settings: those that differ from the defaults.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> model, x = load_recipe("spirals").make_example(hidden=8)
            >>> model(x).shape
            (1, 2)
        """
        if self._example is None:
            raise ArgumentError(
                f"the recipe {self.name} has no model to show", fix="in a recipe of your own, add @recipe.example"
            )
        if model is not None and self._usual_model() is None:
            raise ArgumentError(f"the recipe {self.name} trains one model, which has no name", fix="leave --model out")
        chosen = {} if model is None else {"name": model}
        return tuple(self._example(**self._wanted(self._example, settings), **chosen))

    def load(self, folder: str | os.PathLike[str], model: str | None = None) -> tuple[Any, dict[str, Any]]:
        """The trained model of a run in evaluation mode, and the settings of that run.

        Args:
            folder: of the run.
            model: which, of a recipe that trains several; by default the one that `example` makes by itself.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> try:
            ...     load_recipe("spirals").load("nowhere")
            ... except FileNotFoundError as error:
            ...     print(error.headline)
            there is no run in nowhere
        """
        import zkynet as zk

        settings = self._given(self.resumable(folder)["settings"])
        usual = self._usual_model()
        module, *inputs = self.make_example(None if usual is None else model, **settings)
        module.eval()
        with zk.no_grad():
            module(*inputs)  # layers that are sized by their first input
        module.load_state_dict(saved_weights(Path(folder), model or usual or ""))
        return module, settings

    def _usual_model(self) -> str | None:
        """Of several models the one that is meant where nobody says; None where there is one."""
        named = None if self._example is None else inspect.signature(self._example).parameters.get("name")
        return None if named is None else str(named.default)

    def answer(self, model: Any, given: str | None = None, **settings: Any) -> Any:
        """What a trained model answers, as the function under `predict` says.

        Args:
            model: as `make_example` makes it, with trained weights.
            given: what the user wrote; None for an input of the recipe's own.
            **settings: those that differ from the defaults.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> spirals = load_recipe("spirals")
            >>> model, _ = spirals.make_example()
            >>> sorted(spirals.answer(model, "0.5,0.5"))
            ['arm 1', 'arm 2']
        """
        if self._predict is None:
            raise ArgumentError(
                f"the recipe {self.name} cannot be asked", fix="in a recipe of your own, add @recipe.predict"
            )
        import zkynet as zk

        with zk.no_grad():
            return self._predict(model, given, **self._wanted(self._predict, settings))

    def _wanted(self, function: Callable[..., Any], settings: dict[str, Any]) -> dict[str, Any]:
        """Of the settings those that a function names."""
        values = self.values(**settings)
        parameters = inspect.signature(function).parameters
        if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
            return values
        return {name: value for name, value in values.items() if name in parameters}

    def values(self, **settings: Any) -> dict[str, Any]:
        """All settings, with their defaults where nothing else is said; checked.

        Args:
            **settings: those that differ from the defaults.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> load_recipe("spirals").values(hidden=8)["hidden"]
            8
        """
        given = self._given(settings)
        return {name: given.get(name, setting.default) for name, setting in self.settings.items()}

    def goals_for(self, settings: dict[str, Any]) -> list[Goal]:
        """The goals for the data that the settings choose.

        Args:
            settings: as `values` gives them.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> [str(goal) for goal in load_recipe("spirals").goals_for({})]
            ['test accuracy at least 0.98']
        """
        return [replace(g, data="") for g in self.goals if g.data in ("", settings.get("data", ""))]

    def run(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        seed: int = 0,
        resume: bool = False,
        show: bool = True,
        logs: Sequence[str] | None = None,
        **settings: Any,
    ) -> Run:
        """Run it on the current backend, and give back the finished run with its results.

        Args:
            folder: where to write; by default a new one in ``runs``.
            seed: of all that is random.
            resume: whether the folder's run is taken up where it stopped; its settings and seed then hold, and of
                those given here only ``epochs`` counts.
            show: whether progress is printed.
            logs: where it is logged to besides the folder's files, as for `Run`; by default as before it was resumed.
            **settings: those that differ from the defaults.

        Example:
            >>> import tempfile
            >>> @recipe(title="A sum", teaches="addition", source="school", minutes=0.1)
            ... def addition(run: Run, *, a: int = 2, b: int = 2) -> None:
            ...     run.result("sum", a + b)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     run = addition.run(folder, a=5)
            >>> run.results, run.status
            ({'sum': 7.0}, 'finished')
        """
        if resume:
            if folder is None:
                raise ArgumentError("which run is to be resumed is not said", fix="pass its folder")
            before = self.resumable(folder, settings)
            settings, seed = {**before["settings"], **self._given(settings)}, before["seed"]
            logs = before.get("logs") if logs is None else logs
        values = self.values(**settings)
        place = new_folder(self.name) if folder is None else Path(folder)
        goals, about = self.goals_for(values), self._about()
        run = Run(place, values, seed, self.name, self.title, goals, resume, show, logs or (), about)
        with run:
            self.function(run, **values)
        return run

    def _about(self) -> dict[str, Any]:
        return {"teaches": self.teaches, "source": self.source, "doc": self.doc}

    def _given(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings under the names that they have, checked."""
        found = [(named(self.settings, name, self.name), value) for name, value in settings.items()]
        return {setting.name: setting.check(value) for setting, value in found}

    def resumable(
        self, folder: str | os.PathLike[str], settings: dict[str, Any] | None = None, seed: int | None = None
    ) -> dict[str, Any]:
        """What the run in a folder was begun with, if it is one of this recipe that can go on as is wished.

        Args:
            folder: of the run.
            settings: wishes; only ``epochs`` may be another than before.
            seed: a wish; None for none.

        Example:
            >>> from zkynet.recipes import load_recipe
            >>> try:
            ...     load_recipe("spirals").resumable("nowhere")
            ... except FileNotFoundError as error:
            ...     print(error.headline)
            there is no run in nowhere
        """
        if not (Path(folder) / CONFIG).is_file():
            raise MissingFileError(f"there is no run in {folder}", fix="name the folder of a run")
        config = read_json(Path(folder) / CONFIG)
        before = config.get("settings")
        if config.get("recipe") != self.name or not isinstance(before, dict):
            raise InvalidValueError(
                f"{folder} is not a run of {self.name} but of {config.get('recipe')}", fix="name the other recipe"
            )
        began = {**self._given(before), "seed": config.get("seed")}
        wishes = self._given(settings or {}) | ({} if seed is None else {"seed": seed})
        for name, value in wishes.items():
            if name != "epochs" and value != began.get(name):
                raise InvalidValueError(
                    f"the run in {folder} was begun with {name}={written(began.get(name))}, and cannot go on with "
                    f"{written(value)}",
                    fix="start a new run for that; only epochs may change",
                    name=name,
                )
        return config


def recipe(
    *,
    title: str,
    teaches: str,
    source: str,
    minutes: float,
    goal: Goal | Sequence[Goal] = (),
    data: Sequence[str] = (),
) -> Callable[[Callable[..., None]], Recipe]:
    """Make a function a recipe: a lesson that ``zkynet train`` runs.

    The function takes a `Run` and, as keyword-only arguments with types and defaults, its settings.

    Args:
        title: its headline.
        teaches: what one learns from it, in a line.
        source: the paper or chapter it follows.
        minutes: how long it takes on two cores with NumPy, about.
        goal: the figure it has to reach, or several; `Goal(..., data="mnist")` holds for that data alone.
        data: the names of the data sets it can learn from, the bundled one first; the choices of the setting ``data``.

    Example:
        >>> import tempfile
        >>> import zkynet as zk
        >>> @recipe(title="A sum", teaches="addition", source="school", minutes=0.1, goal=Goal("sum", at_least=5))
        ... def addition(run: Run, *, a: int = 2, b: int = 2) -> None:
        ...     run.result("sum", a + b)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     addition.run(folder).reached, addition.run(f"{folder}/other", a=3).reached
        (False, True)
    """
    goals = (goal,) if isinstance(goal, Goal) else tuple(goal)

    def make(function: Callable[..., None]) -> Recipe:
        return Recipe(function, title, teaches, source, minutes, goals, data)

    return make
