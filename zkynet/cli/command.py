"""What all commands have in common: examples in their help, and ``--traceback``."""

from __future__ import annotations

from typing import Any

import click


class Command(click.Command):
    """A command whose help ends with examples, and that shows tracebacks when asked to."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        lines = "\n".join(f"  {line}" for line in examples.strip().splitlines())
        kwargs.setdefault("epilog", f"\b\nExamples:\n{lines}")
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["--traceback"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                callback=_remember,
                help="Show where in the code an error was raised.",
            )
        )


def _remember(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    told = ctx.find_root().obj
    if wanted and isinstance(told, dict):
        told["traceback"] = True
