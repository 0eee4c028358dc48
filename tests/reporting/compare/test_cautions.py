"""What a colleague would say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dakit.evaluation.latent_space import LatentSpace
from dakit.evaluation.metrics import metric_set
from dakit.evaluation.paired_difference import Difference
from dakit.reporting.compare.cautions import cautions
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import ComparisonFacts
from tests.run_files import with_target

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]


def said(facts: ComparisonFacts, begin: str) -> list[str]:
    return [line for line in cautions(facts) if line.startswith(begin)]


@pytest.mark.parametrize("role", ["source", "target"])
@pytest.mark.parametrize(
    ("metric", "found", "expected"),
    [
        ("accuracy", Difference(-0.1, -0.2, -0.01), True),
        ("accuracy", Difference(-0.1, -0.2, 0.01), False),
        ("accuracy", Difference(-0.1, None, None), False),
        ("auc", Difference(-0.1, -0.2, -0.01), True),
        ("brier", Difference(0.1, 0.01, 0.2), True),
        ("brier", Difference(-0.1, -0.2, -0.01), False),
        ("recall", Difference(-0.1, -0.2, -0.01), False),
    ],
)
def test_negative_transfer(
    make_run: MakeRun,
    make_facts: MakeFacts,
    role: str,
    metric: str,
    found: Difference,
    expected: bool,
) -> None:
    facts = make_facts((make_run(), make_run("mmd")))
    (part,) = facts.experiments
    differences: dict[Any, Any] = dict.fromkeys(part.differences)
    differences["MMD", role, metric] = found
    part = dataclasses.replace(part, differences=differences)
    lines = said(dataclasses.replace(facts, experiments=(part,)), "Negative transfer: MMD")
    assert len(lines) == expected
    assert all(f"is worse than noDA in the {role}: " in line for line in lines)


def test_domains_that_lie_apart_after_adaptation(make_run: MakeRun, make_facts: MakeFacts) -> None:
    facts = make_facts((make_run(), make_run("mmd")))
    space = LatentSpace(
        np.zeros((2, 2), np.float32),
        np.asarray([False, True]),
        np.asarray([0, 1]),
        {"proxy_a_distance": 1.9},
    )
    parts = [
        dataclasses.replace(part, latent={"noDA": space, "MMD": space})
        for part in facts.experiments
    ]
    told = dataclasses.replace(facts, experiments=tuple(parts))
    assert not said(told, "noDA: The domains lie apart")
    (line,) = said(told, "MMD: The domains lie apart after adaptation")
    assert "1.90 (0 alike, 2 apart)" in line


def test_against_a_baseline_that_adapts_it_is_only_worse(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    facts = make_facts((make_run("mmd", separation=2.0), make_run("dann", separation=-1.0)))
    assert said(facts, "Worse: ADA")
    assert not said(facts, "Negative transfer")


def test_mock_oracle_and_one_seed(make_run: MakeRun, make_facts: MakeFacts) -> None:
    mock = make_facts((make_run(origin="mock"), make_run("mmd", origin="mock", oracle=True)))
    lines = cautions(mock)
    assert lines[0].startswith("Mock data:")
    assert lines[1].startswith("Oracle: the epoch of MMD ORACLE was chosen by target labels")
    assert said(mock, "One seed only: noDA, MMD ORACLE")
    clean = make_facts((make_run(seed=1), make_run(seed=2)))
    assert cautions(clean) == []


def test_other_data_other_splits_other_seeds(make_run: MakeRun, make_facts: MakeFacts) -> None:
    base, method = make_run(), make_run("mmd", fingerprint="bb")
    ids = tuple(f"other-{i}" for i in range(60))
    target = dataclasses.replace(method.sets["target"], ids=ids)
    method = dataclasses.replace(method, sets={**method.sets, "target": target})
    facts = make_facts((base, method, make_run("mmd", seed=7)))
    (different,) = said(facts, "Different data")
    assert "aa: made_up seed 1, made_up seed 7; bb: made_up seed 1" in different
    (splits,) = said(facts, "Different splits")
    assert "MMD and noDA were tested on other target images (seed 1)" in splits
    assert said(facts, "Different seeds: MMD seeds 1, 7, noDA seed 1.")


def test_runs_of_more_than_one_version_of_a_plugin(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    old, new = (
        dataclasses.replace(make_run("mmd", seed=seed), versions={"builtin": "1", "lens": version})
        for seed, version in ((1, "1.0"), (2, "1.1"))
    )
    facts = make_facts((make_run(seed=1), make_run(seed=2), old, new))
    told = "Different versions of the plugin"
    assert said(facts, told) == [
        f"{told} 'lens' made these runs (1.0: made_up seed 1; 1.1: made_up seed 2)."
    ]


def test_no_baseline_and_what_was_published(
    make_run: MakeRun, make_facts: MakeFacts, full_facts: ComparisonFacts
) -> None:
    assert said(make_facts((make_run("mmd"),), baseline=False), "No baseline")
    assert said(full_facts, "paper, noDA, target: the printed accuracy 0.58 contradicts")


def test_a_test_set_of_a_single_object_says_why_it_has_no_interval(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    run = make_run()
    assert not said(make_facts((run,)), "No interval")
    single = metric_set([0, 1, 1], np.full((3, 2), 0.5), groups=np.zeros(3))
    run = dataclasses.replace(run, results=with_target(run.results, single))
    (line,) = said(make_facts((run,)), "No interval in target test")
    assert "its 3 images show a single object" in line
