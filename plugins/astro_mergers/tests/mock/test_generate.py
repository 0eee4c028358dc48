"""The mock domains: shapes, classes, groups, flux, and that they repeat themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dakit.contracts import Domain, DomainPair
from dakit_astro_mergers.mock.generate import RECIPE, mock_pair

SIZE = 400
PUBLISHED = {
    ("sim_sim", "source"): ([0.0375, 0.0333, 0.0679], [1.309, 1.028, 1.123]),
    ("sim_sim", "target"): ([0.0375, 0.0333, 0.0677], [1.374, 1.163, 1.198]),
    ("sim_real", "source"): ([0.607, 0.632, 0.563], [1.846, 1.841, 1.465]),
    ("sim_real", "target"): ([25.8, 21.1, 14.3], [35.1, 29.9, 19.8]),
}
"""Mean and sd of each filter over the published arrays."""

DRAWN = {
    1: {
        ("sim_sim", "source"): [-1.9298, -1.7728, -1.6666, -2.0433],
        ("sim_sim", "target"): [-1.0894, -1.0168, -1.4332, -1.8082],
        ("sim_real", "source"): [0.2951, 1.3007, 0.786, -0.0181],
        ("sim_real", "target"): [0.753, 0.9609, 0.362, 0.8927],
    },
}
"""For each recipe, checksums of images: sums with random signs, in units of the image's norm."""


@pytest.fixture(scope="module", params=["sim_sim", "sim_real"])
def pair(request: pytest.FixtureRequest, drawn: Callable[..., DomainPair]) -> DomainPair:
    return drawn(request.param, SIZE, 0)


@pytest.fixture(scope="module")
def twins() -> DomainPair:
    return mock_pair("sim_sim", 101, 0)


def labels_and_groups(domain: Domain) -> tuple[np.ndarray, np.ndarray]:
    assert domain.labels is not None
    assert domain.groups is not None
    return domain.labels, domain.groups


def test_the_arrays_are_like_the_published_ones(pair: DomainPair) -> None:
    for domain in (pair.source, pair.target):
        labels, groups = labels_and_groups(domain)
        assert domain.inputs.shape == (SIZE, 3, 75, 75)
        assert domain.inputs.dtype == np.float32
        assert np.isfinite(domain.inputs).all()
        assert (np.diff(labels) <= 0).all(), "mergers come first"
        assert labels.dtype == np.int64
        assert 0.5 <= labels.mean() < 0.53
        assert len(np.unique(domain.ids)) == SIZE
        assert not np.intersect1d(groups[labels == 0], groups[labels == 1]).size


def test_mergers_have_more_images_to_a_galaxy_than_others(pair: DomainPair) -> None:
    for domain in (pair.source, pair.target):
        labels, groups = labels_and_groups(domain)
        merging, single = (len(np.unique(groups[labels == c])) for c in (1, 0))
        assert merging / labels.sum() < single / (labels == 0).sum()


def test_sim_sim_domains_show_the_same_galaxies_but_for_the_noise(twins: DomainPair) -> None:
    assert twins.shared_groups
    for source, target in zip(
        labels_and_groups(twins.source), labels_and_groups(twins.target), strict=True
    ):
        np.testing.assert_array_equal(source, target)
    noise = twins.target.inputs - twins.source.inputs
    np.testing.assert_allclose(noise.std(axis=(0, 2, 3)), [0.42, 0.54, 0.42], rtol=0.02)
    np.testing.assert_allclose(noise.mean(axis=(0, 2, 3)), 0, atol=0.005)


def test_sim_sim_mergers_have_mirrored_copies_in_their_group(twins: DomainPair) -> None:
    images = twins.target.inputs
    labels, groups = labels_and_groups(twins.target)
    mergers = int(labels.sum())
    original = np.arange(mergers // 2)
    copy = original + (mergers + 1) // 2
    np.testing.assert_array_equal(images[original][:, :, ::-1], images[copy])
    np.testing.assert_array_equal(groups[original], groups[copy])


def test_sim_real_domains_show_different_galaxies() -> None:
    assert not mock_pair("sim_real", 4, 0).shared_groups


@pytest.mark.parametrize("experiment", ["sim_sim", "sim_real"])
def test_the_same_seed_gives_the_same_images_and_another_one_others(experiment: str) -> None:
    first, again, other = (mock_pair(experiment, 20, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(again.source.inputs, first.source.inputs)
    np.testing.assert_array_equal(again.target.inputs, first.target.inputs)
    assert not np.array_equal(other.source.inputs, first.source.inputs)
    assert again.provenance == first.provenance
    assert other.provenance.checksums != first.provenance.checksums


def test_flux_is_like_the_published_one_without_its_rare_bright_galaxies(pair: DomainPair) -> None:
    experiment = "sim_sim" if pair.shared_groups else "sim_real"
    for domain in (pair.source, pair.target):
        mean, sd = PUBLISHED[experiment, domain.name]
        images = domain.inputs.astype(np.float64)
        np.testing.assert_allclose(np.log2(images.mean(axis=(0, 2, 3)) / mean), 0, atol=0.7)
        np.testing.assert_allclose(np.log2(images.std(axis=(0, 2, 3)) / sd), -0.6, atol=1.5)


def test_sim_real_targets_are_whole_numbers_of_a_colour_composite(
    drawn: Callable[..., DomainPair],
) -> None:
    images = drawn("sim_real", SIZE, 0).target.inputs
    np.testing.assert_array_equal(images, np.round(images))
    assert images.min() == 0
    assert 200 < images.max() <= 255


def test_total_light_alone_does_not_tell_the_classes_apart(pair: DomainPair) -> None:
    for domain in (pair.source, pair.target):
        labels, _ = labels_and_groups(domain)
        light = domain.inputs.sum(axis=(1, 2, 3))
        ranks = light.argsort().argsort()
        mergers = int(labels.sum())
        others = SIZE - mergers
        auc = (ranks[labels == 1].sum() - mergers * (mergers - 1) / 2) / (mergers * others)
        assert 0.25 < auc < 0.85


def test_mock_images_say_that_they_are_mock(pair: DomainPair) -> None:
    assert pair.provenance.origin == "mock"
    assert "drawn by dakit" in pair.provenance.description


@pytest.mark.parametrize("experiment", ["sim_sim", "sim_real"])
def test_other_images_have_another_recipe_number(experiment: str) -> None:
    """Where this fails, raise RECIPE and give its images here, or runs keep ids they must not."""
    pair = mock_pair(experiment, 4, 0)
    for domain in (pair.source, pair.target):
        images = domain.inputs.astype(np.float64)
        signs = np.random.default_rng(0).choice([-1.0, 1.0], size=images.shape[1:])
        found = (images * signs).sum(axis=(1, 2, 3)) / np.sqrt((images**2).sum(axis=(1, 2, 3)))
        np.testing.assert_allclose(found, DRAWN[RECIPE][experiment, domain.name], atol=1e-3)
