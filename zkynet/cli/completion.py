"""``zkynet completion``: have the shell complete commands, recipes and settings."""

from __future__ import annotations

import click

from zkynet.cli.command import Command
from zkynet.cli.endings import OK

EXAMPLES = """
echo 'eval "$(zkynet completion bash)"' >> ~/.bashrc
echo 'eval "$(zkynet completion zsh)"' >> ~/.zshrc
zkynet completion fish > ~/.config/fish/completions/zkynet.fish
"""


@click.command("completion", cls=Command, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print what a shell has to read so that it completes commands, recipes, settings and folders."""
    from click.shell_completion import get_completion_class

    from zkynet.cli.program import program

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(program, {}, "zkynet", "_ZKYNET_COMPLETE").source())
    return OK
