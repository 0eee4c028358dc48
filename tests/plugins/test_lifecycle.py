"""A plugin is installed, upgraded, removed, broken and repaired while runs with it exist.

What the runs have stored is always told. What needs the plugin works, or says which plugin it
was, in which version, and what became of it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from tests.warm import WarmPython

PLUGIN = """
from typing import Literal

from dakit import BackboneSpec, TransferLossSpec, hookimpl
from pydantic import Field, model_validator


class Flat(BackboneSpec):
    '''A layer on flattened inputs.'''

    name: Literal["flat"] = "flat"
    width: int = Field(4, description="Number of features.")

    def build(self, context):
        from dakit_lens.parts import FlatNetwork

        return FlatNetwork(context.input_shape, self.width)


class Pull(TransferLossSpec):
    '''Distance of the means.'''

    name: Literal["pull"] = "pull"
    power: float = Field(2.0, description="Of the distance.")

    def build(self, context):
        from dakit_lens.parts import PullLoss

        return PullLoss(self.power)


@hookimpl
def dakit_backbones():
    return [Flat]


@hookimpl
def dakit_transfer_losses():
    return [Pull]
"""
PARTS = """
import math

from dakit.contracts import Backbone, LossTerm
from torch import nn


class FlatNetwork(Backbone):
    def __init__(self, shape, width):
        super().__init__()
        self.feature_dim = width
        self.layer = nn.Linear(math.prod(shape), width)

    def forward(self, inputs):
        return self.layer(inputs.flatten(1)).tanh()


class PullLoss(LossTerm):
    def __init__(self, power):
        super().__init__()
        self.power = power

    def forward(self, batch):
        shift = batch.source.features.mean(0) - batch.target.features.mean(0)
        return (shift.square().sum() + 1e-12) ** (self.power / 2)
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "dakit-lens"
version = "1.0"
dependencies = ["dakit>=0.1"]
[project.entry-points.dakit]
lens = "dakit_lens.plugin"
"""
OPTIONAL = PLUGIN.replace(
    'power: float = Field(2.0, description="Of the distance.")',
    'power: float = Field(2.0, description="Of the distance.")\n'
    '    scale: float = Field(1.0, description="Of the features.")',
)
RENAMED = PLUGIN.replace("width: int", "features: int").replace("self.width", "self.features")
RENAMED = RENAMED.replace("power: float", "exponent: float").replace("self.power", "self.exponent")
UNDERSTOOD = RENAMED.replace(
    "    def build(self, context):\n        from dakit_lens.parts import FlatNetwork",
    """    @model_validator(mode="before")
    @classmethod
    def _was_width(cls, given):
        if isinstance(given, dict) and "width" in given:
            given = {**given, "features": given["width"]}
            del given["width"]
        return given

    def build(self, context):
        from dakit_lens.parts import FlatNetwork""",
).replace(
    "    def build(self, context):\n        from dakit_lens.parts import PullLoss",
    """    @model_validator(mode="before")
    @classmethod
    def _was_power(cls, given):
        if isinstance(given, dict) and "power" in given:
            given = {**given, "exponent": given["power"]}
            del given["power"]
        return given

    def build(self, context):
        from dakit_lens.parts import PullLoss""",
)
SPEC = {
    "schema_version": 1,
    "name": "pulled",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "flat", "width": 6}},
    "objective": {"transfer": {"name": "pull", "power": 1.5}},
    "training": {"epochs": 1, "batch_size": 256},
    "evaluation": {"bootstrap": 5},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, warm_python: WarmPython) -> Path:
    """A folder with a run that was made with version 1.0, and an image to predict on."""
    folder = tmp_path_factory.mktemp("world")
    install(folder)
    (folder / "spec.json").write_text(json.dumps(SPEC))
    np.save(folder / "images.npy", np.zeros((2, 1, 8, 8), np.float32))
    line = ["-m", "dakit", "run", "spec.json", "--no-report"]
    environ = {**clean_environment(), "PYTHONPATH": str(folder / "site")}
    done = warm_python.run(line, cwd=folder, env=environ)
    assert done.returncode == 0, done.stderr
    return folder


def install(folder: Path) -> None:
    """Install version 1.0 by pip, once; see ``put_back``."""
    source = folder / "source"
    (source / "dakit_lens").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT)
    for name, text in (("__init__", ""), ("plugin", PLUGIN), ("parts", PARTS)):
        (source / "dakit_lens" / f"{name}.py").write_text(text)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target"]
    pip = [sys.executable, "-m", "pip", "install", *options, str(folder / "kept"), str(source)]
    subprocess.run(pip, check=True, capture_output=True, timeout=300)
    put_back(folder)


def put_back(folder: Path) -> None:
    """Put version 1.0 in place of what is there, or is no longer there."""
    remove(folder)
    shutil.copytree(folder / "kept", folder / "site")


def change(folder: Path, module: str, version: str) -> None:
    """Make the installed plugin another one, as an upgrade would, without the seconds of pip."""
    (folder / "site" / "dakit_lens" / "plugin.py").write_text(module)
    (metadata,) = (folder / "site").glob("dakit_lens-*.dist-info/METADATA")
    lines = metadata.read_text().splitlines(keepends=True)
    kept = [f"Version: {version}\n" if line.startswith("Version: ") else line for line in lines]
    metadata.write_text("".join(kept))


def remove(folder: Path) -> None:
    shutil.rmtree(folder / "site", ignore_errors=True)


@pytest.fixture
def later(world: Path, warm_python: WarmPython) -> Callable[..., dict[str, str]]:
    """A function that loads the run, makes its report and predicts, and tells what was said.

    One process, as the commands cost seconds each; `main` is the command line.
    """
    script = """
import contextlib, io, json, sys
from pathlib import Path
import dakit.workflows.report
from dakit import load_run
from dakit.cli.app import main

def slow(*arguments, **options):
    raise ValueError("left out of this test")

dakit.workflows.plan_again.latent_space = slow  # t-SNE and figures need no plugin
dakit.workflows.report.figures_possible = lambda: False

(run,) = Path("runs").glob("pulled-*")
told = {"accuracy": load_run(run).metrics["target_test"]["accuracy"]}
for line in (["runs"], ["report", str(run)],
             ["predict", str(run), "images.npy", "--out", "out.csv", "--overwrite"]):
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        code = main(line)
    told[line[0]] = f"{code} {text.getvalue()}"
told["page"] = (run / "report.html").read_text()
if sys.argv[1:]:
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
        told["run"] = f"{main(['run', 'spec.json'])} "
    told["run"] += text.getvalue()
print("TOLD" + json.dumps(told))
"""

    def look(*more: str) -> dict[str, str]:
        done = warm_python.run(
            ["-c", script, *more],
            env={**clean_environment(), "PYTHONPATH": str(world / "site"), "COLUMNS": "400"},
            cwd=world,
            prepare="import sys; sys.dont_write_bytecode = True",
        )
        assert "TOLD" in done.stdout, done.stdout + done.stderr
        told: dict[str, str] = json.loads(done.stdout.partition("TOLD")[2])
        return told

    return look


def clean_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("DAKIT_")}


def stored_numbers_are_told(told: dict[str, str]) -> None:
    """Whatever happened to the plugin: the run opens, is listed, and has its report."""
    assert isinstance(told["accuracy"], float)
    assert told["runs"].startswith("0 ")
    assert "pulled" in told["runs"]
    assert told["report"].startswith("0 ")


LEFT_OUT = "Data or network cannot be had again, so this part is left out"
MADE_WITH = "The run was made with the plugin 'lens' (dakit-lens 1.0)"


def test_upgraded_with_a_new_optional_field_everything_works(
    world: Path, later: Callable[..., dict[str, str]]
) -> None:
    change(world, OPTIONAL, "1.1")
    told = later()
    stored_numbers_are_told(told)
    assert LEFT_OUT not in told["page"]
    assert told["predict"].startswith("0 ")


def test_upgraded_with_a_renamed_field_it_says_which_version_it_needs(
    world: Path, later: Callable[..., dict[str, str]]
) -> None:
    change(world, RENAMED, "2.0")
    told = later()
    stored_numbers_are_told(told)
    assert "model.backbone.width: unknown key" in unescape(told["page"])
    assert f"{MADE_WITH}, which is 2.0 now." in unescape(told["page"])
    assert told["predict"].startswith("2 ")
    assert "needs another version of the backbone 'flat'" in told["predict"]
    assert "'lens' (dakit-lens 1.0)" in told["predict"]


def test_a_renamed_field_that_stays_understood_breaks_nothing(
    world: Path, later: Callable[..., dict[str, str]]
) -> None:
    change(world, UNDERSTOOD, "2.1")
    told = later()
    stored_numbers_are_told(told)
    assert LEFT_OUT not in told["page"]
    assert told["predict"].startswith("0 ")


def test_removed_it_says_what_it_misses(world: Path, later: Callable[..., dict[str, str]]) -> None:
    remove(world)
    told = later("and run it")
    stored_numbers_are_told(told)
    page = unescape(told["page"])
    assert LEFT_OUT in page
    assert f"{MADE_WITH}, which is not installed now." in page
    assert told["predict"].startswith("2 ")
    assert "the backbone 'flat' of the plugin 'lens' (dakit-lens 1.0)" in told["predict"]
    assert told["run"].startswith("2 ")
    assert "there is no backbone named 'flat'" in told["run"]
    assert "there is no transfer loss named 'pull'" in told["run"]


def test_broken_it_says_why_and_repaired_it_works(
    world: Path, later: Callable[..., dict[str, str]]
) -> None:
    put_back(world)
    change(world, "import no_such_module\n" + PLUGIN, "1.0")
    told = later()
    stored_numbers_are_told(told)
    page = unescape(told["page"])
    reason = "which is failed now: ModuleNotFoundError: No module named 'no_such_module'"
    assert f"{MADE_WITH}, {reason}" in page
    assert told["predict"].startswith("2 ")
    assert "dakit-lens 1.0" in told["predict"]
    assert "No module named 'no_such_module'" in told["predict"]

    change(world, PLUGIN, "1.0.1")
    told = later("and run it")
    stored_numbers_are_told(told)
    assert LEFT_OUT not in told["page"]
    assert told["predict"].startswith("0 ")
    assert told["run"].startswith("0 ")
    assert "already finished" in told["run"]
    assert "with lens 1.0 (1.0.1 is installed)" in " ".join(told["run"].split())


def test_with_its_loss_alone_gone_the_report_is_whole(
    world: Path, later: Callable[..., dict[str, str]]
) -> None:
    change(world, PLUGIN.replace("return [Pull]", "return []"), "1.0")
    told = later()
    stored_numbers_are_told(told)
    assert LEFT_OUT not in told["page"]
    assert told["predict"].startswith("0 ")


def test_the_run_keeps_what_made_it(world: Path) -> None:
    (environment,) = (world / "runs").glob("pulled-*/environment.json")
    plugins = {p["name"]: p["version"] for p in json.loads(environment.read_text())["plugins"]}
    assert plugins["lens"] == "1.0"
