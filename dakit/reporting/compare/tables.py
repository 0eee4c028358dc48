"""The tables of a comparison as text, and what adaptation did in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import final

from dakit.contracts import SIDES
from dakit.evaluation.paired_difference import Difference, resamples_seeds
from dakit.reporting.compare.facts import METRICS, ComparisonFacts, ExperimentFacts, Spread
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.published import PublishedRow, contradictions
from dakit.reporting.report.what_was_run import objective_line, training_line
from dakit.reporting.result_table import difference_text, lower_is_better
from dakit.reporting.scored_set import size_words

NO_TARGET_LABELS = (
    "The target has no labels: nothing can be said about how well the methods do there."
)
FLAG = " (!)"
"""Marks a published accuracy that contradicts its row."""


@final
@dataclass(frozen=True)
class TextTable:
    """A table whose first column names the rows."""

    experiment: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def all_tables(facts: ComparisonFacts) -> tuple[TextTable, ...]:
    """Return the tables of every experiment."""
    return tuple(table for part in facts.experiments for table in experiment_tables(part))


def methods_table(facts: ExperimentFacts) -> TextTable:
    """Return a row per method: its runs, seeds, objective, epochs, how they were chosen."""
    description = facts.experiment.runs[0].results.data.description
    base = facts.baseline.label if facts.baseline else "none"
    return TextTable(
        facts.experiment.title,
        f"{description.rstrip('.')}. Baseline: {base}",
        ("method", "runs", "seeds", "objective", "optimizer", "epochs chosen", "chosen by"),
        tuple(_method_row(method) for method in facts.methods),
    )


def _method_row(method: Method) -> tuple[str, ...]:
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


def experiment_tables(facts: ExperimentFacts) -> Iterator[TextTable]:
    """Yield metrics in the target and the source, and the differences to the baseline in both.

    A domain without labels has no table, unless there are published numbers of it.
    """
    for role in reversed(SIDES):
        if facts.labelled(role) or _is_published(facts, role):
            yield metrics_table(facts, role)
        if facts.labelled(role) and facts.baseline is not None and facts.others:
            yield difference_table(facts, role)
    times = time_table(facts)
    if times is not None:
        yield times


def is_flagged(tables: Iterable[TextTable]) -> bool:
    """Return whether a published row in ``tables`` contradicts itself."""
    return any(FLAG in cell for table in tables for row in table.rows for cell in row)


def metrics_table(facts: ExperimentFacts, role: str) -> TextTable:
    """Return ours, mean ± sd over seeds, and below each method what was published of it."""
    rows = []
    for method in facts.methods:
        values = [spread_text(facts.spreads[method.label, role, name]) for name in facts.metrics]
        rows.append((method.label, str(len(method.runs)), *values))
        rows += [
            _published(facts, table_name(facts, row), row, role) for row in facts.published(method)
        ]
    rows += [
        _published(facts, f"{table_name(facts, row)}: {row.method.method}", row, role)
        for row in facts.only_published
    ]
    return TextTable(
        facts.experiment.title,
        f"{role} test set, {images(facts, role)}, {spread_words(facts)}",
        ("method", "seeds", *facts.metrics.values()),
        tuple(rows),
    )


def difference_table(facts: ExperimentFacts, role: str) -> TextTable:
    """Return each method minus the baseline, with the interval."""
    assert facts.baseline is not None
    rows = tuple(
        (
            method.label,
            *(
                difference_text(facts.differences.get((method.label, role, m)))
                for m in facts.metrics
            ),
        )
        for method in facts.others
    )
    lower = lower_is_better(facts.further.values())
    caption = (
        f"difference to {facts.baseline.label} on the {role} test set, "
        f"with its paired 95% interval (a lower Brier score{lower} is better)"
    )
    return TextTable(facts.experiment.title, caption, ("method", *facts.metrics.values()), rows)


def time_table(facts: ExperimentFacts) -> TextTable | None:
    """Return the seconds an epoch took, ours and published; None where nothing is known."""
    rows = []
    for method in facts.methods:
        seconds = [s for run in method.runs if (s := run.seconds_per_epoch) is not None]
        devices = ", ".join(dict.fromkeys(run.device for run in method.runs if run.device))
        if seconds:
            rows.append((method.label, f"{sum(seconds) / len(seconds):.2g}", devices))
    for row in facts.all_published:
        if row.method.seconds_per_epoch is not None:
            name = f"{row.table.label}: {row.method.method}"
            rows.append((name, f"{row.method.seconds_per_epoch:g}", row.table.timing))
    if not rows:
        return None
    caption = (
        "time per epoch; epochs, batches and machines differ between ours and the published ones"
    )
    return TextTable(facts.experiment.title, caption, ("method", "seconds", "on"), tuple(rows))


def spread_text(spread: Spread | None) -> str:
    """Return ``0.871 ± 0.012``, without ± where there is one seed."""
    if spread is None:
        return "-"
    return f"{spread.mean:.3f}" if spread.sd is None else f"{spread.mean:.3f} ± {spread.sd:.3f}"


def spread_words(facts: ExperimentFacts) -> str:
    """Return what stands after ± in this experiment."""
    counts = {len(method.runs) for method in facts.methods}
    if counts == {1}:
        return "one seed each, so no standard deviation"
    one = ", none with one seed" if 1 in counts else ""
    return f"mean ± standard deviation over seeds (n - 1){one}"


def images(facts: ExperimentFacts, role: str) -> str:
    """Return the size of the test sets: ``236 to 240 images of 39 objects``."""
    return size_words(run.sets[role] for run in facts.experiment.runs)


def table_name(facts: ExperimentFacts, row: PublishedRow) -> str:
    """Return ``paper``, with the network where it is another and oracle where it is one."""
    network = row.table.backbone
    other = f", {network}" if network != facts.experiment.backbone else ""
    oracle = ", oracle" if row.table.used_target_labels else ""
    return f"{row.table.label}{other}{oracle}"


def _is_published(facts: ExperimentFacts, role: str) -> bool:
    return any(row.text(role, name) for row in facts.all_published for name in METRICS)


def _published(facts: ExperimentFacts, name: str, row: PublishedRow, role: str) -> tuple[str, ...]:
    flagged = any(c.role == role for c in contradictions([row.table]) if c.row == row)
    values = [row.text(role, name) or "-" for name in METRICS] + ["-"] * len(facts.further)
    if flagged:
        values[list(METRICS).index("accuracy")] += FLAG
    return (f"– {name}", "", *values)


TOLD = (("target", "accuracy"), ("target", "auc"), ("source", "accuracy"))


def verdicts(facts: ExperimentFacts) -> Iterator[str]:
    """Yield for each method what it gained and lost beside the baseline."""
    if facts.baseline is None:
        return
    for method in facts.others:
        found = [(*what, facts.differences.get((method.label, *what))) for what in TOLD]
        told = [
            f"{role} {METRICS[metric]} {_change(facts, method.label, role, metric)}, "
            f"{difference_text(difference)}, {_meaning(difference)}"
            for role, metric, difference in found
            if difference is not None
        ]
        if told:
            yield f"{method.label} beside {facts.baseline.label}: {'; '.join(told)}."


def _change(facts: ExperimentFacts, label: str, role: str, metric: str) -> str:
    assert facts.baseline is not None
    names = (facts.baseline.label, label)
    return " → ".join(spread_text(facts.spreads[name, role, metric]) for name in names)


def _meaning(difference: Difference) -> str:
    if difference.above_zero:
        return "a gain"
    if difference.below_zero:
        return "a loss"
    return "within chance" if difference.low is not None else "without an interval"


def interval_words(facts: ExperimentFacts) -> str:
    """Return exactly what was resampled for the intervals of the differences."""
    if facts.baseline is None:
        return "No differences: there is no run without adaptation to compare with."
    grouped = all(s.groups for run in facts.experiment.runs for s in run.sets.values())
    with_seeds = [m.label for m in facts.others if _draws_seeds(facts, m.label)]
    seeds = (
        f"seeds, independently of them, for {', '.join(with_seeds)} (two seeds or more on both "
        "sides); few seeds understate the scatter between them"
        if with_seeds
        else "no seeds, as there are not two on both sides: the luck of training is not covered"
    )
    return (
        "A difference is the mean over the method's seeds minus that over the baseline's. Its "
        "interval is the percentile bootstrap with 1,000 resamples. Drawn with replacement: "
        f"{'objects' if grouped else 'objects where they are known, else images'} of all test "
        "sets together, a draw counting alike in both methods and in all seeds wherever the "
        f"same id occurs (paired); and {seeds}."
    )


def _draws_seeds(facts: ExperimentFacts, label: str) -> bool:
    (method,) = (m for m in facts.methods if m.label == label)
    return facts.baseline is not None and resamples_seeds(method.seeds, facts.baseline.seeds)
