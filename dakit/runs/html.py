"""Texts and tables in HTML: of a page, and of a run in a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from dakit.errors import printable


def escaped(text: str) -> str:
    """Return a text for a page: escaped, and what no reader sees or a browser obeys spelt out."""
    return escape(printable(text))


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return an escaped table whose first column names the rows; it scrolls where it is wide."""
    head = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in header)
    body = "".join(_row(row) for row in rows)
    return (
        f'<div class="wide"><table><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *rest = (escaped(cell) for cell in cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
