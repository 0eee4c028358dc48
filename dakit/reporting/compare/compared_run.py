"""A finished run as a comparison sees it, and the recipe of its method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, final

from dakit.components import LossSpec
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.reporting.report.what_was_run import median_seconds
from dakit.reporting.scored_set import ScoredSet, scored_sets
from dakit.runs.plugin_changes import mixed_versions, versions_by_epoch
from dakit.runs.records import Resolved, read_environment, read_history, read_resolved
from dakit.runs.results import Adaptation, Results, read_results
from dakit.runs.run import Run
from dakit.spec.fields import paths_in
from dakit.spec.identity import without
from dakit.spec.problems import Steps
from dakit.training.adaptation import adaptation_in
from dakit.training.scale import scale_cautions


@final
@dataclass(frozen=True)
class Recipe:
    """The terms of an objective that have a weight, and whether it starts from another run."""

    source: bool
    """Whether it uses the source."""
    transfer: str | None
    regularizers: tuple[str, ...]
    pretrained: bool
    batch_norm: str | None = None
    """The mode of BatchNorm, where nothing but its statistics adapts."""

    @property
    def label(self) -> str:
        """Its terms: noDA, MMD, MMD+fisher; TL+ for transfer learning."""
        begin = ("TL+" if self.pretrained else "") + ("" if self.source else "source-free ")
        terms = [_called("transfer", self.transfer)] if self.transfer else []
        terms += [_called("regularizer", name) for name in self.regularizers]
        alone = f"{self.batch_norm} BatchNorm" if self.batch_norm else "noDA"
        return begin + ("+".join(terms) or alone)


def recipe_of(spec: Resolved, adaptation: Adaptation) -> Recipe:
    """Return the recipe of a resolved run spec, whose run adapts by ``adaptation``."""
    names: dict[str, list[str]] = {"task": [], "transfer": [], "regularizer": []}
    for kind, term in spec.objective.terms:
        names[kind].append(term.name)
    return Recipe(
        source=adaptation.source,
        transfer=next(iter(names["transfer"]), None),
        regularizers=tuple(sorted(names["regularizer"])),
        pretrained=spec.init_from is not None,
        batch_norm=None if adaptation.terms else adaptation.batch_norm,
    )


def _called(kind: str, name: str) -> str:
    """Return what the component itself wants to be called in tables."""
    try:
        found = catalog.current().find(kind, name)
    except InputError:  # its plugin is not here any more
        return name
    assert issubclass(found, LossSpec)  # of these kinds
    return found.short or name


ASIDE: frozenset[Steps] = frozenset(
    {
        ("$schema",),
        ("name",),
        ("description",),
        ("seed",),
        ("data", "split", "seed"),
        ("figures",),
        ("trackers",),
        ("training", "device"),
    }
)
"""What may differ between runs of one method."""


@final
@dataclass(frozen=True)
class ComparedRun:
    """One run: its results, its spec with all defaults, its test sets."""

    folder: Path
    results: Results
    spec: Resolved
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
    def seed(self) -> int:
        """The seed of its randomness."""
        return self.spec.seed

    @property
    def oracle(self) -> bool:
        """Whether its epoch was chosen by target labels."""
        return self.results.selection.used_target_labels

    @property
    def fingerprint(self) -> str:
        """The fingerprint of its data."""
        return self.results.data.fingerprint

    @property
    def method_key(self) -> dict[str, Any]:
        """What the runs of a method share: the spec without seed, names and places on a disk."""
        spec = self.spec.document
        kept: dict[str, Any] = without(spec, ASIDE | paths_in(spec))
        return {**kept, "init_from": _start(spec.get("init_from"))}

    @property
    def problem_key(self) -> dict[str, Any]:
        """What the runs of an experiment share; mock and real numbers never mix."""
        kept, origin = self.method_key, self.results.data.origin
        return {"origin": origin, "data": kept["data"], "backbone": kept["model"]["backbone"]}


def read_compared(run: Run) -> ComparedRun:
    """Read what a comparison needs of ``run``. Raises InputError where a file is not whole."""
    folder = run.folder
    results, spec, environment = (
        read_results(folder),
        read_resolved(folder),
        read_environment(folder),
    )
    history = read_history(folder, results.epochs_run)
    adaptation, device = adaptation_in(run), environment.device
    return ComparedRun(
        folder=folder.path,
        results=results,
        spec=spec,
        sets=scored_sets(run.predictions, results.data.class_names),
        recipe=recipe_of(spec, adaptation),
        adaptation=adaptation,
        seconds_per_epoch=median_seconds(history),
        device=device.name or device.type or "",
        versions=versions_by_epoch(environment, spec.document, history),
        cautions=(*mixed_versions(history), *scale_cautions(results, spec, history)),
    )


def _start(init: Mapping[str, Any] | None) -> Any:
    """What a run starts from, wherever that lies and whatever its seed."""
    if init is None:
        return None
    spec, folder = (PurePath(init[key]).name if init.get(key) else "" for key in ("spec", "run"))
    return {**init, "spec": spec, "run": folder.rpartition("-")[0]}
