"""Class shares of the target as QuaPy 0.2.0 finds them: EMQ, and the inversion of ACC."""

from __future__ import annotations

import sys
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.bbse_loss import class_ratio
from dakit.builtin.regularizers.saerens_loss import target_shares

PRIOR = np.array([0.5, 0.3, 0.2])


@pytest.fixture(autouse=True)
def _not_needed(monkeypatch):
    """What QuaPy imports and these functions of it do not use."""
    for name in ("ucimlrepo", "abstention", "abstention.calibration"):
        monkeypatch.setitem(sys.modules, name, MagicMock())


@pytest.mark.parametrize("seed", range(5))
def test_saerens_is_emq(seed, oracle):
    random = np.random.default_rng(seed)
    said = random.dirichlet(PRIOR * 3, 300)
    wanted, _ = oracle("quapy.method.aggregative").EMQ.EM(PRIOR, said, 1e-12)
    found = target_shares(torch.from_numpy(said), torch.from_numpy(PRIOR), 1e-12, 10_000)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_bbse_is_the_inversion_of_acc(seed, oracle):
    """``w p`` is what the rates ``P(c | d)``, ``C`` over the shares of its columns, invert to."""
    random = np.random.default_rng(seed)
    rates = 0.7 * np.eye(3) + 0.3 * random.dirichlet(np.ones(3), 3).T
    shares = random.dirichlet(np.ones(3) * 5)
    found = rates @ shares
    solve = oracle("quapy.functional").solve_adjustment
    wanted = solve(rates, found, method="inversion", solver="exact-raise")
    tensors = [torch.from_numpy(each) for each in (rates * PRIOR, found, PRIOR)]
    ratio = class_ratio(*tensors, least=0.0)
    assert ratio is not None
    np.testing.assert_allclose(ratio * tensors[2], wanted, atol=1e-6)
