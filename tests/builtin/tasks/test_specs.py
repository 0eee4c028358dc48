from __future__ import annotations

import pytest
from pydantic import ValidationError

from dakit.builtin.tasks.cross_entropy import CrossEntropySpec


@pytest.mark.parametrize(
    "wrong",
    [
        {"class_weights": [1, 0]},
        {"class_weights": [1, -1]},
        {"class_weights": "even"},
        {"label_smoothing": 1.0},
        {"rate": 1},
    ],
)
def test_refuses(wrong):
    with pytest.raises(ValidationError):
        CrossEntropySpec(**wrong)
