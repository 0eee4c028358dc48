"""What the commands print: tables and JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from dakit.errors import printable
from dakit.reporting.aligned_table import plain_lines, print_aligned


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()
) -> None:
    """Print ``rows`` under the titles ``columns``; ``styles`` colours whole rows on a terminal."""
    if sys.stdout.isatty():
        from rich.console import Console

        print_aligned(Console(), columns, rows, emphasis=styles or None)
    else:
        sys.stdout.writelines(f"{line}\n" for line in plain_lines(columns, rows))


def print_json(value: Any) -> None:
    """Print ``value`` as JSON that is JSON on a stream of any encoding."""
    sys.stdout.write(f"{json_text(value, sys.stdout.encoding or 'utf-8')}\n")


def json_text(value: Any, encoding: str = "utf-8") -> str:
    """Return ``value`` as JSON, in ASCII where a terminal or ``encoding`` could not show it.

    What the stream would spell out itself is no JSON: ``\\x9b``.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    shown = printable(text).encode(encoding, "replace").decode(encoding)
    return text if shown == text else json.dumps(value, indent=2)
