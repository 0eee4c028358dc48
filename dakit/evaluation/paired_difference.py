"""The difference of two methods in each metric, with an interval that pairs what can be paired."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.evaluation.intervals import bootstrap_intervals, with_width
from dakit.evaluation.metrics import METRICS, ScoredRows
from dakit.randomness import generator

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True)
class RunScores:
    """One run on one test set: ``labels (N,)``, ``probabilities (N, C)``, ``units (N,)``.

    ``units`` name what is drawn together, an object or an image; the same name in two runs is the
    same thing.
    """

    seed: int
    labels: NDArray[np.int64]
    probabilities: Floats
    units: NDArray[Any]


@final
@dataclass(frozen=True)
class Difference:
    """Method minus baseline, with the bounds of its interval where there is one."""

    value: float
    low: float | None
    high: float | None

    @property
    def below_zero(self) -> bool:
        """Whether the whole interval lies below 0."""
        return self.high is not None and self.high < 0

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low is not None and self.low > 0


def resamples_seeds(method: Iterable[int], baseline: Iterable[int]) -> bool:
    """Return whether seeds are drawn too: where both have at least two."""
    return all(len(set(seeds)) > 1 for seeds in (method, baseline))


def paired_differences(
    method: Sequence[RunScores],
    baseline: Sequence[RunScores],
    *,
    resamples: int = 1000,
    confidence: float = 0.95,
    ece_bins: int = 15,
    seed: int = 0,
) -> dict[str, Difference | None]:
    """Return ``mean over the method's runs - mean over the baseline's`` for each metric.

    The interval is the percentile bootstrap. Each resample draws, with replacement, from all
    units (objects, or images where objects are not known) of all test sets involved, and gives a
    unit the same weight wherever it occurs: in both methods (so what both find hard cancels) and
    in the test sets of all seeds. Where both have two seeds or more, it also draws from the
    seeds, independently of the units, and a seed's weight is the same for method and baseline:
    the product of both weights is Owen's pigeonhole bootstrap (2007, Ann. Appl. Stat. 1, 386).
    With few seeds any bootstrap understates the scatter between seeds, by about (S - 1) / S of
    its variance for S seeds.

    A resample in which a metric is undefined is left out; a metric undefined as it stands is
    None, and so are bounds where there are fewer than two units. Where no two resamples differ,
    as of methods that err on the same images, the bounds are those of
    :func:`dakit.evaluation.intervals.with_width` for the test set with the fewest units.
    """
    ours, theirs = _scored(method, ece_bins), _scored(baseline, ece_bins)
    units = np.concatenate([run.units for run in (*method, *baseline)])
    split_at = sum(len(run.labels) for run in method)

    def differences(weights: Floats, of_seed: Mapping[int, Floats]) -> dict[str, Floats]:
        first, rest = weights[:, :split_at], weights[:, split_at:]
        one, other = _mean(ours, first, of_seed), _mean(theirs, rest, of_seed)
        return {name: one[name] - other[name] for name in METRICS}

    draw = _SeedDraws(method, baseline, seed)
    intervals = bootstrap_intervals(
        lambda weights: differences(weights, draw(len(weights))),
        len(units),
        groups=units,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )
    points = differences(np.ones((1, len(units))), draw.once_each(1))
    scored = [*ours, *theirs]
    unseen = [rows.unseen(run.units, confidence) for run, rows in scored]
    return {
        name: _difference(
            points[name][0],
            intervals.get(name),
            max(shares[name] for shares in unseen),
            max(rows.highest(name) for _, rows in scored),
        )
        for name in METRICS
    }


def _scored(runs: Sequence[RunScores], ece_bins: int) -> list[tuple[RunScores, ScoredRows]]:
    return [(run, ScoredRows(run.labels, run.probabilities, ece_bins)) for run in runs]


@final
class _SeedDraws:
    """How often each seed is drawn in each resample."""

    def __init__(
        self, method: Sequence[RunScores], baseline: Sequence[RunScores], seed: int
    ) -> None:
        self._seeds = sorted({run.seed for run in (*method, *baseline)})
        self._random = generator(seed, "seeds of a comparison")
        self._drawn = resamples_seeds(*([run.seed for run in runs] for runs in (method, baseline)))

    def __call__(self, resamples: int) -> dict[int, Floats]:
        if not self._drawn:
            return self.once_each(resamples)
        equal = np.full(len(self._seeds), 1 / len(self._seeds))
        counts = self._random.multinomial(len(self._seeds), equal, size=resamples)
        return dict(zip(self._seeds, counts.T.astype(np.float64), strict=True))

    def once_each(self, resamples: int) -> dict[int, Floats]:
        """Return weight 1 for every seed."""
        return {seed: np.ones(resamples) for seed in self._seeds}


def _mean(
    runs: Sequence[tuple[RunScores, ScoredRows]],
    weights: Floats,
    seed_weights: Mapping[int, Floats],
) -> dict[str, Floats]:
    """Return each metric's mean over ``runs``, weighted by seed; NaN where none was drawn."""
    ends = np.cumsum([len(run.labels) for run, _ in runs])[:-1]
    parts = np.split(weights, ends, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = [rows.metrics(part) for (_, rows), part in zip(runs, parts, strict=True)]
        shares = np.stack([seed_weights[run.seed] for run, _ in runs])
        total = shares.sum(axis=0)
        return {
            name: sum(
                # a seed that was not drawn has no say, not even where its metric is undefined
                np.where(share > 0, share * value[name], 0.0)
                for share, value in zip(shares, values, strict=True)
            )
            / total
            for name in METRICS
        }


def _difference(
    value: float, interval: tuple[float, float] | None, unseen: float, largest: float
) -> Difference | None:
    if not np.isfinite(value):
        return None
    low, high = with_width(interval, float(value), unseen, -largest, largest) or (None, None)
    return Difference(float(value), low, high)
