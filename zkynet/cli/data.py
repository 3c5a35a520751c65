"""``zkynet data``: the data sets, where they are, and whether they are whole."""

from __future__ import annotations

import click

from zkynet.cli import choices
from zkynet.cli.command import Command
from zkynet.cli.endings import GOAL_MISSED, OK, usage

EXAMPLES = """\b
Examples:
  zkynet data                       what there is
  zkynet data fetch mnist           download it, or go on with a download
  zkynet data where mnist           where its files are, or have to be put by hand
  zkynet data verify                whether all that was downloaded is whole
  ZKYNET_DATA=/scratch/data zkynet data fetch cifar10
"""


@click.group("data", invoke_without_command=True, epilog=EXAMPLES)
@click.pass_context
def command(ctx: click.Context) -> int | None:
    """List the data sets, fetch one, or check what was fetched."""
    return listed(False) if ctx.invoked_subcommand is None else None


def _name(written: str) -> str:
    return written.replace("-", "_")


@command.command("list", cls=Command, examples="zkynet data list\nzkynet data list --json")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_command(as_json: bool) -> int:
    """List the data sets: what each is, its licence and size, and whether it is on this machine."""
    return listed(as_json)


def listed(as_json: bool) -> int:
    """Print the data sets.

    Args:
        as_json: whether for programs.
    """
    from dataclasses import asdict

    import zkynet as zk
    from zkynet.cli.screen import console, show_json, show_table

    rows = zk.data.available()
    if as_json:
        show_json([asdict(row) for row in rows])
        return OK
    missing = {"download": "not fetched yet", "kaggle": "not fetched yet; needs a key"}
    here = {"bundled": "comes with zkynet", "made": "made when used", "download": "fetched", "kaggle": "fetched"}
    show_table(
        [
            {
                "data": row.name,
                "what it is": row.about,
                "size": row.readable_size or None,
                "licence": row.licence,
                "here": here[row.kind] if row.cached else missing[row.kind],
            }
            for row in rows
        ],
        right=["size"],
    )
    console().print(f"\nWhat is fetched is kept in {zk.data.data_folder()}.", soft_wrap=True)
    return OK


@command.command("where", cls=Command, examples="zkynet data where\nls $(zkynet data where mnist)")
@click.argument("name", metavar="[NAME]", required=False, shell_complete=choices.data_sets)
def where(name: str | None) -> int:
    """Print the folder of a data set, or of all."""
    import zkynet as zk

    with usage():
        click.echo(zk.data.data_folder() if name is None else zk.data.where(_name(name)))
    return OK


@command.command("fetch", cls=Command, examples="zkynet data fetch mnist\nzkynet data fetch mnist cifar10 --quiet")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=choices.data_sets)
@click.option("--quiet", is_flag=True, help="Show no progress.")
def fetch(names: tuple[str, ...], quiet: bool) -> int:
    """Download data sets, from several mirrors and checked; a download that broke off is gone on with."""
    import zkynet as zk

    with usage():
        for name in names:
            zk.data.where(_name(name))
    for name in names:
        for path in zk.data.fetch(_name(name), progress=not quiet):
            click.echo(path)
    return OK


@command.command("verify", cls=Command, examples="zkynet data verify\nzkynet data verify mnist && echo whole")
@click.argument("name", metavar="[NAME]", required=False, shell_complete=choices.data_sets)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(name: str | None, as_json: bool) -> int:
    """Check the files of a data set, or of all.

    The exit code is 1 if one is damaged, and where a NAME is given also if one is missing.
    """
    from dataclasses import asdict

    import zkynet as zk
    from zkynet.cli.screen import show_json, show_table

    with usage():
        files = zk.data.verify(None if name is None else _name(name))
    shown = files if name is not None or as_json else [file for file in files if file.state != "missing"]
    if as_json:
        show_json([asdict(file) for file in files])
    elif shown:
        show_table([{"data": f.dataset, "file": f.file, "state": f.state, "": f.reason or str(f.path)} for f in shown])
    else:
        click.echo("nothing has to be downloaded for it" if name is not None else "nothing has been fetched yet")
    wrong = {"damaged"} if name is None else {"damaged", "missing"}
    return GOAL_MISSED if any(file.state in wrong for file in files) else OK
