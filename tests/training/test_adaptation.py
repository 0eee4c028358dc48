"""*No adaptation* is what the terms and BatchNorm do, not what the spec calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import dakit
from dakit.errors import InputError
from dakit.reporting.report.what_was_run import what_was_run
from dakit.runs.results import Adaptation
from dakit.runs.run import Run
from dakit.training.adaptation import adaptation_in
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import gather
from dakit.workflows.report import gather as gather_report
from dakit.workflows.report import report

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "training": {"epochs": 1, "batch_size": 256},
    "evaluation": {"bootstrap": 0},
}
NORMED = {"name": "small_cnn", "channels": [2], "batch_norm": True}


def changed(objective: dict[str, Any], **parts: Any) -> dict[str, Any]:
    training = {**SPEC["training"], **parts.pop("training", {})}
    return {**SPEC, **parts, "objective": objective, "training": training}


PSEUDO = {"task": "cross_entropy", "regularizers": ["pseudo_labels"]}
SOURCE_ENTROPY = {"name": "entropy", "on": "source"}
CASES: dict[str, tuple[dict[str, Any], Adaptation]] = {
    "plain": (changed({}), Adaptation()),
    "transfer": (changed({"transfer": "mmd"}), Adaptation(terms=["mmd"])),
    "without_weight": (changed({"transfer": {"name": "mmd", "weight": 0}}), Adaptation()),
    "pseudo": (changed(PSEUDO), Adaptation(terms=["pseudo_labels"])),
    "on_source": (changed({"regularizers": [SOURCE_ENTROPY, "fisher"]}), Adaptation()),
    "second": (
        changed({"regularizers": [SOURCE_ENTROPY, "entropy"]}),
        Adaptation(terms=["entropy_2"]),
    ),
    "no_layer": (changed({}, training={"batch_norm": "joint"}), Adaptation()),
    "joint": (
        changed({}, model={"backbone": NORMED}, training={"batch_norm": "joint"}),
        Adaptation(batch_norm="joint"),
    ),
    "domain": (
        changed({}, model={"backbone": NORMED}, training={"batch_norm": "domain"}),
        Adaptation(batch_norm="domain"),
    ),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    out = tmp_path_factory.mktemp("runs")
    return {
        name: dakit.run({**spec, "name": name}, out=out, reporter=SilentReporter())
        for name, (spec, _) in CASES.items()
    }


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dakit.workflows.report._pictures", lambda *_: {})


def as_of_an_earlier_dakit(run: Run) -> None:
    results = run.results
    results.pop("adaptation", None)
    run.folder.results.write_text(json.dumps(results))


@pytest.fixture(params=["noted", "from the spec"])
def told(runs: dict[str, Run], request: pytest.FixtureRequest) -> dict[str, Run]:
    """The finished runs, as they are and as an earlier dakit would have left them."""
    if request.param == "from the spec":
        for run in runs.values():
            as_of_an_earlier_dakit(run)
    return runs


def objective(run: Run) -> str:
    """Return what its report says of it."""
    return dict(what_was_run(gather_report(run)))["Objective"]


def test_a_finished_run_tells_by_what_it_adapted(told: dict[str, Run]) -> None:
    assert {name: adaptation_in(run) for name, run in told.items()} == {
        name: expected for name, (_, expected) in CASES.items()
    }


def test_a_regularizer_that_reads_the_target_is_no_baseline(told: dict[str, Run]) -> None:
    assert "(no adaptation)" in objective(told["plain"])
    assert "no adaptation" not in objective(told["pseudo"])
    with pytest.raises(InputError, match="it adapts with 'pseudo_labels'; give a run in which"):
        report(told["transfer"], baseline=told["pseudo"])
    (facts,) = gather([told["transfer"], told["pseudo"]], latent=False).experiments
    assert facts.baseline is None


def test_batch_norm_that_sees_the_target_is_told(told: dict[str, Run]) -> None:
    assert objective(told["joint"]) == "cross_entropy (adapts by joint BatchNorm)"
    (facts,) = gather([told["joint"], told["domain"]], latent=False).experiments
    assert facts.baseline is None
    assert [m.label for m in facts.methods] == ["joint BatchNorm", "domain BatchNorm"]


def test_what_is_not_installed_any_more_may_have_read_the_target(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    run = runs["on_source"]
    as_of_an_earlier_dakit(run)
    resolved = json.loads(run.folder.resolved.read_text())
    resolved["objective"]["task"]["name"] = "task_that_is_gone"
    resolved["objective"]["regularizers"][1]["name"] = "gone"
    resolved["model"]["backbone"]["name"] = "gone_too"
    run.folder.resolved.write_text(json.dumps(resolved))
    assert adaptation_in(run) == Adaptation(terms=["gone"])
