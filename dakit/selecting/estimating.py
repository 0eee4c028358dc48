"""How accurate a model is on the target, estimated without target labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax, xlogy

from dakit.contracts import ValidationView
from dakit.randomness import generator

Floats = NDArray[np.float64]
DRAWS = 1000
USUAL_ERROR = {"ensemble": (0.09, 0.17), "atc": (0.13, 0.32), "doc": (0.14, 0.31)}
"""How far each was off on the benchmark of docs/choosing.md: on average, and in nine of ten."""


@final
@dataclass(frozen=True)
class Estimate:
    """An accuracy, the scatter of the rows it is from, and how far such estimates are off."""

    value: float
    low: float
    high: float
    off: float
    """The mean absolute error on the benchmark."""
    off_at_most: float
    """In nine of ten cases of the benchmark."""

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds of the scatter, moved apart by what nine of ten were off by at most."""
        return max(0.0, self.low - self.off_at_most), min(1.0, self.high + self.off_at_most)


def estimates(
    view: ValidationView, together: Floats, *, confidence: float, seed: int
) -> dict[str, Estimate]:
    """Return estimates of the target accuracy by name.

    * ``ensemble``: the mean probability that an ensemble of all runs, ``together (M, C)``, gives
      to what this model predicts; with one run it is the mean confidence of the model itself;
    * ``atc``: the share of target rows whose negative entropy reaches the threshold that a share
      of source rows reaches which is their accuracy (Garg et al. 2022, arXiv:2201.04234);
    * ``doc``: the accuracy on the source minus what the mean confidence (largest probability) is
      lower by on the target (difference of confidences, Guillory et al. 2021, arXiv:2107.03315);
      kept in [0, 1].

    The last two need source rows.

    ``low`` and ``high`` are the percentile bootstrap over source and target rows: the scatter of
    these rows, and nothing of how wrong the assumption behind an estimate is. They alone hold the
    truth far too seldom; see :attr:`Estimate.interval`.
    """
    source = _Sure.of(view.source_logits.double().cpu().numpy())
    target = _Sure.of(view.target_logits.double().cpu().numpy())
    right = source.predicted == view.source_labels.cpu().numpy()
    held = together[np.arange(len(together)), target.predicted]
    values = _all(source, right, target, held)
    random, drawn = generator(seed, "accuracy estimates"), []
    for _ in range(DRAWS):
        s = random.integers(len(right), size=len(right)) if len(right) else np.empty(0, np.int64)
        t = random.integers(len(held), size=len(held))
        drawn.append(_all(source.rows(s), right[s], target.rows(t), held[t]))
    tail = (1 - confidence) / 2
    found = {}
    for name, value in values.items():
        low, high = np.quantile([each[name] for each in drawn], [tail, 1 - tail]).tolist()
        found[name] = Estimate(value, low, high, *USUAL_ERROR[name])
    return found


@final
@dataclass(frozen=True)
class _Sure:
    """What rows are predicted as, and how sure."""

    predicted: NDArray[np.int64]
    confidence: Floats
    negative_entropy: Floats

    @classmethod
    def of(cls, logits: Floats) -> _Sure:
        p: Floats = softmax(logits, axis=1)
        return cls(p.argmax(axis=1), p.max(axis=1), xlogy(p, p).sum(axis=1))

    def rows(self, rows: NDArray[np.int64]) -> _Sure:
        return _Sure(self.predicted[rows], self.confidence[rows], self.negative_entropy[rows])


def _all(source: _Sure, right: NDArray[np.bool_], target: _Sure, held: Floats) -> dict[str, float]:
    found = {"ensemble": float(held.mean())}
    if not len(right):
        return found
    atc = thresholded(source.negative_entropy, right, target.negative_entropy)
    gap = source.confidence.mean() - target.confidence.mean()
    doc = float(np.clip(right.mean() - gap, 0.0, 1.0))
    return {**found, "atc": atc, "doc": doc}


def thresholded(source: Floats, right: NDArray[np.bool_], target: Floats) -> float:
    """Return the share of ``target`` at or above the threshold that as many of ``source`` reach.

    As many as are ``right``; the least of the source where all are, above all where none is.
    """
    wrong = int((~right).sum())
    if wrong == len(source):
        return float((target > source.max()).mean())
    return float((target >= np.sort(source)[wrong]).mean())
