"""Published tables beside ours: which row belongs to which method, and which rows disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

from dakit.contracts import SIDES
from dakit.evaluation.table_consistency import contradicts
from dakit.reporting.compare.recipe import Recipe
from dakit.spec.reference_table import PublishedMethod, PublishedScores, ReferenceTable


@final
@dataclass(frozen=True)
class PublishedRow:
    """One method of one published table."""

    table: ReferenceTable
    method: PublishedMethod

    @property
    def recipe(self) -> Recipe:
        """What the method is made of, to find ours."""
        method = self.method
        return Recipe(True, method.transfer, tuple(sorted(method.regularizers)), method.pretrained)

    def scores(self, role: str) -> PublishedScores:
        """Return its numbers in the source or the target."""
        found: PublishedScores = getattr(self.method, role)
        return found

    def text(self, role: str, metric: str) -> str:
        """Return a number as printed, nothing where there is none."""
        value = getattr(self.scores(role), metric, None)
        return "" if value is None else f"{value:.{self.table.decimals}f}"


def published_rows(tables: Sequence[ReferenceTable]) -> list[PublishedRow]:
    """Return all rows, table by table."""
    return [PublishedRow(table, method) for table in tables for method in table.methods]


@final
@dataclass(frozen=True)
class Contradiction:
    """A printed accuracy that precision, recall and the share of positives rule out."""

    row: PublishedRow
    role: str
    low: float
    high: float

    def __str__(self) -> str:
        table = self.row.table
        share = getattr(table.positive_share, self.role)
        printed = [self.row.text(self.role, m) for m in ("accuracy", "precision", "recall")]
        between = f"{share[0]:g} to {share[1]:g}" if share[0] < share[1] else f"{share[0]:g}"
        return (
            f"{table.label}, {self.row.method.method}, {self.role}: the printed accuracy "
            f"{printed[0]} contradicts precision {printed[1]} and recall {printed[2]}; with a "
            f"share of positives of {between} these allow {self.low:.3f} to {self.high:.3f}."
        )


def contradictions(tables: Sequence[ReferenceTable]) -> list[Contradiction]:
    """Return the rows whose accuracy cannot be, taking rounding into account."""
    return list(_contradictions(published_rows(tables)))


def _contradictions(rows: Sequence[PublishedRow]) -> Iterator[Contradiction]:
    for row in rows:
        for role in SIDES:
            share, scores = getattr(row.table.positive_share, role), row.scores(role)
            accuracy, precision, recall = scores.accuracy, scores.precision, scores.recall
            if share is None or accuracy is None or precision is None or recall is None:
                continue
            allowed = contradicts(accuracy, precision, recall, share, row.table.decimals)
            if allowed is not None:
                yield Contradiction(row, role, *allowed)
