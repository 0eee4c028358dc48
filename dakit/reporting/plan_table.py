"""What ``dakit run --dry-run`` shows: everything that is settled before the first step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_plan(console: Console, *plans: Mapping[str, Any]) -> None:
    """Print the facts of plans, one a line, in the order in which they are carried out."""
    for facts in plans:
        table = Table.grid(padding=(0, 2))
        for name, value in facts.items():
            table.add_row(name, _text(value))
        console.print(table, "")
    console.print("dry run: nothing was trained or written")


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {number:,}" for key, number in value.items())
    if isinstance(value, list):
        return "\n".join(str(item) for item in value)
    return str(value)
