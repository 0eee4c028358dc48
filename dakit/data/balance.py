"""Equal classes by repetition: training rows of the source only, after the split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.randomness import generator


def balanced_rows(
    rows: NDArray[np.int64], labels: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Repeat rows of rarer classes until all classes are as frequent as the most frequent one.

    ``labels`` are those of ``rows``. Each row of a class is repeated as often as any other, give
    or take one. Returns the rows and which of them are repetitions.
    """
    classes, counts = np.unique(labels, return_counts=True)
    rng = generator(seed, "balance")
    repetitions = [
        np.resize(rng.permutation(rows[labels == label]), counts.max() - count)
        for label, count in zip(classes, counts, strict=True)
    ]
    balanced = np.concatenate([rows, *repetitions])
    return balanced, np.arange(len(balanced)) >= len(rows)
