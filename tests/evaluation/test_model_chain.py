"""The chain for export against the normalisation and the network that a run uses."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.builtin.backbones.small_cnn import SmallCNN
from dakit.components import NormalizeSpec
from dakit.contracts import BuildContext, Domain
from dakit.data.normalization import fit
from dakit.evaluation.model_chain import ModelChain
from dakit.network import Head, Network
from dakit.spec.run import HeadSpec

SHAPE = (2, 8, 8)


@pytest.mark.parametrize("method", ["none", "standardize", "asinh", "log", "percentile"])
def test_it_is_normalisation_network_and_softmax(method: str) -> None:
    images = np.random.default_rng(0).gamma(0.5, 20, size=(40, *SHAPE)).astype(np.float32)
    rows = [(Domain("d", images, None, np.arange(40)), np.arange(40))]
    normalization = fit(rows, NormalizeSpec.model_validate({"method": method}))
    torch.manual_seed(0)
    spec = SmallCNN(channels=(4, 8), batch_norm=True, features="flatten")
    backbone = spec.build(BuildContext(seed=0, input_shape=SHAPE))
    network = Network(backbone, Head(HeadSpec(), backbone.feature_dim, 3)).eval()
    chain = ModelChain(normalization, network, SHAPE).eval()
    inputs = torch.from_numpy(images)
    with torch.no_grad():
        logits, probabilities = chain(inputs)
        wanted = network(normalization(inputs))[1]
    torch.testing.assert_close(logits, wanted, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(probabilities, wanted.softmax(1), rtol=1e-4, atol=1e-6)
    assert torch.equal(inputs, torch.from_numpy(images))
    normalised = normalization(inputs)
    torch.testing.assert_close(
        normalization(chain.raw(normalised)), normalised, rtol=1e-3, atol=1e-4
    )
