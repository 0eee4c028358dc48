from __future__ import annotations

import dataclasses
import math

import pytest
import torch

from dakit.builtin.validators import SPECS
from dakit.contracts import View


def test_only_the_oracle_uses_target_labels():
    assert [s().name for s in SPECS if s.uses_target_labels] == ["oracle"]


@pytest.mark.parametrize("spec_class", SPECS)
@pytest.mark.parametrize(
    "options",
    [
        {"scale": 0.0},
        {"scale": 1e4},
        {"scale": math.nan},
        {"scale": math.inf},
        {"m": 1},
        {"m": 0},
        {"n": 1},
        {"dtype": torch.float64},
        {"dtype": torch.bfloat16},
    ],
)
def test_scores_are_finite_numbers(spec_class, score, options, make_view):
    value = score(spec_class(), make_view(labelled=True, **options))
    assert isinstance(value, float)
    assert math.isfinite(value)


@pytest.mark.parametrize("spec_class", [s for s in SPECS if not s.uses_target_labels])
def test_scores_without_target_labels_do_not_change_with_them(spec_class, score, make_view):
    without, with_ = make_view(), make_view(labelled=True)
    assert score(spec_class(), without) == score(spec_class(), with_)


NO_BETTER = {"last", "snd"}  # which waive it
OF_FEATURES = {"class_ami", "proxy_distance", "silhouette"}


@pytest.mark.parametrize("spec_class", [s for s in SPECS if s().name not in NO_BETTER])
def test_a_perfect_confident_model_scores_higher(spec_class, score, make_view):
    view = make_view(labelled=True)
    perfect = dataclasses.replace(
        view,
        source_logits=20 * torch.eye(3)[view.source_labels],
        target_logits=20 * torch.eye(3)[view.target_labels],
    )
    if spec_class().name in OF_FEATURES:
        clusters = [torch.eye(3, 4)[each] for each in (view.source_labels, view.target_labels)]
        perfect = dataclasses.replace(
            perfect, source_features=9 * clusters[0], target_features=9 * clusters[1]
        )
    if spec_class().name == "mixval":
        perfect = dataclasses.replace(
            perfect,
            target_inputs=torch.eye(3)[view.target_labels],
            network=lambda given: View(given, 20 * given),
        )
    assert score(spec_class(), perfect) > score(spec_class(), view)
