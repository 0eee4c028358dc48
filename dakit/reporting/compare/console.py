"""The short table that ``dakit compare`` prints."""

from __future__ import annotations

from rich.console import Console

from dakit.contracts import SIDES
from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.compare.cautions import negative_transfer, of_runs, unknown
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.tables import (
    NO_TARGET_LABELS,
    images,
    spread_text,
    spread_words,
    table_name,
    verdicts,
)
from dakit.reporting.result_table import WARNING_STYLE, difference_text, print_stamps

COLUMNS = {"accuracy": "accuracy", "auc": "AUC"}


def print_comparison(console: Console, facts: ComparisonFacts) -> None:
    """Print a table per experiment: accuracies, target AUC, the gain over the baseline."""
    for part in facts.experiments:
        print_line(console, part.experiment.title, "bold")
        oracle = any(run.oracle for run in part.experiment.runs)
        print_stamps(console, mock=part.experiment.mock, oracle=oracle)
        print_aligned(console, _header(part), [_row(part, method) for method in part.methods])
        intervals = "; [ ]: paired 95% intervals" if _gain_over(part) else ""
        sizes = ", ".join(f"{r} {images(part, r)}" for r in SIDES if part.labelled(r))
        print_line(console, f"Test sets ({sizes}), {spread_words(part)}{intervals}")
        if not part.labelled("target"):
            print_line(console, NO_TARGET_LABELS)
        for line in (*verdicts(part), *unknown(part)):
            print_line(console, line)
        for line in (*negative_transfer(part), *of_runs(part)):
            print_line(console, line, WARNING_STYLE)


def _header(facts: ExperimentFacts) -> list[str]:
    columns = [f"{role} {COLUMNS[metric]}" for role, metric in _wanted(facts)]
    base = _gain_over(facts)
    gain = [f"target accuracy - {base.label}"] if base else []
    published = ["published target accuracy"] if facts.tables else []
    return ["method", "seeds", *columns, *gain, *published]


def _gain_over(facts: ExperimentFacts) -> Method | None:
    return facts.baseline if facts.labelled("target") else None


def _wanted(facts: ExperimentFacts) -> list[tuple[str, str]]:
    """Return the columns of numbers: those of the target only where it has labels."""
    columns = (("source", "accuracy"), ("target", "accuracy"), ("target", "auc"))
    return [(role, metric) for role, metric in columns if facts.labelled(role)]


def _row(facts: ExperimentFacts, method: Method) -> list[str]:
    gain = facts.differences.get((method.label, "target", "accuracy"))
    published = [
        f"{text} ({table_name(facts, row)})"
        for row in facts.published(method)
        if (text := row.text("target", "accuracy"))
    ]
    return [
        method.label,
        str(len(method.runs)),
        *(
            spread_text(facts.spreads[method.label, role, metric])
            for role, metric in _wanted(facts)
        ),
        *(["" if gain is None else difference_text(gain)] if _gain_over(facts) else []),
        *([", ".join(published)] if facts.tables else []),
    ]
