"""Every example spec is valid; what the documents show is tested in documentation/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.spec.loading import load_spec

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(
    path for path in (ROOT / "examples").rglob("*.json") if not path.match("*.schema.json")
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: str(p.relative_to(ROOT)))
def test_example_specs_are_valid(path: Path) -> None:
    loaded = load_spec(path)
    expected = path.stem if path.parent.name == "astro_mergers" else f"paper_{path.stem}"
    assert loaded.spec.name == expected


def test_the_examples_exist_for_both_networks() -> None:
    names = {path.stem for path in EXAMPLES}
    plain = {f"sim_sim_{m}" for m in ("noda", "mmd", "mmd_f", "ada", "ada_f")}
    plain |= {f"sim_real_{m}" for m in ("noda", "mmd", "tl")}
    assert plain | {f"{name}_resnet18" for name in plain} <= names


def test_the_schema_beside_the_examples_is_up_to_date() -> None:
    environment = {**os.environ, "DAKIT_PLUGINS": "astro_mergers"}
    printed = subprocess.run(
        [sys.executable, "-m", "dakit", "schema"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    stored = (ROOT / "examples" / "astro_mergers" / "run-spec.schema.json").read_text()
    assert json.loads(stored) == json.loads(printed), "run `make schema`"
