"""Small pieces of HTML."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dakit.runs.html import table

__all__ = ["bullets", "pairs", "paragraph", "table"]


def paragraph(text: str, kind: str = "") -> str:
    """Return an escaped paragraph."""
    return f"<p{_class(kind)}>{escape(text)}</p>"


def bullets(lines: Iterable[str], kind: str = "") -> str:
    """Return an escaped list."""
    return f"<ul{_class(kind)}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return names and values, escaped, as a definition list; empty values are left out."""
    lines = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f"<dl>{''.join(lines)}</dl>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
