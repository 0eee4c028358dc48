"""An offset that float32 does not carry changes nothing: it is taken off in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import Given, domain, pair
from test_normalization import expected

from dakit.components import NormalizeSpec
from dakit.data.batches import Reader, TrainingBatches
from dakit.data.normalization import fit
from dakit.data.prepare import prepare
from dakit.errors import InputError

CPU = torch.device("cpu")
SHAPES = [(3, 4, 5), (2, 6), (3,)]
ROWS = np.arange(60)


def seen(inputs, method):
    """What a network is given."""
    made = domain(inputs=inputs)
    normalization = fit([(made, ROWS)], NormalizeSpec(method=method))
    found = Reader(made, normalization, CPU)(ROWS)
    assert found.dtype == torch.float32
    assert torch.equal(found, normalization(torch.from_numpy(inputs)))
    return found.numpy()


@settings(deadline=None, max_examples=60)
@given(
    shape=st.sampled_from(SHAPES),
    method=st.sampled_from(["standardize", "percentile"]),
    dtype=st.sampled_from(["f8", "i8", "i4", "u4"]),
    exponent=st.floats(0, 9),
    scale=st.floats(5, 1e4),
    seed=st.integers(0, 9),
)
def test_statistics_and_centring_do_not_see_an_offset(shape, method, dtype, exponent, scale, seed):
    plain = np.rint(np.random.default_rng(seed).normal(0, scale, (60, *shape)))
    offset = round(2**31 * 10 ** (exponent - 9.01))
    moved = (plain + offset + 8 * scale).astype(dtype)
    kept = moved.astype(np.float64) - offset  # whole numbers: exact
    np.testing.assert_allclose(seen(moved, method), seen(kept, method), rtol=0, atol=2e-4)


@settings(deadline=None, max_examples=60)
@given(
    shape=st.sampled_from(SHAPES),
    method=st.sampled_from(["standardize", "asinh", "log", "percentile"]),
    ratio=st.floats(0, 9),
    scale=st.floats(-30, 30),
    seed=st.integers(0, 9),
)
def test_every_method_is_its_formula_in_float64(shape, method, ratio, scale, seed):
    width = 10.0**scale
    inputs = np.random.default_rng(seed).normal(10**ratio * width, width, (60, *shape))
    if np.abs(inputs).max() > np.finfo(np.float32).max:
        return
    found = seen(inputs, method)
    for channel in range(shape[0]):
        wanted = expected(method, inputs[:, channel].astype(np.longdouble))
        np.testing.assert_allclose(found[:, channel], wanted, rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("method", ["standardize", "asinh", "log", "percentile"])
def test_what_float64_cannot_tell_apart_is_constant(method):
    inputs = np.full((60, 2), 1.7e9)
    inputs[:, 1] += np.arange(60) % 2  # a step of 1 is far above the resolution of float64
    found = seen(inputs, method)
    assert np.ptp(found[:, 0]) == 0
    assert np.ptp(found[:, 1]) > 0.9


@pytest.mark.parametrize("method", ["none", "standardize"])
def test_constant_in_float32_stays_constant(method):
    inputs = np.full((60, 2), 1.7e9, np.float32)
    assert np.isfinite(seen(inputs, method)).all()


def test_without_a_normalisation_values_that_float32_cannot_tell_apart_are_refused():
    inputs = 1.7e9 + np.random.default_rng(0).normal(0, 10, (60, 2))
    inputs[:, 0] = 1.0
    with pytest.raises(InputError, match=r"source: channel 1 varies by less than float32 .*method"):
        seen(inputs, "none")
    assert seen(inputs - 1.7e9, "none")[:, 1].std() == pytest.approx(10, rel=0.3)


def test_inputs_of_a_type_too_coarse_for_the_statistics_are_refused():
    fine = domain(inputs=1.7e9 + np.random.default_rng(0).normal(0, 10, (60, 2)))
    coarse = domain("target", fine.inputs.astype(np.float32))
    spec = Given(normalize=NormalizeSpec(statistics="source"))
    with pytest.raises(InputError, match="target: inputs of type float32 are too coarse"):
        prepare(pair(fine, coarse), spec, 0)


@pytest.mark.parametrize("method", ["asinh", "log"])
@pytest.mark.parametrize("offset", [0.0, 30.0])
def test_a_softening_that_leaves_nothing_to_tell_apart_is_named(method, offset):
    given = NormalizeSpec(method=method, softening=1e30)
    inputs = offset + np.random.default_rng(0).normal(0, 10, (60, 2)).astype(np.float32)
    told = r"source: normalize\.softening is too large for inputs of type float32.*\(?standardize"
    with pytest.raises(InputError, match=told):
        prepare(pair(domain(inputs=inputs), domain("target", inputs)), Given(normalize=given), 0)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_percentiles_that_send_nearly_all_values_far_away_are_named(dtype):
    given = NormalizeSpec(method="percentile", low=50, high=50.0000001)
    inputs = np.random.default_rng(0).normal(0, 10, (60, 2)).astype(dtype)
    told = r"source: normalize\.low 50\.0 and normalize\.high 50\.0000001 are too near"
    with pytest.raises(InputError, match=told):
        fit([(domain(inputs=inputs), ROWS)], given)
    near = NormalizeSpec(method="percentile", low=49, high=51)
    assert fit([(domain(inputs=inputs), ROWS)], near).scale[0] > 0.1


def test_training_batches_of_both_domains_are_taken_off_their_offset():
    rng = np.random.default_rng(0)
    plain = [rng.normal(0, 10, (n, 2, 4, 4)) for n in (60, 50)]
    batches = []
    for offset in (0.0, 1.7e9):
        sides = [domain(n, p + offset) for n, p in zip(("source", "target"), plain, strict=True)]
        data = prepare(pair(*sides), Given(), 0)
        made = TrainingBatches(data, Given(), batch_size=16, seed=0, device=CPU, with_target=True)
        batches.append(next(made.epoch(1)))
    for side in ("source_inputs", "target_inputs"):
        here, there = (getattr(batch, side) for batch in batches)
        torch.testing.assert_close(here, there, rtol=0, atol=1e-5)
