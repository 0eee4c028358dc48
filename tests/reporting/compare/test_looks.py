"""Methods are called and drawn as where they were published."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dakit.reporting import palette
from dakit.reporting.compare.compared_run import Recipe
from dakit.reporting.compare.published import Looks, looks_of
from dakit.spec.reference_table import ReferenceTable

DATA = {"name": "galaxy_mergers", "experiment": "sim_real"}
MakeTable = Callable[..., ReferenceTable]


def recipe(transfer: str | None, *regularizers: str, pretrained: bool = False) -> Recipe:
    return Recipe(True, transfer, tuple(sorted(regularizers)), pretrained)


METHODS = [
    recipe(None),
    recipe("mmd"),
    recipe("mmd", "fisher", "entropy"),
    recipe("dann"),
    recipe("dann", "fisher", "entropy"),
]
COLOURS = [palette.NAVY, palette.PURPLE, palette.DARK_PURPLE, palette.YELLOW, palette.PINK]
TRANSFER = {
    "method": "Transfer",
    "transfer": "mmd",
    "pretrained": True,
    "colour": palette.YELLOW,
}


@pytest.fixture
def looks(make_drawn_table: MakeTable, make_table: MakeTable) -> Looks:
    """Of a table of other settings and one of the same, which has a colour for a single row."""
    rows = ({"method": "not drawn"}, TRANSFER)
    same = make_table(data={**DATA}, methods=rows)
    other = make_drawn_table(data={"name": "galaxy_mergers", "experiment": "sim_sim"})
    elsewhere = make_table(data={"name": "else"}, methods=({"method": "x", "colour": "#000000"},))
    return looks_of([elsewhere, other, same], DATA)


def test_the_published_names_colours_and_order(looks: Looks) -> None:
    assert [looks.label(each) for each in METHODS] == ["noDA", "MMD", "MMD+F", "ADA", "ADA+F"]
    assert looks.colours(METHODS) == COLOURS
    assert looks.colours(METHODS[::-1]) == COLOURS[::-1]
    ranks = [looks.rank(each) for each in METHODS]
    assert ranks == sorted(ranks)
    assert looks.rank(recipe("mmd", "fisher")) > max(ranks)


def test_what_is_not_published_is_called_after_its_terms(looks: Looks) -> None:
    assert looks.label(recipe("mmd", "fisher")) == "MMD+fisher"
    assert looks.label(recipe("mmd", pretrained=True)) == "Transfer"
    assert looks.label(recipe("dann", "fisher", "entropy", pretrained=True)) == "TL+ADA+F"
    assert looks.label(recipe("mmd", "fisher", pretrained=True)) == "TL+MMD+fisher"
    assert looks.rank(recipe("mmd", pretrained=True)) == looks.rank(recipe("mmd"))


def test_transfer_learning_is_as_published_unless_that_is_taken(looks: Looks) -> None:
    started = recipe("mmd", pretrained=True)
    assert looks.colours([recipe("mmd"), started]) == [palette.PURPLE, palette.YELLOW]
    assert looks.colours([started, recipe("dann")]) == [palette.PURPLE, palette.YELLOW]
    taken = looks.colours([started, *METHODS])
    assert taken[1:] == COLOURS
    assert taken[0] not in COLOURS


@pytest.mark.parametrize("published", [True, False])
def test_every_method_has_a_colour_of_its_own_that_the_page_knows(
    looks: Looks, published: bool
) -> None:
    many = [recipe("mmd"), recipe("mmd"), recipe("coral"), recipe("swd", "fisher"), recipe("x")]
    looks = looks if published else Looks()
    chosen = looks.colours(many)
    assert len(set(chosen)) == 5
    assert set(chosen) <= set(palette.IN_THE_DARK)
    assert len(looks.colours([recipe("x")] * 14)) == 14
