"""The reference of both domains against scikit-learn, and when it warns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf, ledoit_wolf_shrinkage

from dakit.errors import InputError
from dakit.evaluation.reference import (
    DIRECTIONS,
    FILE,
    DomainReference,
    PairReference,
    describe,
    load_reference,
    save_reference,
)

RNG = np.random.default_rng(0)


def features(rows: int, dimensions: int, shift: float = 0.0) -> np.ndarray:
    mixing = np.random.default_rng(1).normal(size=(dimensions, dimensions))
    return (RNG.normal(size=(rows, dimensions)) @ mixing + shift).astype(np.float32)


def split(rows: np.ndarray) -> np.ndarray:
    """Direction and log length, row by row."""
    lengths = [np.sqrt(sum(float(x) ** 2 for x in row)) for row in rows]
    pairs = zip(rows, lengths, strict=True)
    return np.array(
        [[*(x / length for x in map(float, row)), np.log(length)] for row, length in pairs]
    )


def shrinkage_by_hand(rows: np.ndarray) -> float:
    """Ledoit & Wolf (2004), lemma 3.2 ff., row by row."""
    centred = rows - rows.mean(axis=0)
    count, dimensions = rows.shape
    covariance = centred.T @ centred / count
    mean = np.trace(covariance) / dimensions
    off = ((covariance - mean * np.eye(dimensions)) ** 2).sum()
    noise = sum(((np.outer(row, row) - covariance) ** 2).sum() for row in centred) / count**2
    return float(min(noise, off) / off)


def test_the_covariance_shrinks_as_ledoit_and_wolf_say() -> None:
    train = features(40, 12)
    found = describe(train, train)
    rows = split(train)
    shrinkage = shrinkage_by_hand(rows)
    assert 0.01 < shrinkage < 0.99
    plain = np.linalg.eigvalsh(np.cov(rows.T, bias=True))[::-1]
    wanted = (1 - shrinkage) * plain + shrinkage * plain.mean()
    np.testing.assert_allclose(found.variances, wanted, rtol=1e-6)


def test_one_image_is_described_too() -> None:
    train = features(1, 4)
    assert describe(train, train).distance(train) == pytest.approx(0)


def test_few_dimensions_give_scikit_learns_mahalanobis_distance() -> None:
    train, new = features(200, DIRECTIONS - 2), features(50, DIRECTIONS - 2)
    squared = LedoitWolf().fit(split(train)).mahalanobis(split(new))
    found = describe(train, features(100, DIRECTIONS - 2))
    np.testing.assert_allclose((found.distance(new) * found.threshold) ** 2, squared, rtol=1e-3)


def test_with_many_dimensions_the_rest_shares_its_variance() -> None:
    train, new = features(120, 60), features(9, 60)
    found = describe(train, features(30, 60))
    assert found.basis.shape == (DIRECTIONS, 61)
    basis = found.basis.astype(np.float64)
    covariance = basis.T @ np.diag(found.variances) @ basis
    covariance += found.rest_variance * (np.eye(61) - basis.T @ basis)
    centred = split(new) - split(train).mean(axis=0)
    squared = np.einsum("nd,nd->n", centred @ np.linalg.inv(covariance), centred)
    np.testing.assert_allclose((found.distance(new) * found.threshold) ** 2, squared, rtol=1e-3)
    shrinkage = ledoit_wolf_shrinkage(split(train))
    variances = np.linalg.eigvalsh(np.cov(split(train).T, bias=True))
    mean = variances.mean()
    rest = (1 - shrinkage) * variances[:-DIRECTIONS].mean() + shrinkage * mean
    assert found.rest_variance == pytest.approx(rest, rel=1e-4)


def test_one_in_a_hundred_of_its_own_images_is_far() -> None:
    found = describe(features(500, 50), features(500, 50))
    own = (found.distance(features(4000, 50)) > 1).mean()
    assert 0.003 < own < 0.03
    assert (found.distance(features(100, 50, shift=15.0)) > 1).mean() > 0.9
    assert found.expected == pytest.approx(0.01)


def test_the_threshold_is_the_99th_of_a_hundred_and_the_last_of_few() -> None:
    train, hundred, few = features(300, 5), features(100, 5), features(7, 5)
    distances = np.sort(describe(train, hundred).distance(hundred))
    assert distances[-1] == pytest.approx(1)  # ceil(0.99 * 101) = 100
    two_hundred = features(200, 5)
    assert (describe(train, two_hundred).distance(two_hundred) > 1).sum() == 1
    assert describe(train, few).distance(few).max() == pytest.approx(1)
    assert describe(train, few).expected == pytest.approx(1 / 8)


def test_constant_features_make_whoever_differs_far() -> None:
    constant = np.full((10, 4), 2.0, np.float32)
    found = describe(constant, constant)
    assert (found.distance(constant) < 0.1).all()
    assert (found.distance(constant + 1) > 1).all()


def pair() -> PairReference:
    return PairReference(
        describe(features(300, 8), features(200, 8)),
        describe(features(300, 8, shift=40), features(200, 8, shift=40)),
    )


def test_near_to_one_domain_is_near() -> None:
    both = pair()
    assert (both.distance(features(300, 8, shift=40)) > 1).mean() < 0.05
    assert (both.distance(features(300, 8)) > 1).mean() < 0.05
    assert (both.distance(features(300, 8, shift=20)) > 1).mean() > 0.5


@pytest.mark.parametrize(
    ("far", "images", "warns"),
    [(0, 10, False), (1, 1, True), (1, 2, True), (1, 10, False), (2, 10, False), (3, 10, True),
     (10, 1000, False), (49, 1000, False), (50, 1000, True), (0, 0, False)],
)  # fmt: skip
def test_chance_does_not_warn(far: int, images: int, warns: bool) -> None:
    assert pair().are_far(far, images) is warns


def test_it_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    both, new = pair(), features(20, 8)
    assert load_reference(tmp_path, 8) is None
    save_reference(tmp_path, both)
    loaded = load_reference(tmp_path, 8)
    assert loaded is not None
    np.testing.assert_array_equal(loaded.distance(new), both.distance(new))
    assert isinstance(loaded.source, DomainReference)
    assert loaded.source.validation == 200
    first = (tmp_path / FILE).read_bytes()
    save_reference(tmp_path, both)
    assert (tmp_path / FILE).read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(InputError, match=FILE):
        load_reference(tmp_path, 8)
