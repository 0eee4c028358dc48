"""``dakit new-plugin``: a complete plugin package to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.completion import kinds, parse_kind
from dakit.plugins import scaffold


def new_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The plugin's name, such as mean-shift.")
    ],
    kind: Annotated[
        str,
        typer.Option(autocompletion=kinds, help="What it offers: a transfer, a regularizer, ..."),
    ],
    out: Annotated[Path, typer.Option(help="The folder that the package's folder goes to.")] = Path(
        "."
    ),
) -> None:
    """Write a new plugin package that installs, passes its tests and runs as it is.

    Nothing that exists is overwritten.

    Example: dakit new-plugin mean-shift --kind transfer
    """
    wanted = parse_kind(kind)
    assert wanted is not None  # a kind was given
    names = scaffold.plugin_names(name, wanted)
    folder = scaffold.write_plugin(names, out)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        sys.stdout.write(f"{file}\n")
    sys.stdout.write(
        f'\nNext:\n\n  cd {folder}\n  pip install -e ".[test]"\n'
        f"  dakit check-plugin {names.component}\n  pytest\n  dakit {names.command} example.json\n"
    )
