"""One term that drowns the others, and inputs of a scale that no loss is made for, are told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import dakit
from dakit.cli.app import main
from dakit.reporting.compare.console import print_comparison
from dakit.reporting.report.cautions import cautions
from dakit.runs.records import EpochRow, Resolved
from dakit.runs.results import Results
from dakit.runs.run import Run
from dakit.training.reporter import SilentReporter
from dakit.training.scale import scale_cautions
from dakit.workflows.compare import gather
from dakit.workflows.report import gather as gather_report
from tests.run_files import made, resolved


def history(*shares: float | None, **parts: Any) -> list[EpochRow]:
    rows = [
        {
            "epoch": 1,
            "learning_rate": 0.1,
            "scores": {},
            "losses": {"cross_entropy": 0.7, "mmd": 98_976.0, "total": 990.5},
            "weights": {"cross_entropy": 1.0, "mmd": 0.01},
            "gradient_shares": {
                "cross_entropy": None if share is None else 1 - share,
                "mmd": share,
            },
            **parts,
        }
        for share in shares
    ]
    return [made(EpochRow, row) for row in rows]


def results(balanced_accuracy: float | None, **parts: Any) -> Results:
    tested = {"n": 9, "balanced_accuracy": balanced_accuracy}
    content = {
        "run_id": "1",
        "name": "raw",
        "data": {"origin": "files", "class_names": ["a", "b"]},
        "selection": {"validator": "oracle", "epoch": 1, "used_target_labels": True},
        "metrics": {"source_test": tested},
    }
    return made(Results, {**content, **parts})


def spec(**parts: Any) -> Resolved:
    return made(Resolved, {**resolved("raw", epochs=1), **parts})


def said(
    *shares: float | None,
    skill: float | None = 0.0,
    task: str | None = "cross_entropy",
    loss: float = 98_976.0,
    **inputs: Any,
) -> str:
    measured = None if skill is None else 0.5 + skill / 2
    asked = spec(
        objective={"task": task and {"name": task}, "transfer": {"name": "mmd"}},
        data={"name": "arrays", "normalize": {"method": "none"}},
    )
    rows = history(*shares, losses={"cross_entropy": 0.7, "mmd": loss, "total": 990.5})
    return "\n".join(scale_cautions(results(measured, inputs=inputs), asked, rows))


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ((0.96, 0.97, 0.998, 0.99), True),
        ((0.5, 0.97, 0.99, 0.99, 0.99, 0.99), True),
        ((0.5, 0.6, 0.99, 0.99), False),
        ((0.9, 0.9, 0.9), False),
        ((None, None, 0.99), True),
        ((None, None), False),
        ((), False),
    ],
)
def test_a_term_that_has_nearly_all_of_the_gradient(
    shares: tuple[float | None, ...], told: bool
) -> None:
    line = said(*shares)
    assert ("One term drowns the others" in line) == told
    assert ("of mmd (weight 0.01 x 9.898e+04, a total of 990.5), and cross_entropy" in line) == told


def test_a_log_that_lacks_the_numbers_is_told_of_all_the_same() -> None:
    rows = history(0.99, 0.99, weights={}, losses={"total": None})
    asked = spec(objective={"task": {"name": "cross_entropy"}})
    (line,) = scale_cautions(results(0.5), asked, rows)
    assert "of mmd (weight nan" in line


def test_a_task_that_is_learned_is_not_drowned() -> None:
    """Late in a good training the gradient of the task is small, and that is all right."""
    assert said(0.99, 0.99, skill=0.9, loss=30.0) == ""
    assert said(0.99, 0.99, task=None) == ""
    assert said(0.99, 0.99, skill=None) == ""
    assert "drowns" in said(0.99, 0.99, skill=0.3, loss=30.0)


def test_a_term_of_another_scale_is_told_though_the_task_is_learned() -> None:
    """The trace difference of learned centres, 10^5 times the task: the network obeys it alone."""
    line = said(0.99, 0.99, skill=0.9)
    assert "One term drowns the others" in line
    assert "and though cross_entropy is learned, it is 1.4e+03 times smaller." in line
    assert said(0.9, 0.9, skill=0.9) == ""  # a large constant pulls at nothing


@pytest.mark.parametrize(
    ("mean", "sd", "told"),
    [(0, 1, False), (0.5, 0.2, False), (120, 61, True), (1e4, 1, True), (0, 1e-9, True)],
)
def test_inputs_of_another_scale(mean: float, sd: float, told: bool) -> None:
    line = said(target={"mean": mean, "sd": sd})
    assert bool(line) == told
    assert ("those of the target" in line and "data.normalize.method is 'none'" in line) == told


def run_on(images: Path, **objective: Any) -> Run:
    side = {"inputs": str(images), "inputs_key": "x", "labels": str(images), "labels_key": "y"}
    content = {
        "schema_version": 1,
        "name": "raw",
        "data": {
            "name": "arrays",
            "source": side,
            "target": side,
            "normalize": {"method": "none"},
        },
        "model": {"backbone": {"name": "mlp", "hidden": [4]}},
        "objective": objective,
        "training": {"epochs": 2, "batch_size": 64},
        "evaluation": {"bootstrap": 0},
    }
    return dakit.run(content, out=images.parent, reporter=SilentReporter())


@pytest.mark.filterwarnings("ignore")
def test_raw_pixels_are_told_on_the_console_and_in_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dakit.workflows.report._pictures", lambda *_: {})
    rng = np.random.default_rng(0)
    images = tmp_path / "images.npz"
    np.savez(images, x=rng.integers(0, 256, (80, 1, 4, 4)).astype(np.uint8), y=np.arange(80) % 2)
    fisher = {"name": "fisher", "form": "trace_difference", "weight": 1.0}
    run = run_on(images, regularizers=[fisher], transfer="mmd")
    inputs = run.results["inputs"]["source"]
    assert inputs["mean"] == pytest.approx(127.5, abs=10)
    assert inputs["sd"] == pytest.approx(73.9, abs=5)
    lines = [line for line in cautions(gather_report(run)) if "scale" in line]
    assert "of fisher" in lines[0]
    assert lines[1].startswith("Inputs of this scale: those of the source have a mean of 1")
    assert "; those of the target have a mean of 1" in lines[1]
    text = io.StringIO()
    print_comparison(Console(file=text, width=500), gather([run], latent=False))
    assert "One term drowns the others" in text.getvalue()
    assert "(MMD+fisher seed 0)" in text.getvalue()
    path = str(run.folder.spec)
    assert main(["run", path, "--out", str(tmp_path), "--no-report"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "already finished" in shown
    assert "One term drowns the others: in three epochs of four" in shown
    assert "Inputs of this scale: those of the source have a mean of 1" in shown
