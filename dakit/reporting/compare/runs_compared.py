"""What is compared, and where the published numbers come from."""

from __future__ import annotations

from collections.abc import Sequence

from dakit.reporting.compare.facts import ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.tables import TextTable
from dakit.reporting.page.markup import bullets, escaped, paragraph
from dakit.reporting.report.what_was_run import objective_line, training_line
from dakit.spec.reference_table import ReferenceTable


def methods_table(facts: ExperimentFacts) -> TextTable:
    """Return a row per method: its runs, seeds, objective, epochs, how they were chosen."""
    description = facts.experiment.runs[0].results.data.description
    base = facts.baseline.label if facts.baseline else "none"
    return TextTable(
        facts.experiment.title,
        f"{description.rstrip('.')}. Baseline: {base}",
        ("method", "runs", "seeds", "objective", "optimizer", "epochs chosen", "chosen by"),
        tuple(_row(method) for method in facts.methods),
    )


def source_list(tables: Sequence[ReferenceTable]) -> str:
    """Return each published table: where it stands, how its models were selected, remarks."""
    if not tables:
        return paragraph("No published tables are known for these data; --reference adds one.")
    return "".join(
        f"<h3>{_heading(table)}</h3>{bullets(_remarks(table), 'notes')}" for table in tables
    )


def _row(method: Method) -> tuple[str, ...]:
    runs = method.runs
    validators = dict.fromkeys(
        run.results.selection.validator + (" (ORACLE: target labels)" if run.oracle else "")
        for run in runs
    )
    return (
        method.label,
        ", ".join(f"{run.results.name}-{run.results.run_id}" for run in runs),
        ", ".join(str(seed) for seed in method.seeds),
        objective_line(runs[0].spec, runs[0].adaptation),
        training_line(runs[0].spec),
        ", ".join(str(run.results.selection.epoch) for run in runs),
        ", ".join(validators),
    )


def _heading(table: ReferenceTable) -> str:
    return escaped(f"{table.label}: {table.title}")


def _remarks(table: ReferenceTable) -> list[str]:
    looked = "with" if table.used_target_labels else "without"
    lines = [
        f"Source: {table.citation}" + (f", {table.url}" if table.url else ""),
        f"Network: {table.backbone}. Models selected {looked} target labels: {table.selection}.",
    ]
    return [*lines, *table.notes]
