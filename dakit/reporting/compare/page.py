"""The page of a comparison; what stands on it where is in ``templates/comparison.html``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dakit.reporting.compare.cautions import cautions
from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.compare.published import contradictions
from dakit.reporting.compare.tables import (
    NO_TARGET_LABELS,
    TextTable,
    experiment_tables,
    interval_words,
    is_flagged,
    methods_table,
    verdicts,
)
from dakit.reporting.page import Figures, filled, without_matplotlib

NO_MATPLOTLIB = without_matplotlib("dakit compare")


def render_page(facts: ComparisonFacts, figures: Figures | None) -> str:
    """Return the comparison as one HTML page; ``figures`` is None where they cannot be drawn.

    They are by section and number of the experiment: ``roc 0``, ``bars 0``, ``latent 0``.
    """
    runs = [run for part in facts.experiments for run in part.experiment.runs]
    count = len(facts.experiments)
    return filled(
        "comparison.html",
        figures,
        no_matplotlib=NO_MATPLOTLIB,
        facts=facts,
        warnings=cautions(facts),
        headline=f"Comparison of {len(runs)} run{'s' * (len(runs) != 1)}"
        + (f" in {count} experiments" * (count > 1)),
        oracle=any(run.oracle for run in runs),
        shown=_shown,
        methods_table=methods_table,
        experiment_tables=experiment_tables,
        no_target_labels=NO_TARGET_LABELS,
        verdicts=verdicts,
        interval_words=interval_words,
        is_flagged=is_flagged,
        contradictions=contradictions(facts.tables),
    )


def _shown(found: TextTable) -> tuple[str, Sequence[str], list[list[str]]]:
    caption = found.caption[:1].upper() + found.caption[1:]
    return caption, found.header, [[_unbroken(cell) for cell in row] for row in found.rows]


def _unbroken(cell: str) -> str:
    """Keep a value and its ±, and the bounds of an interval, on one line."""
    return re.sub(r"(?<=[\d,±]) (?=[±+\-\d])", "\N{NO-BREAK SPACE}", cell)
