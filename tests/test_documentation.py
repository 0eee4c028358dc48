"""Every example spec is valid; what the documents show is tested in documentation/."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dakit.spec.loading import load_spec
from dakit.spec.sweep import is_sweep_file, load_sweep
from dakit.spec.sweep_runs import sweep_runs

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for path in (ROOT / "examples").rglob("*.json") if not path.match("*.schema.json")
)
SWEEPS = [path for path in FILES if is_sweep_file(path)]
TABLES = [path for path in SWEEPS if path.match("*_all.json")]
EXAMPLES = [path for path in FILES if path not in SWEEPS]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: str(p.relative_to(ROOT)))
def test_example_specs_are_valid(path: Path) -> None:
    loaded = load_spec(path)
    expected = path.stem if path.parent.name == "astro_mergers" else f"paper_{path.stem}"
    assert loaded.spec.name == expected


@pytest.mark.parametrize("path", SWEEPS, ids=lambda p: p.name)
def test_example_sweeps_are_quick_on_mock_data(path: Path) -> None:
    sweep = load_sweep(path)
    assert sweep.spec.name == path.stem
    for run in sweep_runs(sweep, quick=True):
        for each in (run, run.start or run):
            assert each.loaded.resolved["data"]["origin"] == "mock"
            assert each.loaded.resolved["data"]["mock_size"] <= 1200
            assert each.loaded.spec.training.epochs <= 15
            assert each.loaded.spec.model.backbone.name == "deepmerge"


def test_the_main_job_is_compared_with_its_baselines() -> None:
    runs = sweep_runs(load_sweep(ROOT / "examples/astro_mergers/main.json"), quick=False)
    found = {run.loaded.spec.name: run for run in runs}
    assert {"sim_sim_noda", "sim_real_noda", "sim_real_tl"} <= set(found)
    start = found["sim_real_tl"].start
    assert start is not None
    assert start.loaded.resolved == found["sim_sim_mmd_f"].loaded.resolved
    recipe = re.search(r"^run:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert recipe is not None
    assert "dakit run examples/astro_mergers/sim_real_tl.json" in recipe[1]
    assert "dakit sweep examples/astro_mergers/main.json" in recipe[1]


def test_protocols_are_every_method_by_galaxy_and_by_image() -> None:
    runs = sweep_runs(load_sweep(ROOT / "examples/astro_mergers/protocols.json"), quick=False)
    found = {(run.loaded.path.stem, run.loaded.resolved["data"]["protocol"]) for run in runs}
    methods = {path.stem for path in EXAMPLES if path.parent.name == "astro_mergers"}
    methods = {name for name in methods if not name.endswith("_resnet18")}
    assert found == {(name, protocol) for name in methods for protocol in ("clean", "paper")}
    assert len(runs) == 3 * len(found)


@pytest.mark.parametrize("path", TABLES, ids=lambda p: p.name)
def test_example_tables_are_whole_and_for_both_networks(path: Path) -> None:
    sweep = load_sweep(path)
    experiment = path.stem.removesuffix("_all")
    specs = {other.stem for other in path.parent.glob(f"{experiment}_*.json")} - {path.stem}
    runs = sweep_runs(sweep, quick=False)
    assert {run.loaded.spec.name for run in runs} == specs
    assert len({run.loaded.spec.seed for run in runs}) == 3


def test_the_examples_exist_for_both_networks() -> None:
    names = {path.stem for path in EXAMPLES}
    plain = {f"sim_sim_{m}" for m in ("noda", "mmd", "mmd_f", "ada", "ada_f")}
    plain |= {f"sim_real_{m}" for m in ("noda", "mmd", "tl")}
    assert plain | {f"{name}_resnet18" for name in plain} <= names


@pytest.mark.parametrize(
    ("options", "file"), [([], "run-spec.schema.json"), (["--sweep"], "sweep.schema.json")]
)
def test_the_schemas_beside_the_examples_are_up_to_date(options: list[str], file: str) -> None:
    environment = {**os.environ, "DAKIT_PLUGINS": "astro_mergers"}
    printed = subprocess.run(
        [sys.executable, "-m", "dakit", "schema", *options],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    stored = (ROOT / "examples" / "astro_mergers" / file).read_text()
    assert json.loads(stored) == json.loads(printed), "run `make schema`"
