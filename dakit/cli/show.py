"""``dakit show``: what a run spec amounts to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dakit.cli.completion import Overrides
from dakit.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from dakit.spec.loading import LoadedSpec


def show(
    spec: Annotated[Path, typer.Argument(help="The run spec, a JSON file.", metavar="SPEC")],
    overrides: Overrides = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the resolved spec alone; it is a valid spec.")
    ] = False,
) -> None:
    """Show every value of a run, defaults included, and where it came from.

    A value comes from a line of a file (the spec or one that it extends), from --set, or is a
    default. The paths on the left are those that --set takes.

    Example: dakit show examples/astro_mergers/sim_real_tl.json

    Example: dakit show spec.json --set training.epochs=5 --json > resolved.json
    """
    from dakit.spec.loading import load_spec

    loaded = load_spec(spec, overrides or [])
    if as_json:
        print_json(loaded.resolved)
    else:
        _print(loaded)


def _print(loaded: LoadedSpec) -> None:
    from dakit.spec.fields import leaves
    from dakit.spec.problems import dotted

    values = [(dotted(s), json.dumps(v, ensure_ascii=False)) for s, v in leaves(loaded.resolved)]
    rows = [(path, loaded.origins[path], value) for path, value in values]
    styles = ["dim" if origin == "default" else "" for _, origin, _ in rows]
    print_table(("path", "from", "value"), rows, styles)
