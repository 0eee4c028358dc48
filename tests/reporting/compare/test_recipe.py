"""Labels and colours follow the terms of the objective."""

from __future__ import annotations

from typing import Any

import pytest

from dakit.reporting import palette
from dakit.reporting.compare.recipe import Recipe, colours, recipe_of
from dakit.runs.records import Resolved
from dakit.runs.results import Adaptation
from tests.run_files import made, resolved


def recipe(transfer: str | None, *regularizers: str, pretrained: bool = False) -> Recipe:
    return Recipe(True, transfer, tuple(sorted(regularizers)), pretrained)


@pytest.mark.parametrize(
    ("made", "label"),
    [
        (recipe(None), "noDA"),
        (recipe("mmd"), "MMD"),
        (recipe("mmd", "fisher", "entropy"), "MMD+F"),
        (recipe("dann"), "ADA"),
        (recipe("dann", "fisher", "entropy"), "ADA+F"),
        (recipe("mmd", pretrained=True), "TL+MMD"),
        (recipe("coral", "fisher"), "coral+fisher"),
        (recipe(None, "entropy"), "entropy"),
        (Recipe(True, None, (), False, "joint"), "joint BatchNorm"),
        (Recipe(False, "mmd", (), True), "TL+source-free MMD"),
    ],
)
def test_labels(made: Recipe, label: str) -> None:
    assert made.label == label


def test_a_term_without_weight_is_absent() -> None:
    objective: dict[str, Any] = {
        "task": {"name": "cross_entropy", "weight": 1},
        "transfer": {"name": "mmd", "weight": 0.0},
        "regularizers": [{"name": "fisher", "weight": 0}, {"name": "entropy", "weight": 0.1}],
    }
    spec = made(Resolved, {**resolved("a", epochs=1), "objective": objective})
    found = recipe_of(spec, Adaptation(terms=["entropy"]))
    assert found == Recipe(True, None, ("entropy",), False)


def test_the_posters_colours() -> None:
    methods = [
        recipe(None),
        recipe("mmd"),
        recipe("mmd", "fisher", "entropy"),
        recipe("dann"),
        recipe("dann", "fisher"),
    ]
    posters = [palette.NAVY, palette.PURPLE, palette.DARK_PURPLE, palette.YELLOW, palette.PINK]
    assert colours(methods) == posters
    assert colours(methods[::-1]) == posters[::-1]


def test_transfer_learning_is_yellow_unless_that_is_taken() -> None:
    started = recipe("mmd", pretrained=True)
    assert colours([recipe("mmd"), started]) == [palette.PURPLE, palette.YELLOW]
    assert colours([started, recipe("dann")])[1] == palette.YELLOW
    assert colours([started, recipe("dann")])[0] not in (palette.YELLOW, palette.NAVY)


def test_every_method_has_a_colour_of_its_own_that_the_page_knows() -> None:
    many = [recipe("mmd"), recipe("mmd"), recipe("coral"), recipe("swd", "fisher"), recipe("x")]
    chosen = colours(many)
    assert len(set(chosen)) == 5
    assert set(chosen) <= set(palette.IN_THE_DARK)
    assert len(colours([recipe("x")] * 14)) == 14
