from __future__ import annotations

import json
from typing import Any

import pytest

from dakit.spec.loading import spec_from_dict
from dakit.spec.positions import Mark, parse
from dakit.spec.problems import SpecError
from dakit.spec.validation import validate


def test_a_valid_document_gives_a_spec_and_no_problem(minimal: dict[str, Any]):
    spec, problems = validate(parse(json.dumps(minimal), Mark("a"))[0])
    assert problems == []
    assert spec.name == "small"


def test_strict_and_lenient_complaints_are_told_once_and_together(minimal: dict[str, Any]):
    data = {**minimal, "seed": "1", "training": {"epochs": 0}, "evaluation": {"bootstrap": "x"}}
    spec, problems = validate(parse(json.dumps(data), Mark("a"))[0])
    assert spec is None
    assert sorted(p.path for p in problems) == ["evaluation.bootstrap", "seed", "training.epochs"]


@pytest.mark.parametrize(
    ("place", "value", "bound"),
    [
        ("optimizer.lr", 1e30, "1e+06"),
        ("optimizer.weight_decay", 1e30, "1e+06"),
        ("evaluation.ece_bins", 2**50, "10000"),
        ("evaluation.bootstrap", 2**50, "100000"),
        ("evaluation.confidence", 5e-324, "0.5"),
        ("evaluation.confidence", 1 - 1e-16, "0.9999"),
        ("evaluation.batch_size", 2**40, "1000000"),
        ("training.batch_size", 2**40, "1000000"),
        ("training.epochs", 2**40, "1000000"),
        ("objective.transfer.weight", 1e300, "1e+30"),
        ("objective.transfer.variances", [1.0, 1e300], "1e+30"),
        ("objective.transfer.variances", [1e-300], "1e-30"),
        ("objective.transfer.weight", 5e-324, "1e-30"),
        ("optimizer.eps", 1e-45, "1e-30"),
        ("model.head.lr_multiplier", 1e30, "1e+06"),
        ("optimizer.lr", 10**400, ""),
        ("seed", 10**400, str(2**63)),
    ],
    ids=str,
)
def test_numbers_that_no_run_can_mean_are_bounded(
    minimal: dict[str, Any], place: str, value: Any, bound: str
) -> None:
    changes = ["objective.transfer=mmd", f"{place}={json.dumps(value)}"]
    with pytest.raises(SpecError) as caught:
        spec_from_dict(minimal, changes)
    (problem,) = caught.value.problems
    assert problem.path == place
    assert bound in problem.message
    assert len(str(problem)) < 900
