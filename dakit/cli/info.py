"""``dakit info``: everything about one component."""

from __future__ import annotations

import inspect
import json
import sys
from typing import Annotated

import typer

from dakit import catalog
from dakit.catalog import KIND_LABELS, Component
from dakit.cli.completion import components, kinds
from dakit.cli.field_rows import field_rows
from dakit.cli.kinds import parse_kind
from dakit.cli.tables import print_table
from dakit.components import ComponentSpec

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
    for number, component in enumerate(catalog.current().named(name, parse_kind(kind))):
        if number:
            sys.stdout.write("\n\n")
        _print(component)


def _print(component: Component) -> None:
    spec_class = component.spec_class
    lines = [
        f"{component.name}: {KIND_LABELS[component.kind]}, from plugin {component.plugin}",
        "",
        inspect.cleandoc(spec_class.__doc__ or "(not documented)").replace("``", "`"),
        "",
        *([f"Paper: {spec_class.paper}", ""] if spec_class.paper else []),
        *_head(spec_class),
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    rows = [
        row._replace(default=_shortened(row.default))
        for row in field_rows(spec_class)
        if row.name != "name"
    ]
    if rows:
        print_table(("field", "type", "default", "bounds", "description"), rows)
    from dakit.spec.example import spec_fragment

    fragment = json.dumps(spec_fragment(spec_class), indent=2, ensure_ascii=False)
    file = "sweep file" if component.kind == "launcher" else "run spec"
    sys.stdout.write(f"\nIn a {file}:\n\n{fragment}\n")


def _head(spec_class: type[ComponentSpec]) -> list[str]:
    widths = list(getattr(spec_class, "published_head", ()))
    return [f"Default of model.head.hidden: {widths}, as published", ""] if widths else []


def _shortened(default: str) -> str:
    """Cut a default that would push the other columns off the page."""
    return default if len(default) <= LONGEST else f"{default[: LONGEST - 4]} ..."
