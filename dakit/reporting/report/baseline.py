"""A run beside one without adaptation, on the same test images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import final

from dakit.contracts import SIDES
from dakit.errors import InputError
from dakit.evaluation.further import Measures
from dakit.evaluation.paired_difference import Difference, paired_differences
from dakit.reporting.result_table import difference_text, titles
from dakit.reporting.scored_set import ScoredSet
from dakit.runs.results import Adaptation, Results, cell

Sets = Mapping[str, ScoredSet]


@final
@dataclass(frozen=True)
class Baseline:
    """The results of a run without adaptation, and the run of the report minus it."""

    results: Results
    differences: Mapping[str, Mapping[str, Difference | None]]
    """By domain (those with labels) and metric."""

    @property
    def title(self) -> str:
        """Its name and id."""
        return self.results.title

    def rows(self, results: Results, role: str) -> Iterator[list[str]]:
        """Yield each metric of the run, of this one, and their difference."""
        ours, theirs = results.test(role), self.results.test(role)
        for name, title in titles(results.further).items():
            difference = difference_text(self.differences[role].get(name))
            yield [title, cell(ours, name), cell(theirs, name), difference]


def check_baseline(results: Results, other: Results, adaptation: Adaptation) -> None:
    """Raise InputError where ``other``, which adapts by ``adaptation``, is no baseline."""
    if other.data.fingerprint != results.data.fingerprint:
        raise InputError(f"{other.title} is no baseline for {results.name}: it has other data")
    if adaptation:
        raise InputError(
            f"{other.title} is no baseline: it adapts with {adaptation}; give a run in which "
            "neither a term nor BatchNorm sees the target"
        )


def compared(
    results: Results,
    sets: Sets,
    other: Results,
    other_sets: Sets,
    *,
    ece_bins: int = 15,
    further: Measures = MappingProxyType({}),
) -> Baseline:
    """Return the run minus the baseline in every metric, resampling both together.

    Raises InputError where the two were not tested on the same images.
    """
    return Baseline(
        other,
        {
            role: _differences(results, sets[role], other, other_sets[role], ece_bins, further)
            for role in SIDES
            if role in sets and sets[role].labels is not None
        },
    )


def _differences(
    results: Results,
    ours: ScoredSet,
    other: Results,
    theirs: ScoredSet,
    ece_bins: int,
    further: Measures,
) -> dict[str, Difference | None]:
    if ours.ids != theirs.ids:
        raise InputError(
            f"{other.title} was tested on other {ours.role} images than {results.name}; give a "
            "baseline of the same data, split and seed"
        )
    evaluation = results.evaluation
    return paired_differences(
        ours.scores(results.seed),
        theirs.scores(other.seed),
        resamples=evaluation.bootstrap if evaluation else 0,
        confidence=evaluation.confidence if evaluation else 0.95,
        ece_bins=ece_bins,
        seed=results.seed,
        further=further,
    )
