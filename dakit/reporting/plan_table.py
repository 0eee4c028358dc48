"""What ``dakit run --dry-run`` shows: everything that is settled before the first step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from dakit.reporting.aligned_table import print_line


def print_plan(console: Console, *plans: Mapping[str, Any]) -> None:
    """Print the facts of plans, one a line, in the order in which they are carried out."""
    for facts in plans:
        width = max(map(len, facts))
        for name, value in facts.items():
            for number, text in enumerate(_texts(value)):
                print_line(console, f"{'' if number else name:{width}}  {text}".rstrip())
        print_line(console, "")
    print_line(console, "dry run: nothing was trained or written")


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [", ".join(f"{key} {number:,}" for key, number in value.items())]
    return [*map(str, value if isinstance(value, list) else [value])] or [""]
