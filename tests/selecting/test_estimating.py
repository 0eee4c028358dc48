from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax

from dakit.contracts import ValidationView
from dakit.selecting.estimating import Estimate, estimates, thresholded


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


def estimated(seen: ValidationView) -> dict[str, Estimate]:
    own = seen.target_logits.softmax(dim=1).numpy()
    return estimates(seen, own, confidence=0.95, seed=0)


def test_estimates_are_those_of_their_formulas() -> None:
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
    together = np.random.default_rng(1).dirichlet([1, 1], len(q))
    found = estimates(seen, together, confidence=0.95, seed=0)
    held = [row[own.argmax()] for row, own in zip(together, q, strict=True)]
    assert found["ensemble"].value == pytest.approx(np.mean(held), abs=1e-12)
    assert found["atc"].value == pytest.approx(atc, abs=1e-12)
    assert found["doc"].value == pytest.approx(doc, abs=1e-12)


def test_without_a_shift_the_interval_holds_the_accuracy_as_often_as_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """95 % intervals on 40 draws: fewer than 33 hits have a chance of 1 in 500."""
    monkeypatch.setattr("dakit.selecting.estimating.DRAWS", 200)
    hits = 0
    for seed in range(40):
        seen = view(seed, n=150, m=1500)
        truth = (seen.target_logits.argmax(1) == seen.target_labels).double().mean().item()
        doc = estimated(seen)["doc"]
        hits += doc.low <= truth <= doc.high
        assert doc.low <= doc.value <= doc.high
    assert hits >= 33


def test_an_interval_is_the_scatter_moved_apart_by_the_error_on_the_benchmark() -> None:
    assert Estimate(0.5, 0.4, 0.7, 0.1, 0.2).interval == pytest.approx((0.2, 0.9))
    assert Estimate(0.5, 0.1, 0.9, 0.1, 0.2).interval == (0.0, 1.0)


def test_target_labels_play_no_part() -> None:
    seen = view()
    blind = ValidationView(**{**seen.tensors(), "target_labels": None})
    assert estimated(seen) == estimated(blind)


def test_without_source_rows_there_is_the_estimate_of_the_ensemble_alone() -> None:
    seen = view()
    none = {name: seen.tensors()[name][:0] for name in seen.tensors() if "source" in name}
    assert list(estimated(ValidationView(**{**seen.tensors(), **none}))) == ["ensemble"]


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
    for each in estimated(sure).values():
        assert 0 <= each.low <= each.high <= 1
