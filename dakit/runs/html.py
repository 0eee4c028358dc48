"""Pages and notebooks: templates are filled in one place, where nothing in a text is obeyed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from dakit.errors import printable

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, package: str = "dakit.runs", **data: Any) -> str:
    """Return a template of ``package`` (or one that all share) filled with ``data``.

    Texts are escaped, and what no reader sees or a browser obeys is spelt out. A name in a
    template that is not in ``data`` is an error.
    """
    return _templates(package).get_template(template).render(data)


def tables(found: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> str:
    """Return tables for a notebook, each with its caption, header and rows."""
    return rendered("tables.html", tables=list(found))


@cache
def _templates(package: str) -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined  # slow

    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("dakit.runs")]),
        autoescape=True,
        finalize=_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    return environment


def _text(value: Any) -> Any:
    return value if hasattr(value, "__html__") else printable(str(value))


def _number(value: float | None) -> str:
    """Return ``1,234`` for a count, ``0.123`` for others, ``-`` for what is not known."""
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
