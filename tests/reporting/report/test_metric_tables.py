"""Section 2 of the report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.metric_tables import metrics_table

MakeFacts = Callable[..., ReportFacts]


@pytest.mark.parametrize(("interval", "told"), [([1.0, 1.0], True), ([0.9, 1.0], False)])
def test_an_interval_without_width_is_called_no_certainty(
    make_facts: MakeFacts, interval: list[float], told: bool
) -> None:
    facts = make_facts()
    metrics = {
        role: {**found, "intervals": {**found["intervals"], "accuracy": interval}}
        for role, found in facts.results["metrics"].items()
    }
    facts = dataclasses.replace(facts, results={**facts.results, "metrics": metrics})
    assert ("no certainty" in metrics_table(facts)) is told
