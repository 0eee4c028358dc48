"""One row per number, for programs: CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from typing import final

from dakit.contracts import SIDES
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.grouping import Method
from dakit.reporting.compare.published import PublishedRow
from dakit.runs.results import METRICS
from dakit.runs.spreadsheet import csv_lines


@final
@dataclass(frozen=True)
class TidyRow:
    """One metric of one method in one domain; None where there is no such number."""

    experiment: str
    mock: bool
    method: str
    domain: str
    metric: str
    mean: float | None = None
    sd: float | None = None
    n: int = 0
    """Seeds."""
    images: int = 0
    """In the test set; the fewest, where the seeds differ."""
    objects: int | None = None
    """Shown in these images, where that is known."""
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    published: float | None = None
    published_source: str = ""


def tidy_rows(facts: ComparisonFacts) -> tuple[TidyRow, ...]:
    """Return all numbers.

    A method's row has beside it the first published number of the same recipe, from a table of
    the same network. Every other published number has a row of its own, with n = 0.
    """
    return tuple(row for part in facts.experiments for row in _experiment(part))


def tidy_csv(rows: Sequence[TidyRow]) -> str:
    """Return ``rows`` as CSV; what is None is empty."""
    header = [field.name for field in fields(TidyRow)]
    return "".join(csv_lines([header, *map(astuple, rows)]))


def _experiment(facts: ExperimentFacts) -> Iterator[TidyRow]:
    beside: list[PublishedRow] = []
    for method in facts.methods:
        network = facts.experiment.backbone
        same = [row for row in facts.published(method) if row.table.backbone == network]
        beside += same[:1]
        yield from _ours(facts, method, same[0] if same else None)
    for row in facts.all_published:
        if row not in beside:
            yield from _published(facts, row)


def _ours(facts: ExperimentFacts, method: Method, beside: PublishedRow | None) -> Iterator[TidyRow]:
    for role in SIDES:
        for metric in (*METRICS, *facts.further):
            spread = facts.spreads[method.label, role, metric]
            found = facts.differences.get((method.label, role, metric))
            published = getattr(beside.scores(role), metric, None) if beside else None
            yield TidyRow(
                experiment=facts.experiment.title,
                mock=facts.experiment.mock,
                method=method.label,
                domain=role,
                metric=metric,
                **(asdict(spread) if spread else {}),
                images=min(len(run.sets[role]) for run in method.runs),
                objects=min(run.sets[role].objects or 0 for run in method.runs) or None,
                difference=found.value if found else None,
                low=found.low if found else None,
                high=found.high if found else None,
                published=published,
                published_source=beside.table.name if beside and published is not None else "",
            )


def _published(facts: ExperimentFacts, row: PublishedRow) -> Iterator[TidyRow]:
    for role in SIDES:
        for metric in METRICS:
            value = getattr(row.scores(role), metric, None)
            if value is not None:
                yield TidyRow(
                    experiment=facts.experiment.title,
                    mock=False,
                    method=facts.experiment.looks.label(row.recipe),
                    domain=role,
                    metric=metric,
                    published=value,
                    published_source=row.table.name,
                )
