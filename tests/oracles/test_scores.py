"""Validators against pytorch-adapt and skada, where these can be asked for a score of outputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dakit.contracts import BuildContext, ValidationView
from dakit.plugins.catalog import current

from .conftest import Oracle


def view(scale: float, rows: int = 50) -> ValidationView:
    generator = torch.Generator().manual_seed(0)
    features, logits = (torch.randn(rows, n, generator=generator).double() for n in (6, 4))
    return ValidationView(
        features, scale * logits, logits.argmax(1), features + 1, scale * logits.flip(0)
    )


def score(name: str, seen: ValidationView) -> float:
    spec = current().find("validator", name).model_validate({})
    return float(spec.build(BuildContext(seed=0, num_classes=4))(seen))


@pytest.mark.parametrize("scale", [0.5, 3.0, 40.0])
def test_mano_is_that_of_skada(oracle: Oracle, scale: float) -> None:
    skada, seen = oracle("skada.metrics").MaNoScorer(), view(scale)
    logits = seen.target_logits.numpy()
    sure = skada._get_criterion(logits.copy())
    normalised = skada._softrun(logits.copy(), sure, skada.threshold)
    wanted = np.mean(normalised**skada.p) ** (1 / skada.p)
    assert score("mano", seen) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("scale", [0.5, 3.0, 40.0])
def test_bnm_is_that_of_pytorch_adapt(oracle: Oracle, scale: float) -> None:
    seen = view(scale)
    wanted = -oracle("pytorch_adapt.layers").BNMLoss()(seen.target_logits).item()
    assert score("bnm", seen) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_snd_is_the_entropy_of_pytorch_adapt_over_the_others(oracle: Oracle, scale: float) -> None:
    seen = view(scale)
    p = torch.nn.functional.normalize(seen.target_logits.softmax(1), dim=1)
    others = ~torch.eye(len(p), dtype=torch.bool)
    similar = ((p @ p.T)[others].reshape(len(p), -1) / 0.05).softmax(1)
    wanted = oracle("pytorch_adapt.layers").EntropyLoss(after_softmax=True)(similar).item()
    assert score("snd", seen) == pytest.approx(wanted, abs=1e-5)  # it adds 1e-7 within log
