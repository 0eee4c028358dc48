from __future__ import annotations

import json
from typing import Any

from dakit.spec.positions import Mark, parse
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
