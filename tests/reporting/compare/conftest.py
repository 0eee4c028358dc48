"""Runs that nobody made: two classes, objects of two images, known numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dakit.evaluation.latent_space import LatentSpace
from dakit.evaluation.metrics import metric_set
from dakit.reporting import palette
from dakit.reporting.compare.compared_run import ComparedRun, recipe_of
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts, all_differences, spreads
from dakit.reporting.compare.grouping import Experiment, Method, group
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.records import Resolved
from dakit.runs.results import Adaptation, Results
from dakit.spec.reference_table import ReferenceTable
from tests.run_files import made

CLASSES = ["non-merger", "merger"]
ROLES = ("source", "target")
MakeRun = Callable[..., ComparedRun]


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:10]


def scored_set(role: str, seed: int, separation: float, objects: int = 30) -> ScoredSet:
    rng = np.random.default_rng(seed + 100 * len(role))
    labels = np.repeat(np.arange(objects) % 2, 2)
    second = 1 / (1 + np.exp(-(rng.normal(size=2 * objects) + separation * (2 * labels - 1))))
    return ScoredSet(
        role=role,
        rows=np.arange(2 * objects),
        ids=tuple(f"{role}-{i}" for i in range(2 * objects)),
        labels=labels,
        probabilities=np.stack([1 - second, second], axis=1),
        groups=tuple(str(i // 2) for i in range(2 * objects)),
    )


@pytest.fixture(scope="session")
def make_run() -> MakeRun:
    """Return a function that makes a run; its arguments say what is special about it."""

    def make(
        transfer: str | None = None,
        *regularizers: str,
        seed: int = 1,
        name: str = "made_up",
        separation: float = 1.0,
        adapts_by: tuple[str, ...] = (),
        batch_norm: str | None = None,
        origin: str = "files",
        oracle: bool = False,
        fingerprint: str = "aa",
        experiment: str = "sim_sim",
        backbone: str = "deepmerge",
        sets: dict[str, ScoredSet] | None = None,
        **changes: Any,
    ) -> ComparedRun:
        data = {"name": "galaxy_mergers", "experiment": experiment, "split": {"seed": None}}
        objective = {
            "task": {"name": "cross_entropy", "weight": 1.0},
            "transfer": transfer and {"name": transfer, "weight": 1.0},
            "regularizers": [{"name": r, "weight": 0.1} for r in regularizers],
        }
        spec: dict[str, Any] = {
            "schema_version": 1,
            "name": name,
            "seed": seed,
            "data": data,
            "model": {"backbone": {"name": backbone}, "head": {}},
            "init_from": None,
            "objective": objective,
            "optimizer": {"lr": 0.001},
            "training": {"epochs": 9},
            "evaluation": {"ece_bins": 10},
        }
        spec.update(changes)
        sets = sets or {role: scored_set(role, seed, separation) for role in ROLES}
        reading = (*([transfer] if transfer else []), *adapts_by)
        adaptation = Adaptation(terms=list(reading), batch_norm=batch_norm)
        resolved = made(Resolved, spec)
        results = {
            "run_id": _digest(name, seed, spec, fingerprint, origin),
            "name": name,
            "data": {
                "origin": origin,
                "description": "images & <numbers>",
                "fingerprint": fingerprint,
                "class_names": CLASSES,
            },
            "selection": {
                "validator": "source_accuracy",
                "epoch": 3,
                "used_target_labels": oracle,
            },
            "metrics": {
                f"{role}_test": None
                if scored.labels is None
                else metric_set(
                    scored.labels, scored.probabilities, bootstrap=0, ece_bins=10
                ).model_dump()
                for role, scored in sets.items()
            },
        }
        return ComparedRun(
            folder=Path("/runs") / name,
            results=made(Results, results),
            spec=resolved,
            sets=sets,
            recipe=recipe_of(resolved, adaptation),
            adaptation=adaptation,
            seconds_per_epoch=2.5,
            device="an abacus",
        )

    return make


@pytest.fixture(scope="session")
def poster(make_run: MakeRun) -> tuple[ComparedRun, ...]:
    """The five methods of the poster, two seeds each."""
    recipes: dict[str, tuple[str | None, ...]] = {
        "ada_f": ("dann", "fisher", "entropy"),
        "noda": (None,),
        "mmd": ("mmd",),
        "mmd_f": ("mmd", "fisher", "entropy"),
        "ada": ("dann",),
    }
    return tuple(
        make_run(*parts, seed=seed, name=name, separation=0.5 + 0.2 * len(name))
        for name, parts in recipes.items()
        for seed in (2, 1)
    )


def experiment_facts(experiment: Experiment, base: Method | None, **parts: Any) -> ExperimentFacts:
    return ExperimentFacts(
        experiment=experiment,
        baseline=base,
        spreads=spreads(experiment),
        differences=all_differences(experiment, base),
        **parts,
    )


MakeFacts = Callable[..., ComparisonFacts]


@pytest.fixture(scope="session")
def make_facts() -> MakeFacts:
    """Return a function that makes facts of runs; the baseline is the first method."""

    def make(runs: tuple[ComparedRun, ...], baseline: bool = True, **parts: Any) -> ComparisonFacts:
        return ComparisonFacts(
            tuple(
                experiment_facts(e, e.methods[0] if baseline else None, **parts)
                for e in group(runs, [drawn_table()])
            )
        )

    return make


def reference_table(**changes: Any) -> ReferenceTable:
    row = {"accuracy": 0.58, "precision": 0.99, "recall": 0.08}
    document = {
        "name": "somebody2021",
        "label": "paper",
        "title": "A & B",
        "citation": "Somebody 2021",
        "data": {"name": "galaxy_mergers"},
        "backbone": "deepmerge",
        "selection": "by lot",
        "used_target_labels": False,
        "positive_share": {"target": (0.52, 0.53)},
        "timing": "a stopwatch",
        "methods": (
            {"method": "noDA", "target": row},
            {"method": "MMD_x", "transfer": "mmd", "target": {"accuracy": 0.7}},
            {
                "method": "CORAL",
                "transfer": "coral",
                "seconds_per_epoch": 8.4,
                "target": {"accuracy": 0.5},
            },
        ),
    }
    return ReferenceTable.model_validate({**document, **changes})


def drawn_table(**changes: Any) -> ReferenceTable:
    """Five methods as a poster calls and draws them."""
    both = ("fisher", "entropy")
    methods = (
        {"method": "noDA", "colour": palette.NAVY},
        {"method": "MMD", "colour": palette.PURPLE, "transfer": "mmd"},
        {"method": "MMD+F", "colour": palette.DARK_PURPLE, "transfer": "mmd", "regularizers": both},
        {"method": "ADA", "colour": palette.YELLOW, "transfer": "dann"},
        {"method": "ADA+F", "colour": palette.PINK, "transfer": "dann", "regularizers": both},
    )
    return reference_table(name="poster", methods=methods, **changes)


@pytest.fixture(scope="session")
def make_drawn_table() -> Callable[..., ReferenceTable]:
    """Return a function that makes a published table with colours."""
    return drawn_table


@pytest.fixture
def make_table() -> Callable[..., ReferenceTable]:
    """Return a function that makes a published table."""
    return reference_table


@pytest.fixture(scope="session")
def full_facts(poster: tuple[ComparedRun, ...], make_facts: MakeFacts) -> ComparisonFacts:
    """Facts of the poster with a published table and latent spaces."""
    rng = np.random.default_rng(0)
    space = LatentSpace(
        positions=rng.normal(size=(40, 2)).astype(np.float32),
        is_target=np.arange(40) >= 20,
        labels=np.arange(40) % 2,
        numbers={
            "proxy_a_distance": 1.234,
            "squared_mmd": 0.321,
            "silhouette_class": 0.4,
            "silhouette_domain": None,
        },
    )
    labels = [method.label for method in group(poster, [drawn_table()])[0].methods]
    return make_facts(
        poster,
        tables=(reference_table(),),
        latent=dict.fromkeys(labels, space),
        latent_seed=1,
    )
