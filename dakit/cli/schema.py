"""``dakit schema``: what editors need to complete and check run specs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.tables import json_text, print_json


def schema(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; by default the screen.", metavar="FILE")
    ] = None,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="The schema of sweep files instead of run specs.")
    ] = False,
) -> None:
    """Write the JSON Schema of run specs or sweep files: dakit and every installed plugin.

    Name the file in a spec as "$schema" and editors complete and check the spec. Write it anew
    after plugins are installed or removed.

    Examples:

      dakit schema --out run-spec.schema.json

      dakit schema --sweep --out sweep.schema.json
    """
    from dakit.files.writing import check_writable, write_text
    from dakit.spec.schema import json_schema, sweep_json_schema

    schema = sweep_json_schema() if sweep else json_schema()
    if out is None:
        print_json(schema)
    else:
        check_writable(out)
        write_text(out, f"{json_text(schema)}\n")
