import numpy as np
import pytest
from pairs import domain, on_disk

from dakit.data import statistics
from dakit.data.statistics import moments, percentiles, sign_log


@pytest.fixture(params=[(3, 5, 5), (2, 7), (4,)], ids=["images", "series", "vectors"])
def parts(request, tmp_path, monkeypatch):
    """Rows of two mapped domains, read a few at a time."""
    monkeypatch.setattr(statistics, "CHUNK_BYTES", 2000)
    rng = np.random.default_rng(1)
    scale = 10.0 ** np.arange(request.param[0]).reshape(-1, *[1] * (len(request.param) - 1))
    made = []
    for name, n in (("a", 40), ("b", 25)):
        inputs = on_disk(tmp_path / f"{name}.npy", scale * rng.normal(5, 2, (n, *request.param)))
        made.append((domain(name, inputs), np.sort(rng.choice(n, n // 2, replace=False))))
    return made


def together(parts):
    """All the values of each channel ``(C, ...)``, by plain numpy."""
    values = np.concatenate([np.asarray(d.inputs)[rows] for d, rows in parts])
    return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)


def test_moments_agree_with_numpy(parts):
    mean, deviation = moments(parts)
    np.testing.assert_allclose(mean, together(parts).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(deviation, together(parts).std(axis=1), rtol=1e-12)


def test_moments_of_stretched_values_agree_with_numpy(parts):
    mean, deviation = moments(parts, np.arcsinh)
    np.testing.assert_allclose(mean, np.arcsinh(together(parts)).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(deviation, np.arcsinh(together(parts)).std(axis=1), rtol=1e-12)


def test_percentiles_agree_with_numpy(parts):
    low, high = percentiles(parts, 2, 97)
    expected = np.percentile(together(parts), (2, 97), axis=1)
    np.testing.assert_allclose((low, high), expected, rtol=1e-6)


def test_percentiles_of_a_subsample_are_near_and_repeatable(monkeypatch):
    monkeypatch.setattr(statistics, "PERCENTILE_VALUES", 500 * 16)
    inputs = np.random.default_rng(0).normal(size=(3000, 1, 4, 4))
    part = (domain("a", inputs), np.arange(3000))
    low, high = percentiles([part], 10, 90)
    np.testing.assert_array_equal((low, high), percentiles([part], 10, 90))
    np.testing.assert_allclose((low[0], high[0]), (-1.2816, 1.2816), atol=0.05)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_a_constant_channel_has_deviation_one(value):
    inputs = np.full((1000, 1, 3, 3), value)
    mean, deviation = moments([(domain("a", inputs), np.arange(1000))])
    assert deviation == 1
    np.testing.assert_allclose(mean, value, rtol=1e-12)


def test_moments_survive_a_large_offset():
    inputs = 1e5 + np.random.default_rng(0).normal(size=(500, 1, 5, 5))
    _, deviation = moments([(domain("a", inputs), np.arange(500))])
    np.testing.assert_allclose(deviation, inputs.std(), rtol=1e-9)


def test_small_whole_numbers_do_not_overflow():
    inputs = np.full((100, 1, 4, 4), 250, np.uint8)
    inputs[::2] = 0
    mean, deviation = moments([(domain("a", inputs), np.arange(100))])
    assert (mean, deviation) == (125, 125)


def test_sign_log_is_odd_and_linear_at_zero():
    x = np.array([-np.e + 1, -1e-9, 0, 1e-9, np.e - 1])
    np.testing.assert_allclose(sign_log(x), [-1, -1e-9, 0, 1e-9, 1], rtol=1e-8)
