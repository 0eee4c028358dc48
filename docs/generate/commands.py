"""The command ``dakit`` as mkdocs-click wants it: examples as code, global options shown."""

from __future__ import annotations

import re
from typing import Any

import typer

from dakit.cli.app import application

EXAMPLE = re.compile(r"^ *(?:Example: )?(dakit .*)$", re.MULTILINE)


def _with_code(text: str) -> str:
    return EXAMPLE.sub(r"```console\n$ \1\n```", text)


def _documented() -> Any:
    command: Any = typer.main.get_command(application())
    for part in (command, *command.commands.values()):
        part.help = _with_code(part.help)
    rest = re.sub(r"^(-.+?): ", r"`\1`: ", command.epilog, flags=re.MULTILINE)
    command.help = f"{command.help}\n\n{rest}"
    return command


command = _documented()
