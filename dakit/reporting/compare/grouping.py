"""Runs into experiments (one problem, one network) and methods (one spec, several seeds)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, final

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.looks import Looks, looks_of
from dakit.reporting.compare.naming import labels, titles
from dakit.reporting.compare.recipe import Recipe
from dakit.spec.reference_table import ReferenceTable


@final
@dataclass(frozen=True)
class Method:
    """Runs of one spec that differ in their seed, sorted by it."""

    label: str
    colour: str
    runs: tuple[ComparedRun, ...]

    @property
    def recipe(self) -> Recipe:
        """What it is made of."""
        return self.runs[0].recipe

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of its runs."""
        return tuple(run.seed for run in self.runs)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that its runs bear."""
        return tuple(dict.fromkeys(run.results.name for run in self.runs))

    @property
    def adapts(self) -> bool:
        """Whether any of its runs adapts, by a term or by BatchNorm."""
        return any(run.adaptation for run in self.runs)


@final
@dataclass(frozen=True)
class Experiment:
    """Methods on the same data with the same backbone, the seed aside."""

    title: str
    methods: tuple[Method, ...]
    looks: Looks = field(default_factory=Looks)
    """How publications on these data call and draw methods."""

    @property
    def runs(self) -> tuple[ComparedRun, ...]:
        """All runs of all methods."""
        return tuple(run for method in self.methods for run in method.runs)

    @property
    def mock(self) -> bool:
        """Whether its numbers come from mock data."""
        return self.runs[0].results.data.mock

    @property
    def class_names(self) -> list[str]:
        """The classes, in order of their index."""
        return self.runs[0].results.data.class_names

    @property
    def data(self) -> dict[str, Any]:
        """The data part of its specs."""
        return dict(self.runs[0].spec.document["data"])

    @property
    def backbone(self) -> str:
        """The name of its network."""
        return self.runs[0].spec.model.backbone.name


def group(runs: Sequence[ComparedRun], tables: Sequence[ReferenceTable] = ()) -> list[Experiment]:
    """Return the experiments of ``runs`` in the order given; a run given twice counts once.

    Methods are called and drawn as in those of the published ``tables`` that are on their data.
    """
    once = list({run.results.run_id: run for run in reversed(runs)}.values())[::-1]
    problems = [
        part for found in _by(once, lambda run: run.problem_key) for part in _by_data(found)
    ]
    named = titles([found[0] for found in problems])
    looks = [looks_of(tables, found[0].spec.document["data"]) for found in problems]
    return [
        Experiment(title, _methods(found, look), look)
        for title, found, look in zip(named, problems, looks, strict=True)
    ]


def _by_data(runs: list[ComparedRun]) -> list[list[ComparedRun]]:
    """Return ``runs`` parted by their data where else one seed of a method would count twice.

    Otherwise they stay together, with a caution: data may depend on the seed.
    """
    seeds = [json.dumps([run.method_key, run.seed], sort_keys=True) for run in runs]
    return [runs] if len(set(seeds)) == len(seeds) else _by(runs, lambda run: run.fingerprint)


def _methods(runs: Sequence[ComparedRun], looks: Looks) -> tuple[Method, ...]:
    """Return methods in the published order, others in the order given, what adapts last."""
    alike = _by(runs, lambda run: run.method_key)
    found = [tuple(sorted(method, key=lambda run: run.seed)) for method in alike]
    found.sort(key=lambda runs: (looks.rank(runs[0].recipe), bool(runs[0].adaptation)))
    named = labels([method[0] for method in found], looks)
    chosen = looks.colours([method[0].recipe for method in found])
    return tuple(Method(*parts) for parts in zip(named, chosen, found, strict=True))


def _by(runs: Sequence[ComparedRun], key: Callable[[ComparedRun], Any]) -> list[list[ComparedRun]]:
    groups: dict[str, list[ComparedRun]] = {}
    for run in runs:
        groups.setdefault(json.dumps(key(run), sort_keys=True), []).append(run)
    return list(groups.values())
