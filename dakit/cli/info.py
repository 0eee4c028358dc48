"""``dakit info``: everything about one component."""

from __future__ import annotations

import inspect
import sys
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from dakit.cli.completion import components, kinds
from dakit.cli.field_rows import field_rows
from dakit.cli.kinds import parse_kind
from dakit.cli.tables import print_json, print_table
from dakit.components import ComponentSpec
from dakit.plugins import catalog
from dakit.plugins.catalog import Component

LONGEST = 40


def info(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=components,
            help="A component's name; see `dakit list-plugins`.",
        ),
    ],
    kind: Annotated[
        str | None,
        typer.Option(
            autocompletion=kinds, help="Its kind, where components of several share the name."
        ),
    ] = None,
) -> None:
    """Explain a component: its method, paper, fields with bounds, and how a spec asks for it.

    Example: dakit info mmd
    """
    found = catalog.current().named(name, parse_kind(kind))
    for number, component in enumerate(found):
        if number:
            sys.stdout.write("\n\n")
        _print(component)


def _print(component: Component) -> None:
    spec_class = component.spec_class
    about = f"{spec_class.kind_label}, from plugin {component.plugin}"
    further = [*_origins(spec_class), *_head(spec_class)]
    _print_fields(spec_class, f"{component.name}: {about}", further)
    from dakit.spec.example import spec_fragment

    _print_fragment(spec_fragment(spec_class), spec_class.kind_file)


def _print_fields(spec_class: type[BaseModel], title: str, further: list[str]) -> None:
    doc = inspect.cleandoc(spec_class.__doc__ or "(not documented)").replace("``", "`")
    sys.stdout.writelines(f"{line}\n" for line in [title, "", doc, "", *further])
    rows = [
        row._replace(default=_shortened(row.default))
        for row in field_rows(spec_class)
        if row.name != "name"
    ]
    if rows:
        print_table(("field", "type", "default", "bounds", "description"), rows)


def _print_fragment(fragment: Any, file: str) -> None:
    sys.stdout.write(f"\nIn a {file}:\n\n")
    print_json(fragment)


def _origins(spec_class: type[ComponentSpec]) -> list[str]:
    said = {name: getattr(spec_class, name, "") for name in ("paper", "oracle", "measured")}
    lines = [f"{name.capitalize()}: {text}" for name, text in said.items() if text]
    return [*lines, ""] if lines else []


def _head(spec_class: type[ComponentSpec]) -> list[str]:
    widths = list(getattr(spec_class, "published_head", ()))
    return [f"Default of model.head.hidden: {widths}, as published", ""] if widths else []


def _shortened(default: str) -> str:
    """Cut a default that would push the other columns off the page."""
    return default if len(default) <= LONGEST else f"{default[: LONGEST - 4]} ..."
