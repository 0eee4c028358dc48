import json

import numpy as np
import pytest
import torch
from pairs import domain, pair

from dakit.components import NormalizeSpec, SplitSpec
from dakit.data.normalization import Normalization, PairNormalization, fit, fit_pair
from dakit.data.splits import draw_split
from dakit.errors import InputError

METHODS = ("none", "standardize", "asinh", "log", "percentile")


def expected(method, x, softening=1.0):
    """The formulas in plain numpy, for one channel."""
    if method == "none":
        return x
    if method == "percentile":
        low, high = np.percentile(x, (0.5, 99.5))
        return (x - low) / (high - low)
    if method != "standardize":
        scaled = x / (softening * x.std())
        x = np.arcsinh(scaled) if method == "asinh" else np.sign(scaled) * np.log1p(abs(scaled))
    return (x - x.mean()) / x.std()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(3, 6, 5), (2, 9), (4,)], ids=["images", "series", "vectors"])
def test_the_formula_of_every_method(method, shape):
    inputs = np.random.default_rng(0).normal(4, 9, (200, *shape))
    normalization = fit(
        [(domain(inputs=inputs), np.arange(200))], NormalizeSpec(method=method, softening=0.3)
    )
    found = normalization(torch.from_numpy(inputs))
    assert found.dtype == torch.float32
    for channel in range(shape[0]):
        np.testing.assert_allclose(
            found[:, channel], expected(method, inputs[:, channel], 0.3), rtol=2e-5, atol=2e-5
        )


def test_statistics_come_from_the_given_rows_alone():
    inputs = np.random.default_rng(0).normal(size=(50, 2, 3, 3))
    rows = np.arange(0, 50, 2)
    before = fit([(domain(inputs=inputs), rows)], NormalizeSpec())
    inputs[1::2] = 1e6
    assert fit([(domain(inputs=inputs), rows)], NormalizeSpec()) == before


@pytest.mark.parametrize("fit_on", ["train", "all"])
@pytest.mark.parametrize("statistics", ["per_domain", "source", "joint"])
def test_whose_images_give_the_statistics(statistics, fit_on):
    data = pair(target=domain("target", np.random.default_rng(3).normal(90, 5, (30, 2, 4, 4))))
    split = draw_split(data, SplitSpec(), 0)
    found = fit_pair(data, split, NormalizeSpec(statistics=statistics, fit_on=fit_on))
    used = {}
    for side in ("source", "target"):
        inputs = getattr(data, side).inputs
        used[side] = inputs if fit_on == "all" else inputs[getattr(split, side).train]
    both = np.concatenate(list(used.values()))
    choice = {
        "per_domain": used,
        "source": {"source": used["source"], "target": used["source"]},
        "joint": {"source": both, "target": both},
    }[statistics]
    for side, values in choice.items():
        scale, shift = getattr(found, side).scale, getattr(found, side).shift
        mean, deviation = values.mean(axis=(0, 2, 3)), values.std(axis=(0, 2, 3))
        np.testing.assert_allclose(scale, 1 / deviation, rtol=1e-12)
        np.testing.assert_allclose(shift, -mean / deviation, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_it_comes_back_from_json_exactly(method):
    data = pair()
    made = fit_pair(data, draw_split(data, SplitSpec(), 0), NormalizeSpec(method=method))
    assert PairNormalization.from_dict(json.loads(json.dumps(made.to_dict()))) == made


@pytest.mark.parametrize("method", METHODS)
def test_a_constant_channel_stays_finite(method):
    inputs = np.random.default_rng(0).normal(size=(100, 2, 3, 3))
    inputs[:, 1] = 0.1
    normalization = fit([(domain(inputs=inputs), np.arange(100))], NormalizeSpec(method=method))
    found = normalization(torch.from_numpy(inputs))[:, 1]
    assert found.abs().max() < 1


def test_the_given_tensor_is_left_alone_unless_asked_for():
    normalization = Normalization("asinh", (2.0,), (3.0,), (1.0,))
    inputs = torch.randn(4, 1, 2, 2)
    kept = inputs.clone()
    found = normalization(inputs)
    assert torch.equal(inputs, kept)
    assert normalization.apply_(inputs) is inputs
    assert torch.equal(inputs, found)


def test_another_number_of_channels_is_named():
    normalization = Normalization("none", (1.0,) * 3, (1.0,) * 3, (0.0,) * 3)
    with pytest.raises(InputError, match=r"3 channels, the inputs \(1, 2, 2\) have 1"):
        normalization(torch.zeros(4, 1, 2, 2))


def test_asinh_is_exact_from_the_smallest_to_the_largest_number():
    x = torch.tensor([0.0, -0.0, 1e-37, -3e-20, 1e-4, -0.5, 1.0, 30.0, -1e19, 1e38])
    found = Normalization("asinh", (1.0,), (1.0,), (0.0,))(x[:, None])[:, 0]
    np.testing.assert_allclose(found, np.arcsinh(x.double().numpy()), rtol=3e-7)
