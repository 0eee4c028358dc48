import numpy as np
import pytest
from sklearn.datasets import load_digits

from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext

DIGITS = load_digits()


def build(**options):
    return DigitsShift(**options).build(BuildContext(seed=0))


@pytest.fixture(scope="module")
def digits():
    return build()


def test_the_halves_are_disjoint_and_hold_every_digit(digits):
    ids = np.concatenate([digits.source.ids, digits.target.ids])
    assert np.array_equal(np.sort(ids), np.arange(1797))
    for domain in (digits.source, digits.target):
        assert domain.input_shape == (1, 8, 8)
        assert domain.inputs.dtype == np.float32
        assert np.array_equal(domain.labels, DIGITS.target[domain.ids])
    assert digits.provenance.origin == "generated"


def test_the_source_is_clean_and_the_target_is_not(digits):
    clean = DIGITS.images / 16
    np.testing.assert_allclose(digits.source.inputs[:, 0], clean[digits.source.ids], atol=1e-7)
    assert np.abs(digits.target.inputs[:, 0] - clean[digits.target.ids]).mean() > 0.1


def test_without_turn_and_noise_the_target_is_as_clean_as_the_source():
    target = build(angle=0, noise=0).target
    np.testing.assert_allclose(target.inputs[:, 0], DIGITS.images[target.ids] / 16, atol=1e-6)


def test_a_quarter_turn_is_numpys():
    target = build(angle=90, noise=0).target
    turned = np.rot90(DIGITS.images[target.ids] / 16, axes=(1, 2))
    np.testing.assert_allclose(target.inputs[:, 0], turned, atol=1e-6)


def test_the_noise_is_what_was_asked_for():
    noise = build(angle=0, noise=0.3).target.inputs - build(angle=0, noise=0).target.inputs
    np.testing.assert_allclose((noise.mean(), noise.std()), (0, 0.3), atol=0.005)


def test_what_is_drawn_follows_from_the_seed(digits):
    assert build().provenance.checksums == digits.provenance.checksums
    other = build(data_seed=1)
    assert other.provenance.checksums != digits.provenance.checksums
    assert not np.array_equal(other.source.ids, digits.source.ids)
