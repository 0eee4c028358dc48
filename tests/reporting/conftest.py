"""The facts of a run that nobody made: two classes, known numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from dakit.evaluation.latent_space import LatentSpace
from dakit.evaluation.metrics import metric_set
from dakit.reporting.figures import drawing
from dakit.reporting.figures.drawing import Drawing
from dakit.reporting.figures.report import make_figures
from dakit.reporting.report.baseline import Baseline, compared
from dakit.reporting.report.facts import Attention, Mistakes, ReportFacts
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.records import Environment, EpochRow, Resolved
from dakit.runs.results import Results
from tests.run_files import changed, made, resolved

CLASSES = ["non-merger", "merger"]


def scored_set(role: str, rows: int = 60, separation: float = 1.0) -> ScoredSet:
    rng = np.random.default_rng(5)
    labels = np.arange(rows) % 2
    second = 1 / (1 + np.exp(-(rng.normal(size=rows) + separation * (2 * labels - 1))))
    return ScoredSet(
        role=role,
        rows=np.arange(rows),
        ids=tuple(f"{role}-{i}" for i in range(rows)),
        labels=labels,
        probabilities=np.stack([1 - second, second], axis=1),
    )


def history(epochs: int = 3, told: float = 0.7) -> list[EpochRow]:
    rows = [
        {
            "epoch": epoch,
            "learning_rate": 1e-3 / epoch,
            "losses": {"cross_entropy": 1 / epoch, "dann": 0.5, "total": 1 / epoch + 0.5 * epoch},
            "weights": {"cross_entropy": 1.0, "dann": 0.5 * epoch},
            "gradient_shares": {"cross_entropy": 0.75, "dann": 0.25},
            "diagnostics": {"dann.domain_accuracy": told, "dann.omega": 0.25},
            "scores": {"source_accuracy": 0.1 * epoch},
        }
        for epoch in range(1, epochs + 1)
    ]
    return [made(EpochRow, row) for row in rows]


def results(sets: dict[str, ScoredSet], **data: Any) -> Results:
    content = {
        "run_id": "0123456789",
        "name": "made_up",
        "seed": 7,
        "data": {
            "origin": "files",
            "description": "images & <numbers>",
            "class_names": CLASSES,
            "leakage": {"lines": ["source: 60 objects in 60 images, none in two parts"]},
            "notes": [],
            **data,
        },
        "selection": {
            "validator": "source_accuracy",
            "epoch": 2,
            "score": 0.2,
            "used_target_labels": False,
        },
        "training": {"epochs": 3, "epochs_run": 3, "stopped_early": False},
        "evaluation": {
            "confidence": 0.95,
            "bootstrap": 50,
            "bootstrap_unit": {"source": "group", "target": "row"},
        },
        "metrics": {
            f"{role}_test": None
            if scored.labels is None
            else metric_set(scored.labels, scored.probabilities, bootstrap=50).model_dump()
            for role, scored in sets.items()
        },
    }
    return made(Results, content)


def latent_space(rows: int = 40) -> LatentSpace:
    rng = np.random.default_rng(0)
    return LatentSpace(
        positions=rng.normal(size=(rows, 2)).astype(np.float32),
        is_target=np.arange(rows) >= rows // 2,
        labels=np.arange(rows) % 2,
        numbers={
            "proxy_a_distance": 1.234,
            "squared_mmd": 0.321,
            "silhouette_class": 0.4,
            "silhouette_domain": None,
        },
    )


def attention() -> Attention:
    rng = np.random.default_rng(0)
    return Attention(
        role="target",
        layer="backbone.conv3",
        images=rng.uniform(size=(2, 3, 12, 12)),
        labels=np.asarray([1, 0]),
        predicted=np.asarray([0, 0]),
        classes=np.asarray([[1, 0], [1, 0]]),
        maps=np.stack([rng.uniform(size=(2, 12, 12)), np.zeros((2, 12, 12))]).astype(np.float32),
    )


def mistakes() -> Mistakes:
    return Mistakes(
        role="target",
        images=np.random.default_rng(0).uniform(size=(2, 3, 12, 12)),
        ids=("587722984435351614-field-42", "b"),
        labels=np.asarray([1, 0]),
        predicted=np.asarray([0, 1]),
        confidence=np.asarray([0.97, 0.91]),
        wrong=11,
        tested=60,
    )


MakeFacts = Callable[..., ReportFacts]


@pytest.fixture(scope="session")
def make_facts() -> MakeFacts:
    """Return a function that makes facts; its arguments replace parts of them."""

    def make(**changes: Any) -> ReportFacts:
        sets = changes.pop("sets", {role: scored_set(role) for role in ("source", "target")})
        parts: dict[str, Any] = {
            "results": results(sets, **changes.pop("data", {})),
            "spec": made(
                Resolved, {**resolved("made_up", epochs=3), "evaluation": {"ece_bins": 10}}
            ),
            "environment": Environment(),
            "history": history(),
            "sets": sets,
            "counts": {
                role: {part: [30, 30] for part in ("train", "validation", "test")} for role in sets
            },
            "latent": {"before": latent_space(), "after": latent_space()},
            "attention": [attention()],
            "mistakes": [mistakes()],
        }
        return ReportFacts(**{**parts, **changes})

    return make


def other_results(sets: dict[str, ScoredSet]) -> Results:
    """The results of another run, without adaptation, on the same data."""
    return changed(results(sets), name="plain", run_id="9876543210")


@pytest.fixture(scope="session")
def beside() -> Callable[..., Baseline]:
    """Return a function that sets a run beside one whose logits are ``worse`` by so much."""

    def make(separation: float, other: float) -> Baseline:
        sets, other_sets = (
            {role: scored_set(role, 200, value) for role in ("source", "target")}
            for value in (separation, other)
        )
        return compared(results(sets), sets, other_results(other_sets), other_sets)

    return make


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Return the matplotlib figures that a test draws, as they are drawn."""
    kept: list[Figure] = []

    class Kept(Figure):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            kept.append(self)

        def savefig(self, *_: Any, **__: Any) -> None:
            """Leave the file empty, which nobody looks at."""

    monkeypatch.setattr(drawing, "Figure", Kept)
    return kept


@pytest.fixture(scope="session")
def figures(make_facts: MakeFacts) -> dict[str, list[Drawing]]:
    """Return all figures of the facts as they are."""
    return make_figures(make_facts())
