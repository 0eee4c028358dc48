from __future__ import annotations

import pytest
from sklearn.metrics import accuracy_score

from dakit.builtin.validators.source_accuracy import SourceAccuracySpec


def test_agrees_with_sklearn(score, make_view):
    view = make_view()
    wanted = accuracy_score(view.source_labels, view.source_logits.argmax(1))
    assert score(SourceAccuracySpec(), view) == pytest.approx(wanted, abs=1e-12)
