"""Published tables beside ours: which row is which method, how it looks, which disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, final

from dakit.contracts import SIDES
from dakit.reporting import palette
from dakit.reporting.compare.compared_run import Recipe
from dakit.spec.reference_table import PublishedMethod, PublishedScores, ReferenceTable

Range = tuple[float, float]


def implied_accuracy(precision: Range, recall: Range, positive_share: Range) -> Range:
    """Return the lowest and highest accuracy that is possible for two classes.

    With precision P, recall R and the positive class's share p of the test set, the misses are
    ``p (1 - R)`` and the false alarms ``p R (1 - P) / P``, so that::

        accuracy = 1 - p (1 - R) - p R (1 - P) / P

    It is monotonic in each of the three while the others stand still, so its extremes lie at the
    corners of the three ranges. A corner with more false alarms than negatives cannot occur, but
    is counted: the range may be too wide, never too narrow.
    """
    corners = [_accuracy(p, r, share) for p, r, share in product(precision, recall, positive_share)]
    return max(0.0, min(corners)), min(1.0, max(corners))


def contradicts(
    accuracy: float, precision: float, recall: float, positive_share: Range, decimals: int
) -> Range | None:
    """Return the accuracy that is possible where the printed one is not, else None.

    Each number stands for all that round to it: x +- half a unit of its last decimal. A precision
    that may be 0 forces nothing.
    """
    half = 0.5 * 10.0**-decimals
    if precision - half <= 0:
        return None
    printed, p, r = (_rounded(x, half) for x in (accuracy, precision, recall))
    low, high = implied_accuracy(p, r, positive_share)
    slack = 1e-9  # numbers such as 0.58 are not exact in binary
    return None if printed[0] <= high + slack and low <= printed[1] + slack else (low, high)


def _accuracy(precision: float, recall: float, share: float) -> float:
    false_alarms = share * recall * (1 - precision) / precision
    return 1 - share * (1 - recall) - false_alarms


def _rounded(value: float, half: float) -> Range:
    return max(0.0, value - half), min(1.0, value + half)


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
        """Return a number as printed, an empty text where it was not printed."""
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


@final
@dataclass(frozen=True)
class Looks:
    """Label and colour of each method that a publication draws, in its order."""

    known: Mapping[Recipe, tuple[str, str]] = field(default_factory=dict)

    def label(self, recipe: Recipe) -> str:
        """Return what the publication calls it, or else its terms; TL+ for transfer learning."""
        if recipe in self.known:
            return self.known[recipe][0]
        if recipe.pretrained and _fresh(recipe) in self.known:
            return f"TL+{self.known[_fresh(recipe)][0]}"
        return recipe.label

    def rank(self, recipe: Recipe) -> int:
        """Return its place in the publication, whatever it starts from; others come last."""
        order = list(self.known)
        known = _fresh(recipe) if _fresh(recipe) in self.known else recipe
        return order.index(known) if known in self.known else len(order)

    def colours(self, recipes: Sequence[Recipe]) -> list[str]:
        """Return a colour for each method, no two the same while there are enough.

        A published colour goes to the first method it is meant for, to those without transfer
        learning first; every other method gets the next free one.
        """
        chosen: dict[int, str] = {}
        for number, recipe in sorted(enumerate(recipes), key=lambda pair: pair[1].pretrained):
            meant = [self.known[each][1] for each in (recipe, _fresh(recipe)) if each in self.known]
            free = [colour for colour in meant if colour not in chosen.values()]
            if free:
                chosen[number] = free[0]
        published = {colour for _, colour in self.known.values()}
        order = sorted(palette.CLASSES, key=lambda colour: colour in published)
        spare = [c for c in order if c not in chosen.values()] or [palette.MUTED]
        rest = [number for number in range(len(recipes)) if number not in chosen]
        chosen.update({number: spare[i % len(spare)] for i, number in enumerate(rest)})
        return [chosen[number] for number in range(len(recipes))]


def looks_of(tables: Iterable[ReferenceTable], data: dict[str, Any]) -> Looks:
    """Return the looks of the ``tables`` on the dataset of ``data``, those on the same data first.

    ``data`` is the data part of a resolved run spec. Rows without a colour say nothing here.
    """
    same = [table for table in tables if table.data.get("name") == data["name"]]
    same.sort(key=lambda table: not table.belongs_to(data))
    known: dict[Recipe, tuple[str, str]] = {}
    for row in published_rows(same):
        if row.method.colour is not None:
            known.setdefault(row.recipe, (row.method.method, row.method.colour))
    return Looks(known)


def _fresh(recipe: Recipe) -> Recipe:
    return replace(recipe, pretrained=False)
