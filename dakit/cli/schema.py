"""``dakit schema``: what editors need to complete and check run specs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def schema(
    out: Annotated[
        Path | None, typer.Option(help="The file to write; by default the screen.", metavar="FILE")
    ] = None,
) -> None:
    """Write the JSON Schema of run specs: dakit and every installed plugin.

    Name the file in a spec as "$schema" and editors complete and check the spec. Write it anew
    after plugins are installed or removed.

    Example: dakit schema --out run-spec.schema.json
    """
    from dakit.runs.writing import write_text
    from dakit.spec.schema import json_schema

    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)
