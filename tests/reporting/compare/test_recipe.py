"""Labels follow the terms of the objective."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from dakit import RegularizerSpec
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo
from dakit.reporting.compare.compared_run import Recipe, recipe_of
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
        (recipe("mmd", "fisher", "entropy"), "MMD+entropy+fisher"),
        (recipe("dann"), "ADA"),
        (recipe("mmd", pretrained=True), "TL+MMD"),
        (recipe("gone", "fisher"), "gone+fisher"),
        (recipe(None, "entropy"), "entropy"),
        (Recipe(True, None, (), False, "joint"), "joint BatchNorm"),
        (Recipe(False, "mmd", (), True), "TL+source-free MMD"),
    ],
)
def test_labels(made: Recipe, label: str) -> None:
    assert made.label == label


class Squeeze(RegularizerSpec):
    """Squeezes."""

    short = "S"
    name: Literal["squeeze"] = "squeeze"

    def build(self, context: Any) -> Any: ...


def test_a_component_of_any_plugin_says_what_it_is_called() -> None:
    plugin = LoadedPlugin(PluginInfo("lens", "1", "dakit-lens", "active", ""), (Squeeze,))
    with catalog.using(Catalog([plugin])):
        assert recipe("mmd", "squeeze").label == "mmd+S"


def test_a_term_without_weight_is_absent() -> None:
    objective: dict[str, Any] = {
        "task": {"name": "cross_entropy", "weight": 1},
        "transfer": {"name": "mmd", "weight": 0.0},
        "regularizers": [{"name": "fisher", "weight": 0}, {"name": "entropy", "weight": 0.1}],
    }
    spec = made(Resolved, {**resolved("a", epochs=1), "objective": objective})
    assert recipe_of(spec, Adaptation(terms=["entropy"])) == recipe(None, "entropy")
