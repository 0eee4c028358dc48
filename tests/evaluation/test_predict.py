from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from dakit.components import NormalizeSpec
from dakit.contracts import Backbone, Domain
from dakit.data.batches import Reader
from dakit.data.normalization import fit
from dakit.evaluation.predict import features_of, outputs, probabilities_of
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec

CPU = torch.device("cpu")


class Normed(Backbone):
    """Batch statistics and dropout: what differs between training and evaluation."""

    feature_dim = 3

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5))
        self.grad_was_on = False

    def forward(self, inputs):
        self.grad_was_on |= torch.is_grad_enabled()
        return self.layers(inputs)


@pytest.fixture
def network():
    torch.manual_seed(0)
    network = Network(Normed(), Head(HeadSpec(), 3, 2))
    network.train()
    return network


@pytest.fixture
def domain():
    inputs = np.random.default_rng(0).normal(size=(11, 3)).astype(np.float32)
    return Domain("d", inputs, None, np.arange(11))


def identity(domain):
    return fit([(domain, np.arange(len(domain)))], NormalizeSpec(method="none"))


def run(network, domain, rows, batch_size=4, **options):
    read = Reader(domain, identity(domain), CPU)
    return outputs(network, read, rows, role="source", batch_size=batch_size, **options)


def test_rows_come_back_in_the_order_asked_for(network, domain):
    rows = np.array([7, 2, 9, 0, 5])
    found = run(network, domain, rows, batch_size=2)
    read = Reader(domain, identity(domain), CPU)
    shares = probabilities_of(network, read, rows, role="target", batch_size=2)
    features = features_of(network, read, rows, role="target", batch_size=3)
    network.eval()
    with torch.no_grad():
        expected, logits = network(torch.from_numpy(domain.inputs[rows]))
    np.testing.assert_allclose(found.logits, logits, rtol=1e-6)
    np.testing.assert_allclose(found.features, expected, rtol=1e-6)
    np.testing.assert_allclose(shares, logits.softmax(1), rtol=1e-6)
    np.testing.assert_allclose(features, expected, rtol=1e-6)
    assert shares.dtype == features.dtype == np.float32


def test_the_batch_size_changes_nothing(network, domain):
    rows = np.arange(11)
    small, large = (run(network, domain, rows, batch_size=b).logits for b in (1, 11))
    np.testing.assert_allclose(small, large, rtol=1e-6)


def test_it_predicts_in_evaluation_mode_and_restores_every_module(network, domain):
    network.backbone.layers[0].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    first, second = (run(network, domain, np.arange(11)).logits for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not network.backbone.grad_was_on


def test_the_modes_come_back_after_an_error(network, domain):
    with pytest.raises(RuntimeError):
        run(network, replace(domain, inputs=np.zeros((11, 5))), np.arange(11))
    assert network.training


def test_features_are_kept_unless_they_are_not_wanted(network, domain):
    assert run(network, domain, np.arange(4)).features.shape == (4, 3)
    without = run(network, domain, np.arange(4), with_features=False)
    assert without.features.untyped_storage().nbytes() == 0
    assert without.logits.shape == (4, 2)


def test_no_rows_are_no_predictions(network, domain):
    found = run(network, domain, np.arange(0))
    assert found.features.shape == (0, 3)
    assert found.logits.shape == (0, 2)
