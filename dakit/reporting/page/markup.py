"""Small pieces of HTML."""

from __future__ import annotations

from collections.abc import Iterable

from dakit.runs.html import escaped, table

__all__ = ["bullets", "escaped", "pairs", "paragraph", "table"]


def paragraph(text: str, kind: str = "") -> str:
    """Return an escaped paragraph."""
    return f"<p{_class(kind)}>{escaped(text)}</p>"


def bullets(lines: Iterable[str], kind: str = "") -> str:
    """Return an escaped list."""
    return f"<ul{_class(kind)}>{''.join(f'<li>{escaped(line)}</li>' for line in lines)}</ul>"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return names and values, escaped, as a definition list; empty values are left out."""
    lines = (f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in rows if value)
    return f"<dl>{''.join(lines)}</dl>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
