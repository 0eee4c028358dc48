"""``results.json``: the numbers of a finished run and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.writing import read_json

if TYPE_CHECKING:  # reading results must not need torch
    from dakit.data.prepare import PreparedData
    from dakit.spec.run import RunSpec


class SelectionFacts(Protocol):
    """What is told of how the kept epoch was chosen."""

    @property
    def validator(self) -> str:
        """Name of the validator whose score chose the epoch."""

    @property
    def epoch(self) -> int:
        """The epoch that was kept."""

    @property
    def score(self) -> float:
        """Its score."""

    @property
    def used_target_labels(self) -> bool:
        """Whether the validator read target labels."""

    @property
    def epochs_run(self) -> int:
        """Epochs trained in all."""

    @property
    def stopped_early(self) -> bool:
        """Whether training ended before its last epoch."""


class EvaluationFacts(Protocol):
    """What is told of the evaluation."""

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Any] | None]:
        """Metric sets by name, None where there are no labels."""


def results_document(
    run_id: str,
    spec: RunSpec,
    data: PreparedData,
    selection: SelectionFacts,
    evaluation: EvaluationFacts,
    adaptation: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what ``results.json`` holds; ``adaptation`` is by what the run adapted."""
    return {
        "run_id": run_id,
        "name": spec.name,
        "seed": spec.seed,
        "data": _data_facts(data),
        "selection": {
            "validator": selection.validator,
            "epoch": selection.epoch,
            "score": selection.score,
            "used_target_labels": selection.used_target_labels,
        },
        "training": {
            "epochs": spec.training.epochs,
            "epochs_run": selection.epochs_run,
            "stopped_early": selection.stopped_early,
        },
        "adaptation": dict(adaptation),
        "evaluation": {
            "confidence": spec.evaluation.confidence,
            "bootstrap": spec.evaluation.bootstrap,
            "bootstrap_unit": {
                "source": "row" if data.pair.source.groups is None else "group",
                "target": "row" if data.pair.target.groups is None else "group",
            },
        },
        "metrics": dict(evaluation.metrics),
    }


def read_results(folder: RunFolder) -> dict[str, Any]:
    """Return ``results.json``. Raises InputError where it is missing or lacks a part."""
    document = read_json(folder.results)
    parts = ("run_id", "name", "data", "selection", "metrics")
    missing = [p for p in parts if not isinstance(document, dict) or p not in document]
    if missing:
        raise InputError(f"{folder.results} is no dakit result: it lacks {', '.join(missing)}")
    results: dict[str, Any] = document
    return results


def _data_facts(data: PreparedData) -> dict[str, Any]:
    provenance = data.pair.provenance
    return {
        "origin": provenance.origin,
        "description": provenance.description,
        "fingerprint": data.fingerprint,
        "class_names": list(data.pair.class_names),
        "leakage": {**data.leakage.to_dict(), "lines": data.leakage.lines()},
        "notes": list(provenance.notes),
    }
