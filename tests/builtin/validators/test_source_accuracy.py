from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score

from dakit.builtin.validators.source_accuracy_score import source_accuracy


def test_agrees_with_sklearn(make_view):
    view = make_view()
    wanted = accuracy_score(view.source_labels, view.source_logits.argmax(1))
    assert source_accuracy(view) == pytest.approx(wanted, abs=1e-12)
