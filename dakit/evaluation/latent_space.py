"""Where the test images of both domains lie in a network's features, and how far apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from numpy.typing import NDArray

from dakit.contracts import SIDES, DomainPair
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.evaluation.predict import features_of
from dakit.network import Network
from dakit.randomness import derived_seed, generator

MOST_ROWS = 500
"""Test images of each domain that are looked at, at most: t-SNE's time grows with them."""
PERPLEXITY = 36
"""As published for DeepMerge II (Ciprijanovic et al. 2021)."""


@final
@dataclass(frozen=True)
class LatentSpace:
    """Positions ``(N, 2)`` of the sampled images, source first, and numbers of their features."""

    positions: NDArray[np.float32]
    is_target: NDArray[np.bool_]
    labels: NDArray[np.int64]
    """Class indices ``(N,)``, -1 where not known."""
    numbers: dict[str, float | None]
    """``proxy_a_distance``, ``squared_mmd``, ``silhouette_class``, ``silhouette_domain``."""

    @property
    def images(self) -> str:
        """How many images there are, as in ``500 source and 242 target test images``."""
        targets = int(self.is_target.sum())
        return f"{len(self.labels) - targets:,} source and {targets:,} target test images"


def latent_space(
    network: Network, data: PreparedData, *, seed: int, batch_size: int, device: torch.device
) -> LatentSpace:
    """Pass up to 500 test images of each domain through ``network`` and map their features.

    The same seed picks the same images, so that networks can be compared.
    """
    features, labels, picked = [], [], []
    for role in SIDES:
        domain, rows = getattr(data.pair, role), sample(getattr(data.split, role).test, seed)
        read = reader_of(data, role, device)
        features.append(features_of(network, read, rows, role=role, batch_size=batch_size))
        labels.append(np.full(len(rows), -1) if domain.labels is None else domain.labels[rows])
        picked.append(rows)
    is_target = np.repeat([False, True], [len(rows) for rows in picked])
    groups = _groups(data.pair, picked[0], picked[1])
    return LatentSpace(
        positions=tsne(np.concatenate(features), seed),
        is_target=is_target,
        labels=np.concatenate(labels),
        numbers=_numbers(features[0], features[1], np.concatenate(labels), groups, seed),
    )


def tsne(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return t-SNE positions ``(N, 2)`` of ``features (N, D)`` (van der Maaten & Hinton 2008).

    Perplexity 36 (a third of the rows where there are fewer), cosine distance and a start from
    the principal components, as published. Raises ValueError below 4 rows.
    """
    from sklearn.manifold import TSNE

    if len(features) < 4:
        raise ValueError(f"{len(features)} rows are too few for t-SNE")
    embedding = TSNE(
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),
        metric="cosine",
        init="pca",
        random_state=derived_seed(seed, "t-SNE") % 2**32,
    )
    positions: NDArray[np.float32] = embedding.fit_transform(features)
    return positions


def sample(rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Return at most 500 of ``rows``, sorted."""
    if len(rows) <= MOST_ROWS:
        return rows
    return np.sort(generator(seed, "latent space").choice(rows, MOST_ROWS, replace=False))


def _groups(pair: DomainPair, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[Any]:
    """Return the object of each row, the same number in both domains where it is the same one."""
    numbers = []
    for name, domain, rows in (("s", pair.source, source), ("t", pair.target, target)):
        marks = rows if domain.groups is None else domain.groups[rows]
        prefix = "" if pair.shared_groups and domain.groups is not None else name
        numbers += [f"{prefix}{mark}" for mark in marks.tolist()]
    return np.asarray(numbers)


def _numbers(
    source: NDArray[np.float32],
    target: NDArray[np.float32],
    labels: NDArray[np.int64],
    groups: NDArray[Any],
    seed: int,
) -> dict[str, float | None]:
    both = np.concatenate([source, target])
    domain = np.repeat([0, 1], [len(source), len(target)])
    known = labels >= 0
    return {
        "proxy_a_distance": proxy_a_distance(source, target, groups=groups, seed=seed),
        "squared_mmd": squared_mmd(source, target),
        "silhouette_class": silhouette(both[known], labels[known]),
        "silhouette_domain": silhouette(both, domain),
    }


Features = NDArray[np.float32]


def proxy_a_distance(
    source: Features, target: Features, *, groups: NDArray[Any] | None = None, seed: int = 0
) -> float | None:
    """Return ``2 (1 - 2 e)`` of features ``(n, D)`` and ``(m, D)`` (Ben-David et al. 2007, sec. 4).

    ``e`` is the balanced error of a linear classifier (logistic regression on standardised
    features) that learns on one half which domain a row is of and is tested on the other: 0 means
    that the domains look alike, 2 that a classifier separates them without error. It may by
    chance be a little below 0. With ``groups (n + m,)`` the halves share no object. None where a
    half lacks one of the domains.
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
