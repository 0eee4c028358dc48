from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score

from dakit import InputError
from dakit.builtin.validators.oracle import OracleSpec


def test_agrees_with_sklearn(score, make_view):
    view = make_view(labelled=True)
    wanted = accuracy_score(view.target_labels, view.target_logits.argmax(1))
    assert score(OracleSpec(), view) == pytest.approx(wanted, abs=1e-12)


def test_needs_labels(score, make_view):
    with pytest.raises(InputError, match="source_accuracy"):
        score(OracleSpec(), make_view())
