"""Runs into experiments (one problem, one network) and methods (one spec), and their names."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from dakit.contracts import SIDES
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.reporting.compare.compared_run import ComparedRun, Recipe
from dakit.reporting.compare.published import Looks, looks_of
from dakit.spec.fields import entries, paths_in
from dakit.spec.problems import Steps, dotted
from dakit.spec.reference_table import ReferenceTable


def labels(runs: Sequence[ComparedRun], looks: Looks) -> list[str]:
    """Return a label for each method: of its recipe, with name or settings where that is shared.

    A method whose epochs were chosen by target labels bears that stamp wherever it is named.
    """
    own = [looks.label(run.recipe) + (" ORACLE" if run.oracle else "") for run in runs]
    alike = [[o for o, text in zip(runs, own, strict=True) if text == label] for label in own]
    return [
        label if len(others) == 1 else f"{label} ({_what_differs(run, others)})"
        for label, run, others in zip(own, runs, alike, strict=True)
    ]


def _what_differs(run: ComparedRun, others: Sequence[ComparedRun]) -> str:
    if len({other.results.name for other in others}) == len(others):
        return run.results.name
    flat = [_flat(other.method_key) for other in others]
    own = _flat(run.method_key)
    keys = [key for key in own if any(other.get(key) != own[key] for other in flat)]
    missing = [key for other in flat for key in other if key not in own]
    parts = [f"{_short(key, keys)} {_text(own[key])}" for key in keys]
    return ", ".join(parts or [f"no {_short(key, missing)}" for key in dict.fromkeys(missing)])


def titles(runs: Sequence[ComparedRun]) -> list[str]:
    """Return the data and the network, and more of their settings where that is not enough."""
    plain = [_title(run) for run in runs]
    flat = [_flat(run.problem_key) for run in runs]
    told = [
        _told_apart(title, own, [f for f, text in zip(flat, plain, strict=True) if text == title])
        for title, own in zip(plain, flat, strict=True)
    ]
    return [
        title if told.count(title) == 1 else f"{title}, data {run.fingerprint[:8] or 'unknown'}"
        for title, run in zip(told, runs, strict=True)
    ]


def _told_apart(title: str, own: dict[str, Any], alike: Sequence[dict[str, Any]]) -> str:
    if len(alike) == 1:
        return title
    keys = [key for key in own if any(other.get(key) != own[key] for other in alike)]
    if not keys:
        return title
    return f"{title} ({', '.join(f'{_short(key, keys)} {_text(own[key])}' for key in keys)})"


def _title(run: ComparedRun) -> str:
    """Return ``images tng → sdss, network small_cnn``.

    Data that their folders or files tell need no settings that are the usual ones.
    """
    data, paths = run.spec.document["data"], paths_in(run.spec.document)
    named = [
        [Path(v).name for k, v in entries(data.get(role)) if ("data", role, k) in paths and v]
        for role in SIDES
    ]
    usual = _defaults(data["name"]) if all(named) else {}
    chosen = [
        f"{key} {value}"
        for key, value in data.items()
        if isinstance(value, str)
        and key not in {"name", "origin"}
        and ("data", key) not in paths
        and usual.get(key) != value
    ]
    network = run.spec.model.backbone.name
    mock = "MOCK DATA: " if run.results.data.mock else ""
    where = f" {' → '.join(names[0] for names in named)}" if usual else ""
    return mock + ", ".join([data["name"] + where, *chosen, f"network {network}"])


def _defaults(dataset: str) -> dict[str, Any]:
    try:
        fields = catalog.current().find("dataset", dataset).model_fields
    except InputError:  # its plugin is not here any more: nothing is known to be usual
        return {}
    return {name: field.default for name, field in fields.items()}


def _flat(data: Any, steps: Steps = ()) -> dict[str, Any]:
    inner = list(entries(data))
    if not inner:
        return {dotted(steps): data}
    return {key: v for step, value in inner for key, v in _flat(value, (*steps, step)).items()}


def _short(key: str, keys: Sequence[str]) -> str:
    last = key.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in keys) == 1 else key


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


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
