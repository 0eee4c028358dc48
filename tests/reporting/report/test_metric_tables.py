"""Section 2 of the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from dakit.evaluation.metrics import metric_set
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.page import render_page
from tests.run_files import changed, with_target

MakeFacts = Callable[..., ReportFacts]


@pytest.mark.parametrize(("interval", "told"), [([1.0, 1.0], True), ([0.9, 1.0], False)])
def test_an_interval_without_width_is_called_no_certainty(
    make_facts: MakeFacts, interval: list[float], told: bool
) -> None:
    facts = make_facts()
    metrics = {
        key: changed(found, intervals={**found.intervals, "accuracy": interval}).model_dump()
        for key, found in facts.results.metrics.items()
    }
    facts = dataclasses.replace(facts, results=changed(facts.results, metrics=metrics))
    assert ("no certainty" in render_page(facts, None)) is told


def test_a_test_set_of_a_single_object_says_why_it_has_no_interval(make_facts: MakeFacts) -> None:
    facts = make_facts()
    assert "No interval" not in render_page(facts, None)
    single = metric_set([0, 1, 1], np.full((3, 2), 0.5), groups=np.zeros(3))
    results = with_target(facts.results, single)
    told = render_page(dataclasses.replace(facts, results=results), None)
    assert "No interval in target test: its 3 images show a single object" in told
    assert "No interval in source test" not in told
