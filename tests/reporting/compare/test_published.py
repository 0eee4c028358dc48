"""Published rows find their methods; rows that cannot be are flagged."""

from __future__ import annotations

from collections.abc import Callable

from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.compare.published import contradictions
from dakit.spec.reference_table import ReferenceTable

MakeTable = Callable[..., ReferenceTable]


def test_a_row_stands_beside_the_method_of_the_same_terms(full_facts: ComparisonFacts) -> None:
    (part,) = full_facts.experiments
    beside = {m.label: [row.method.method for row in part.published(m)] for m in part.methods}
    assert beside == {"noDA": ["noDA"], "MMD": ["MMD_x"], "MMD+F": [], "ADA": [], "ADA+F": []}
    assert [row.method.method for row in part.only_published] == ["CORAL"]


def test_numbers_are_shown_as_they_were_printed(full_facts: ComparisonFacts) -> None:
    row = full_facts.experiments[0].all_published[1]
    assert row.text("target", "accuracy") == "0.70"
    assert row.text("target", "brier") == ""
    assert row.text("target", "ece") == ""


def test_a_contradiction_names_its_numbers(make_table: MakeTable) -> None:
    (found,) = contradictions([make_table()])
    assert (found.row.method.method, found.role) == ("noDA", "target")
    assert "accuracy 0.58 contradicts precision 0.99 and recall 0.08" in str(found)
    assert "0.52 to 0.53" in str(found)


def test_without_a_share_of_positives_nothing_is_flagged(make_table: MakeTable) -> None:
    assert contradictions([make_table(positive_share={})]) == []
