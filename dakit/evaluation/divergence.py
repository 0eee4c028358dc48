"""How far two domains lie apart in feature space, and how well classes are told apart there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dakit.randomness import generator

Features = NDArray[np.float32]


def proxy_a_distance(
    source: Features, target: Features, *, groups: NDArray[Any] | None = None, seed: int = 0
) -> float | None:
    """Return ``2 (1 - 2 e)`` of features ``(n, D)`` and ``(m, D)`` (Ben-David et al. 2007, sec. 4).

    ``e`` is the balanced error of a linear classifier (logistic regression on standardised
    features) that learns on one half which domain a row is of and is tested on the other: 0 means
    that the domains look alike, 2 that they are told apart without error. By chance it may lie
    a little below 0. With ``groups (n + m,)`` the halves share no object. None where a half lacks
    one of the domains.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.concatenate([source, target])
    domain = np.repeat([0, 1], [len(source), len(target)])
    learn, held_out = halves(np.arange(len(rows)) if groups is None else groups, seed)
    if len(np.unique(domain[learn])) < 2 or len(np.unique(domain[held_out])) < 2:
        return None
    linear = LogisticRegression(class_weight="balanced", max_iter=1000)
    classifier = make_pipeline(StandardScaler(), linear).fit(rows[learn], domain[learn])
    error = 1 - balanced_accuracy_score(domain[held_out], classifier.predict(rows[held_out]))
    return float(2 * (1 - 2 * error))


def halves(groups: NDArray[Any], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of two halves that share no group."""
    objects, of_row = np.unique(groups, return_inverse=True)
    order = generator(seed, "proxy A-distance").permutation(len(objects))
    first = np.isin(of_row, order[: len(objects) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


def squared_mmd(source: Features, target: Features) -> float | None:
    """Return the unbiased squared MMD of ``(n, D)`` and ``(m, D)`` (Gretton et al. 2012, eq. 3).

    The kernel is ``exp(-d^2 / median d^2)``, with the median over all pairs of distinct rows, so
    that the value does not depend on the scale of the features and networks can be compared. Its
    largest possible value is 2; equal distributions give 0 on average. None below two rows.
    """
    n, m = len(source), len(target)
    if min(n, m) < 2:
        return None
    rows = np.concatenate([source, target]).astype(np.float64)
    rows -= rows.mean(axis=0)
    norms = (rows**2).sum(axis=1)
    distances = np.maximum(norms[:, None] + norms[None, :] - 2 * rows @ rows.T, 0)
    median = float(np.median(distances[np.triu_indices(n + m, 1)]))
    kernel = np.exp(-distances / (median or 1.0))
    np.fill_diagonal(kernel, 0)
    within_source = kernel[:n, :n].sum() / (n * (n - 1))
    within_target = kernel[n:, n:].sum() / (m * (m - 1))
    return float(within_source + within_target - 2 * kernel[:n, n:].mean())


def silhouette(features: Features, assignment: NDArray[np.int64]) -> float | None:
    """Return the mean silhouette ``(b - a) / max(a, b)`` of ``(N, D)`` (Rousseeuw 1987).

    In cosine distance, as the t-SNE plots: 1 for tight groups far apart, 0 for groups that
    overlap. None where there is one group only, or each row is its own.
    """
    from sklearn.metrics import silhouette_score

    if not 2 <= len(np.unique(assignment)) < len(assignment):
        return None
    return float(silhouette_score(features, assignment, metric="cosine"))
