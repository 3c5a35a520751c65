"""``zkynet completion``: have the shell complete commands, recipes and settings."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, add_completion_class, get_completion_class, split_arg_string

from zkynet.cli.command import Command
from zkynet.cli.endings import OK

VARIABLE = "_ZKYNET_COMPLETE"

EXAMPLES = """
echo 'eval "$(zkynet completion bash)"' >> ~/.bashrc
echo 'eval "$(zkynet completion zsh)"' >> ~/.zshrc
zkynet completion fish > ~/.config/fish/completions/zkynet.fish
"""

# Bash takes key=value for three words, and puts a space behind what it completes: both are undone here.
SCRIPT = """\
%(complete_func)s() {
    local line="${COMP_LINE:0:COMP_POINT}" kind value
    local word="${line##* }" before=""
    if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then
        before="${word%%=*}="
    fi
    COMPREPLY=()
    while IFS=, read -r kind value; do
        case $kind in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain)
                COMPREPLY+=("${value#"$before"}")
                [[ $value == *= ]] && compopt -o nospace 2>/dev/null ;;
        esac
    done < <(%(complete_var)s=bash_complete COMP_WORDS="$line" %(prog_name)s 2>/dev/null)
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Completion for bash that knows ``--set key=value``."""

    source_template = SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        line = os.environ["COMP_WORDS"]
        words = split_arg_string(line)[1:]
        if not words or line[-1:].isspace():
            return words, ""
        return words[:-1], words[-1]


add_completion_class(Bash)


@click.command("completion", cls=Command, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print what a shell has to read so that it completes commands, recipes, settings and folders."""
    from zkynet.cli.program import program

    kind = get_completion_class(shell)
    if kind is not None:
        click.echo(kind(program, {}, "zkynet", VARIABLE).source())
    return OK
