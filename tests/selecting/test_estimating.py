from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax

from dakit.contracts import ValidationView
from dakit.selecting.estimating import estimates, thresholded


def view(seed: int = 0, n: int = 300, m: int = 400, shift: float = 0.0) -> ValidationView:
    """Return two normal classes seen by the right classifier; the target's overlap more."""
    random = np.random.default_rng(seed)

    def side(rows: int, apart: float) -> tuple[torch.Tensor, torch.Tensor]:
        labels = random.integers(2, size=rows)
        x = random.normal((2 * labels - 1) * apart, 1)
        return torch.from_numpy(np.stack([-x, x], axis=1)), torch.from_numpy(labels)

    source, of_source = side(n, 1.0)
    target, of_target = side(m, 1.0 - shift)
    return ValidationView(source, source, of_source, target, target, of_target)


def test_both_estimates_are_those_of_their_papers() -> None:
    seen = view(shift=0.4)
    p, q = (softmax(each.numpy(), axis=1) for each in (seen.source_logits, seen.target_logits))
    labels = seen.source_labels.numpy()
    right = p.argmax(1) == labels
    entropy = [[sum(c * np.log(c) for c in row) for row in each] for each in (p, q)]
    # ATC: the threshold below which the share of the source is its error
    below = sorted(entropy[0])[int((~right).sum())]
    atc = np.mean([value >= below for value in entropy[1]])
    assert np.mean(np.array(entropy[0]) < below) == pytest.approx(1 - right.mean())
    doc = right.mean() - (p.max(1).mean() - q.max(1).mean())
    found = estimates(seen, confidence=0.95, seed=0)
    assert found["atc"].value == pytest.approx(atc, abs=1e-12)
    assert found["doc"].value == pytest.approx(doc, abs=1e-12)
    assert found["mean"].value == pytest.approx((atc + doc) / 2, abs=1e-12)


def test_without_a_shift_the_interval_holds_the_accuracy_as_often_as_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """95 % intervals on 40 draws: fewer than 33 hits have a chance of 1 in 500."""
    monkeypatch.setattr("dakit.selecting.estimating.DRAWS", 200)
    hits = 0
    for seed in range(40):
        seen = view(seed, n=150, m=1500)
        truth = (seen.target_logits.argmax(1) == seen.target_labels).double().mean().item()
        mean = estimates(seen, confidence=0.95, seed=0)["doc"]
        hits += mean.low <= truth <= mean.high
        assert mean.low <= mean.value <= mean.high
    assert hits >= 33


def test_target_labels_play_no_part() -> None:
    seen = view()
    other = view(seed=0)
    assert estimates(seen, confidence=0.9, seed=1) == estimates(other, confidence=0.9, seed=1)
    assert estimates(view(), confidence=0.9, seed=1) == estimates(
        ValidationView(**{**seen.tensors(), "target_labels": None}), confidence=0.9, seed=1
    )


@pytest.mark.parametrize(
    ("right", "share"),
    [([True] * 4, 0.75), ([True, True, False, False], 0.5), ([False] * 4, 0.25)],
)
def test_thresholds_of_sources_that_are_all_right_half_right_and_all_wrong(
    right: list[bool], share: float
) -> None:
    source, target = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.5, 1.0, 3.5, 9.0])
    assert thresholded(source, np.array(right), target) == share


def test_confident_outputs_give_finite_estimates() -> None:
    seen = view()
    sure = ValidationView(**{**seen.tensors(), "target_logits": 1e6 * seen.target_logits})
    for each in estimates(sure, confidence=0.95, seed=0).values():
        assert 0 <= each.low <= each.high <= 1
