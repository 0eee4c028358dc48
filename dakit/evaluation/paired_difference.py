"""The difference of two methods in each metric, with an interval that pairs what can be paired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dakit.evaluation.further import Measures
from dakit.evaluation.intervals import bootstrap_intervals, pooled_units, with_width
from dakit.evaluation.metrics import MANY, ScoredRows
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
    further: Measures = MappingProxyType({}),
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
    :func:`dakit.evaluation.intervals.with_width` for the test set with the fewest units. Where a
    test set has more than ``MANY`` rows, blocks of units are drawn, as for the metrics of one run.
    """
    scores = _Scores([*method, *baseline], ece_bins, seed, further)

    def differences(weights: Floats, of_seed: Mapping[int, Floats]) -> dict[str, Floats]:
        values = scores.of_each_run(weights)
        one = _mean(method, values[: len(method)], of_seed)
        other = _mean(baseline, values[len(method) :], of_seed)
        return {name: one[name] - other[name] for name in one}

    draw = _SeedDraws(method, baseline, seed)
    intervals = bootstrap_intervals(
        lambda weights: differences(weights, draw(len(weights))),
        scores.drawn,
        groups=scores.groups,
        resamples=resamples,
        confidence=confidence,
        seed=seed,
    )
    points = differences(np.ones((1, scores.drawn)), draw.once_each(1))
    unseen = scores.unseen(confidence)
    return {
        name: _difference(
            points[name][0],
            intervals.get(name),
            max(shares[name] for shares in unseen),
            scores.widest(name),
        )
        for name in points
    }


@final
class _Scores:
    """The metrics of several runs, for one weight of each row or, of many rows, of each block."""

    def __init__(
        self, runs: Sequence[RunScores], ece_bins: int, seed: int, further: Measures
    ) -> None:
        self._runs = runs
        self._rows = [ScoredRows(run.labels, run.probabilities, ece_bins, further) for run in runs]
        self._ends = np.cumsum([len(run.labels) for run in runs])[:-1]
        units = np.concatenate([run.units for run in runs])
        self.drawn: int = len(units)
        self.groups: NDArray[Any] | None = units
        self._of_blocks: list[Callable[[Floats], dict[str, Floats]]] = []
        if max(len(run.labels) for run in runs) > MANY:
            blocks = pooled_units(len(units), units, seed)
            self.drawn, self.groups = int(blocks.max()) + 1, None
            parts = zip(self._rows, np.split(blocks, self._ends), strict=True)
            self._of_blocks = [rows.of_units(part, self.drawn) for rows, part in parts]

    def of_each_run(self, weights: Floats) -> list[dict[str, Floats]]:
        """Return the metrics of each run for ``weights (R, drawn)``."""
        with np.errstate(invalid="ignore", divide="ignore"):
            if self._of_blocks:
                return [metrics(weights) for metrics in self._of_blocks]
            parts = zip(self._rows, np.split(weights, self._ends, axis=1), strict=True)
            return [rows.metrics(part) for rows, part in parts]

    def unseen(self, confidence: float) -> list[dict[str, float]]:
        """Return :meth:`ScoredRows.unseen` of each run."""
        pairs = zip(self._rows, self._runs, strict=True)
        return [rows.unseen(run.units, confidence) for rows, run in pairs]

    def widest(self, metric: str) -> float:
        """Return the largest difference that two values of ``metric`` can have."""
        return max(high - low for low, high in (rows.bounds(metric) for rows in self._rows))


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
    runs: Sequence[RunScores],
    values: Sequence[Mapping[str, Floats]],
    seed_weights: Mapping[int, Floats],
) -> dict[str, Floats]:
    """Return each metric's mean over ``runs``, weighted by seed; NaN where none was drawn."""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.stack([seed_weights[run.seed] for run in runs])
        total = shares.sum(axis=0)
        return {
            name: sum(
                # a seed that was not drawn has no say, not even where its metric is undefined
                np.where(share > 0, share * value[name], 0.0)
                for share, value in zip(shares, values, strict=True)
            )
            / total
            for name in values[0]
        }


def _difference(
    value: float, interval: tuple[float, float] | None, unseen: float, largest: float
) -> Difference | None:
    if not np.isfinite(value):
        return None
    low, high = with_width(interval, float(value), unseen, -largest, largest) or (None, None)
    return Difference(float(value), low, high)
