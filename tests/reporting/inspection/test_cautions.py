"""Warnings come where there is a reason, and only there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dakit.contracts import Provenance
from dakit.inspecting.faults import Faults
from dakit.reporting.inspection.cautions import cautions
from dakit.reporting.inspection.facts import InspectionFacts

Changed = Callable[..., InspectionFacts]

EXPECTED = [
    "Mock data",
    "source: 2 broken image(s)",
    "source: 1 odd image(s)",
    "LEAKAGE",
    "target: leakage between the parts is not known",
    "LEAKAGE: 1 source test image(s) equal a source training image",
    "LEAKAGE: 2 target test image(s) equal a labelled source training image",
    "target: 3 images look like",
    "The most frequent class of the source is 3.0 times the rarest",
]


def test_each_reason_is_told_the_gravest_first(facts: InspectionFacts) -> None:
    told = cautions(facts)
    assert len(told) == len(EXPECTED)
    for line, begin in zip(told, EXPECTED, strict=True):
        assert begin in line


def test_sound_data_have_no_warnings(facts: InspectionFacts, changed: Changed) -> None:
    pair = replace(facts.pair, provenance=Provenance("files", ""))
    sound = {"source": Faults(), "target": Faults()}
    quiet = changed(
        pair=pair, faults=sound, leakage=None, copies=None, found={}, balance=True, balanced=None
    )
    assert cautions(quiet) == []


@pytest.mark.parametrize("rows", [[0], [0, 1, 2]])
def test_a_class_without_an_image_is_told(changed: Changed, rows: list[int]) -> None:
    numbers = changed().counts
    empty = replace(numbers["source"], by_class={"round": len(rows), "odd": 0})
    told = cautions(changed(counts={**numbers, "source": empty}))
    assert "The source has no image of class odd." in told
    assert not any("times the rarest" in line for line in told)


def test_untrainable_data_say_why(changed: Changed) -> None:
    told = cautions(changed(untrainable="labels out of range", split=None, leakage=None))
    assert told[1] == "A run would stop at these data: labels out of range"
    assert np.all(["equal" not in line for line in told])
