"""Averages over symmetries and dropout masks against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from scipy.stats import entropy as scipy_entropy
from torch import Tensor, nn

from dakit.contracts import Backbone
from dakit.data.augmentation import ALL, apply_symmetries
from dakit.errors import InputError
from dakit.evaluation.averaging import Averaging, average, dropout_layers
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec


class Pixels(Backbone):
    """All pixels, some dropped."""

    def __init__(self, shape: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        self.feature_dim = int(np.prod(shape))
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        features: Tensor = self.dropout(inputs.flatten(1))
        return features


def network(dropout: float = 0.0, shape: tuple[int, ...] = (2, 4, 4), classes: int = 3) -> Network:
    torch.manual_seed(0)
    return Network(Pixels(shape, dropout), Head(HeadSpec(), int(np.prod(shape)), classes)).eval()


@pytest.fixture
def images() -> Tensor:
    return torch.randn(5, 2, 4, 4, generator=torch.Generator().manual_seed(1))


def test_one_pass_is_the_network_itself(images: Tensor) -> None:
    net = network()
    found = average(net, images, Averaging(), 0)
    with torch.no_grad():
        features, logits = net(images)
    expected = softmax(logits.double().numpy(), axis=1)
    np.testing.assert_allclose(found.probabilities, expected, rtol=1e-12)
    np.testing.assert_allclose(found.entropy, scipy_entropy(expected, axis=1), rtol=1e-10)
    assert torch.equal(found.features, features)
    assert (found.symmetry_sd, found.dropout_sd, found.mutual_information) == (None, None, None)


def test_the_temperature_divides_the_logits(images: Tensor) -> None:
    net = network()
    with torch.no_grad():
        logits = net(images)[1].double().numpy()
    found = average(net, images, Averaging(temperature=2.5), 0)
    np.testing.assert_allclose(found.probabilities, softmax(logits / 2.5, axis=1), rtol=1e-12)


def test_symmetries_are_averaged_as_a_plain_loop_would(images: Tensor) -> None:
    net = network()
    each = []
    for image in images:
        views = image.repeat(8, 1, 1, 1)
        apply_symmetries(views, np.array(ALL))
        with torch.no_grad():
            each.append(softmax(net(views)[1].double().numpy() / 1.7, axis=1))
    found = average(net, images, Averaging(symmetries=True, temperature=1.7), 0)
    loops = np.stack(each)
    np.testing.assert_allclose(found.probabilities, loops.mean(axis=1), rtol=1e-6)
    assert found.symmetry_sd is not None
    np.testing.assert_allclose(found.symmetry_sd, loops.std(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found.entropy, scipy_entropy(loops.mean(axis=1), axis=1), rtol=1e-6)
    turned = images.rot90(1, (2, 3)).flip(3)
    again = average(net, turned, Averaging(symmetries=True, temperature=1.7), 0)
    np.testing.assert_allclose(again.probabilities, found.probabilities, rtol=1e-6)


def test_dropout_has_the_moments_that_all_masks_have() -> None:
    """Two pixels dropped with probability 1/2: four masks, each as likely."""
    net = network(dropout=0.5, shape=(1, 1, 2), classes=2)
    image = torch.tensor([[[[1.5, -0.5]]]])
    kept = [(a, b) for a in (0.0, 2.0) for b in (0.0, 2.0)]
    with torch.no_grad():
        logits = [net.head(torch.tensor([[1.5 * a, -0.5 * b]])) for a, b in kept]
    masks = softmax(torch.cat(logits).double().numpy(), axis=1)
    found = average(net, image, Averaging(dropout_samples=1500), 0)
    deviation = masks.std(axis=0)
    np.testing.assert_allclose(
        found.probabilities[0], masks.mean(axis=0), atol=4 * deviation.max() / 1500**0.5
    )
    assert found.dropout_sd is not None
    assert found.mutual_information is not None
    np.testing.assert_allclose(found.dropout_sd[0], deviation, rtol=0.05)
    information = scipy_entropy(masks.mean(axis=0)) - scipy_entropy(masks, axis=1).mean()
    np.testing.assert_allclose(found.mutual_information[0], information, rtol=0.1)


def test_dropout_is_seeded_and_leaves_the_generator_and_the_network_alone(images: Tensor) -> None:
    net = network(dropout=0.5)
    state = torch.get_rng_state()
    how = Averaging(dropout_samples=3, seed=7)
    first, again, other = (average(net, images, how, batch) for batch in (0, 0, 1))
    assert torch.equal(first.probabilities, again.probabilities)
    assert not torch.equal(first.probabilities, other.probabilities)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module.training for module in net.modules())
    with torch.no_grad():
        assert torch.equal(first.features, net(images)[0])


def test_dropout_and_symmetries_together(images: Tensor) -> None:
    found = average(network(0.5), images, Averaging(symmetries=True, dropout_samples=4), 0)
    assert found.symmetry_sd is not None
    assert found.dropout_sd is not None
    alone = average(network(0.5), images, Averaging(dropout_samples=4), 0)
    assert alone.dropout_sd is not None
    assert found.dropout_sd.mean() < alone.dropout_sd.mean()
    np.testing.assert_allclose(found.probabilities.sum(1), 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("how", "shape", "said"),
    [
        (Averaging(symmetries=True), (2, 4, 5), "no square images"),
        (Averaging(symmetries=True), (16,), "no square images"),
        (Averaging(dropout_samples=1), (2, 4, 4), "two samples or more"),
        (Averaging(dropout_samples=-2), (2, 4, 4), "two samples or more"),
    ],
)
def test_what_cannot_be_averaged(how: Averaging, shape: tuple[int, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        how.check(network(0.5), shape)


def test_a_network_without_dropout_has_no_samples() -> None:
    assert dropout_layers(network(0.0)) == []
    with pytest.raises(InputError, match="no dropout layer"):
        Averaging(dropout_samples=5).check(network(0.0), (2, 4, 4))
    Averaging(symmetries=True, dropout_samples=5).check(network(0.5), (2, 4, 4))
