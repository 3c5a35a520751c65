"""``zkynet``: the group of commands. Each command is a file of its own, loaded when it is used."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from zkynet.cli.endings import EXIT_CODES, INTERRUPTED, OK, WRONG_USAGE, ending, say_error

COMMANDS = ("train", "recipes", "predict", "summary", "data", "backends", "doctor", "bench", "completion")


class Commands(click.Group):
    """The commands by name; a mistyped one is told the nearest."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return import_module(f"zkynet.cli.{name}").command if name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0].lower(), COMMANDS, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"commands: {', '.join(COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]!r}\n  Fix: {hint}", ctx)
        return super().resolve_command(ctx, args)


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from zkynet.cli.screen import version

        click.echo(f"zkynet {version()}")
        ctx.exit()


EXAMPLES = """\
\b
Examples:
  zkynet train spirals                      learn, and write a folder with a report
  zkynet train digits --backend jax --set hidden=128
  zkynet recipes                            what there is to learn
  zkynet doctor                             whether this machine is set up well
"""


@click.group(
    cls=Commands,
    epilog=EXAMPLES + "\n\b\n" + EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    invoke_without_command=True,
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="The version.")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Deep learning you can read: train, look at and compare the systems of the learning path."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str]) -> int:
    """Run a command, and give its exit code; errors are printed.

    Args:
        arguments: what stands behind ``zkynet``.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with contextlib.suppress(ValueError):
                stream.reconfigure(errors="replace")  # a terminal that knows ASCII only is no reason to stop
    if "_ZKYNET_COMPLETE" in os.environ:  # a shell asks
        import_module("zkynet.cli.completion")  # which knows bash better
        program.main(list(arguments), prog_name="zkynet")
    told: dict[str, Any] = {"traceback": False}
    try:
        with program.make_context("zkynet", list(arguments), obj=told) as ctx:
            code = program.invoke(ctx)
        sys.stdout.flush()
        return code if isinstance(code, int) else OK
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        say_error(error.format_message())
        where = error.ctx.command_path if error.ctx is not None else "zkynet"
        print(f"  Usage and examples: {where} --help", file=sys.stderr)
        return WRONG_USAGE
    except click.Abort:  # what click makes of Ctrl-C
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:
        return ending(error, told["traceback"])
