"""Divergences against scikit-learn by hand, and against what they must be."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_samples
from sklearn.metrics.pairwise import rbf_kernel

from dakit.evaluation.latent_space import halves, proxy_a_distance, silhouette, squared_mmd


def clouds(shift: float, n: int = 200, m: int = 120) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    source = rng.normal(size=(n, 5)).astype(np.float32)
    target = rng.normal(size=(m, 5)).astype(np.float32)
    return source, target + np.float32(shift)


def test_a_distance_by_hand() -> None:
    source, target = clouds(0.6)
    rows = np.concatenate([source, target])
    domain = np.repeat([0, 1], [len(source), len(target)])
    learn, held_out = halves(np.arange(len(rows)), seed=4)
    mean, spread = rows[learn].mean(axis=0), rows[learn].std(axis=0)
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    model.fit((rows[learn] - mean) / spread, domain[learn])
    wrong = model.predict((rows[held_out] - mean) / spread) != domain[held_out]
    error = (wrong[domain[held_out] == 0].mean() + wrong[domain[held_out] == 1].mean()) / 2
    expected = 2 * (1 - 2 * error)
    assert 0.2 < expected < 1.8
    assert proxy_a_distance(source, target, seed=4) == pytest.approx(expected, abs=1e-6)


def test_a_distance_is_2_apart_and_near_0_where_the_domains_are_one() -> None:
    assert proxy_a_distance(*clouds(20.0)) == pytest.approx(2.0)
    alike = [proxy_a_distance(*clouds(0.0), seed=seed) for seed in range(8)]
    assert abs(np.mean([value for value in alike if value is not None])) < 0.25


def test_a_distance_is_not_fooled_by_objects_it_has_seen() -> None:
    """Every object has a place of its own and stands in one domain: only groups tell the truth."""
    rng = np.random.default_rng(1)
    centres = rng.normal(size=(40, 200)) * 5
    groups = np.repeat(np.arange(40), 10)
    rows = (centres[groups] + rng.normal(size=(400, 200))).astype(np.float32)
    fooled = proxy_a_distance(rows[:200], rows[200:])
    honest = proxy_a_distance(rows[:200], rows[200:], groups=groups)
    assert fooled is not None
    assert honest is not None
    assert fooled > 1.8
    assert honest < 1.2


def test_halves_share_no_group_and_miss_no_row() -> None:
    groups = np.random.default_rng(0).integers(0, 30, 200)
    first, second = halves(groups, seed=2)
    assert not set(groups[first]) & set(groups[second])
    assert sorted([*first, *second]) == list(range(200))


def test_a_distance_needs_both_domains_in_both_halves() -> None:
    one = np.ones((1, 3), np.float32)
    assert proxy_a_distance(one, one) is None


@pytest.mark.parametrize("shift", [0.0, 0.5, 3.0])
def test_mmd_by_hand(shift: float) -> None:
    source, target = clouds(shift, n=40, m=25)
    rows = np.concatenate([source, target])
    distances = [((a - b) ** 2).sum() for i, a in enumerate(rows) for b in rows[:i]]
    kernel = rbf_kernel(rows, gamma=1 / np.median(distances))
    n, m = len(source), len(target)
    within = sum(kernel[i, j] for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    beyond = sum(kernel[i, j] for i in range(n, n + m) for j in range(n, n + m) if i != j)
    expected = within + beyond / (m * (m - 1)) - 2 * kernel[:n, n:].mean()
    assert squared_mmd(source, target) == pytest.approx(expected, abs=1e-6)


def test_mmd_does_not_see_the_scale_of_the_features_or_where_they_lie() -> None:
    source, target = clouds(1.0)
    moved = squared_mmd(1000 * source + 5000, 1000 * target + 5000)
    assert moved == pytest.approx(squared_mmd(source, target), rel=1e-3)


def test_mmd_of_constant_features_is_0_and_of_one_row_unknown() -> None:
    same = np.ones((4, 3), np.float32)
    assert squared_mmd(same, same) == pytest.approx(0)
    assert squared_mmd(same[:1], same) is None


def test_silhouette_by_hand() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(30, 4)).astype(np.float32)
    classes = np.repeat([0, 1, 2], 10)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    distances = 1 - unit @ unit.T
    values = []
    for i in range(30):
        to = [distances[i, (classes == c) & (np.arange(30) != i)].mean() for c in range(3)]
        own, other = to[classes[i]], min(to[c] for c in range(3) if c != classes[i])
        values.append((other - own) / max(own, other))
    assert silhouette(features, classes) == pytest.approx(np.mean(values), abs=1e-5)
    assert silhouette_samples(features, classes, metric="cosine").mean() == pytest.approx(
        np.mean(values), abs=1e-5
    )


def test_silhouette_of_one_group_is_unknown() -> None:
    assert silhouette(np.eye(4, dtype=np.float32), np.zeros(4, int)) is None
