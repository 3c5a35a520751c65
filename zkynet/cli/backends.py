"""``zkynet backends``: which array libraries can be used here."""

from __future__ import annotations

import click

from zkynet.cli.command import Command
from zkynet.cli.endings import OK

EXAMPLES = """
zkynet backends
zkynet backends --json | jq -r '.[] | select(.available) | .name'
ZKYNET_BACKEND=jax zkynet train spirals
"""


@click.command("backends", cls=Command, examples=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(as_json: bool) -> int:
    """List the backends: version, devices, and what is missing where one cannot be used."""
    import zkynet as zk
    from zkynet.cli.screen import show_json, show_table

    found = zk.backends()
    if as_json:
        show_json([row._asdict() for row in found])
        return OK
    current = zk.get_backend().name
    show_table(
        [
            {
                "backend": row.name + " (current)" * (row.name == current),
                "version": row.version,
                "devices": ", ".join(row.devices) or None,
                "what is missing": row.why_not,
                "what helps": row.install,
            }
            for row in found
        ]
    )
    return OK
