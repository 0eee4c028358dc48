"""The short table that ``dakit compare`` prints."""

from __future__ import annotations

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.compare.cautions import negative_transfer
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.tables import (
    difference_text,
    spread_text,
    spread_words,
    table_name,
)
from dakit.reporting.result_table import MOCK_WARNING, ORACLE_WARNING

WARNING = "bold black on yellow"


def print_comparison(console: Console, facts: ComparisonFacts) -> None:
    """Print a table per experiment: accuracies, target AUC, the gain over the baseline."""
    for part in facts.experiments:
        print_line(console, part.experiment.title, "bold")
        if part.experiment.mock:
            print_line(console, MOCK_WARNING, WARNING)
        if any(run.oracle for run in part.experiment.runs):
            print_line(console, ORACLE_WARNING, WARNING)
        print_aligned(console, _header(part), [_row(part, method) for method in part.methods])
        intervals = "; [ ]: paired 95% intervals" if part.baseline else ""
        print_line(console, f"Test sets, {spread_words(part)}{intervals}")
        for line in negative_transfer(part):
            print_line(console, line, WARNING)


def _header(facts: ExperimentFacts) -> list[str]:
    head = ["method", "seeds", "source accuracy", "target accuracy", "target AUC"]
    gain = [f"target accuracy - {facts.baseline.label}"] if facts.baseline else []
    published = ["published target accuracy"] if facts.tables else []
    return [*head, *gain, *published]


def _row(facts: ExperimentFacts, method: Method) -> list[str]:
    wanted = (("source", "accuracy"), ("target", "accuracy"), ("target", "auc"))
    gain = facts.differences.get((method.label, "target", "accuracy"))
    published = [
        f"{text} ({table_name(facts, row)})"
        for row in facts.published(method)
        if (text := row.text("target", "accuracy"))
    ]
    return [
        method.label,
        str(len(method.runs)),
        *(spread_text(facts.spreads[method.label, role, metric]) for role, metric in wanted),
        *(["" if gain is None else difference_text(gain)] if facts.baseline else []),
        *([", ".join(published)] if facts.tables else []),
    ]
