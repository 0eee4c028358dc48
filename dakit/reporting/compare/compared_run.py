"""A finished run as a comparison sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from dakit.reporting.compare.recipe import Recipe, recipe_of
from dakit.reporting.report.what_was_run import median_seconds
from dakit.reporting.scored_set import ScoredSet, scored_sets
from dakit.runs.plugin_changes import mixed_versions, versions_by_epoch
from dakit.runs.run import Run
from dakit.training.adaptation import Adaptation, adaptation_in
from dakit.training.scale import scale_cautions

ROLES = ("source", "target")


@final
@dataclass(frozen=True)
class ComparedRun:
    """One run: its results, its spec with all defaults, its test sets."""

    folder: Path
    results: Mapping[str, Any]
    spec: Mapping[str, Any]
    sets: Mapping[str, ScoredSet]
    recipe: Recipe
    adaptation: Adaptation
    seconds_per_epoch: float | None = None
    device: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of each plugin that it used, all of them where epochs had several."""
    cautions: tuple[str, ...] = ()
    """What must be said of its versions and of the scales in it."""

    @property
    def name(self) -> str:
        """The name its spec gives it."""
        return str(self.results["name"])

    @property
    def run_id(self) -> str:
        """Its id."""
        return str(self.results["run_id"])

    @property
    def seed(self) -> int:
        """The seed of its randomness."""
        return int(self.spec.get("seed", 0))

    @property
    def mock(self) -> bool:
        """Whether its numbers come from mock data."""
        return bool(self.results["data"]["origin"] == "mock")

    @property
    def oracle(self) -> bool:
        """Whether its epoch was chosen by target labels."""
        return bool(self.results["selection"]["used_target_labels"])

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its data."""
        return str(self.results["data"].get("fingerprint", ""))

    @property
    def class_names(self) -> list[str]:
        """The classes, in order of their index."""
        return list(self.results["data"]["class_names"])

    def metric(self, role: str, name: str) -> float | None:
        """Return a metric of the test set of ``role``; None where it is undefined."""
        value = (self.results["metrics"].get(f"{role}_test") or {}).get(name)
        return None if value is None else float(value)


def read_compared(run: Run) -> ComparedRun:
    """Read what a comparison needs of ``run``. Raises InputError where a file is not whole."""
    results, folder = run.results, run.folder
    spec = run.resolved
    environment, adaptation = run.environment, adaptation_in(run)
    history = run.history
    device = environment.get("device", {})
    return ComparedRun(
        folder=folder.path,
        results=results,
        spec=spec,
        sets=scored_sets(run.predictions, results["data"]["class_names"]),
        recipe=recipe_of(spec, adaptation),
        adaptation=adaptation,
        seconds_per_epoch=median_seconds(history),
        device=str(device.get("name") or device.get("type") or ""),
        versions=versions_by_epoch(environment, spec, history),
        cautions=(*mixed_versions(history), *scale_cautions(results, spec, history)),
    )
