from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score

from dakit import InputError
from dakit.builtin.validators.oracle_score import oracle


def test_agrees_with_sklearn(make_view):
    view = make_view(labelled=True)
    wanted = accuracy_score(view.target_labels, view.target_logits.argmax(1))
    assert oracle(view) == pytest.approx(wanted, abs=1e-12)


def test_needs_labels(make_view):
    with pytest.raises(InputError, match="source_accuracy"):
        oracle(make_view())
