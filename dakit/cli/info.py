"""``dakit info``: everything about one component."""

from __future__ import annotations

import inspect
import json
import sys
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python

from dakit import catalog
from dakit.catalog import KIND_LABELS, Component
from dakit.cli.field_rows import field_rows, type_text
from dakit.cli.kinds import parse_kind
from dakit.cli.tables import print_table
from dakit.components import SPEC_BASES, Kind, LossSpec

LONGEST = 40


def info(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A component's name; see `dakit list-plugins`.")
    ],
    kind: Annotated[
        str | None, typer.Option(help="Its kind, where components of several share the name.")
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
    ]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    rows = [
        row._replace(default=_shortened(row.default))
        for row in field_rows(spec_class)
        if row.name != "name"
    ]
    if rows:
        print_table(("field", "type", "default", "bounds", "description"), rows)
    fragment = json.dumps(spec_fragment(component), indent=2, ensure_ascii=False)
    sys.stdout.write(f"\nIn a run spec (what has a default may be left out):\n\n{fragment}\n")


def _shortened(default: str) -> str:
    """Cut a default that would push the other columns off the page."""
    return default if len(default) <= LONGEST else f"{default[: LONGEST - 4]} ..."


def spec_fragment(component: Component) -> dict[str, Any]:
    """Return the piece of a run spec that asks for ``component``, with its own simple fields.

    Fields that must be given hold their first example, or their type in angle brackets.
    """
    values: dict[str, Any] = {"name": component.name}
    inherited = SPEC_BASES[component.kind].model_fields
    for name, field in component.spec_class.model_fields.items():
        if field.is_required():
            placeholder = (field.examples or [f"<{type_text(field.annotation)}>"])[0]
            values[field.alias or name] = placeholder
        elif name not in inherited or (name == "weight" and _is_loss(component)):
            default = to_jsonable_python(field.get_default(call_default_factory=True))
            if isinstance(default, str | int | float):
                values[field.alias or name] = default
    return _placed(component.kind, values)


def _is_loss(component: Component) -> bool:
    return issubclass(component.spec_class, LossSpec)


def _placed(kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
    places: dict[Kind, dict[str, Any]] = {
        "backbone": {"model": {"backbone": values}},
        "task": {"objective": {"task": values}},
        "transfer": {"objective": {"transfer": values}},
        "regularizer": {"objective": {"regularizers": [values]}},
        "dataset": {"data": values},
        "validator": {"training": {"selection": values}},
        "launcher": {"launcher": values},
    }
    return places[kind]
