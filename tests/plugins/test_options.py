from __future__ import annotations

import pytest

from dakit.plugins.options import PluginOptions


def test_nothing_in_the_environment_blocks_nothing() -> None:
    options = PluginOptions.from_environment({})
    assert options == PluginOptions()
    assert options.reason_against("any") == ""


def test_environment_is_read() -> None:
    environ = {
        "DAKIT_DISABLE_PLUGINS": "a, b,,",
        "DAKIT_PLUGINS": "",
        "DAKIT_DEBUG_PLUGINS": "1",
        "DAKIT_STRICT_PLUGINS": "0",
    }
    assert PluginOptions.from_environment(environ) == PluginOptions(
        disabled=("a", "b"), allowed=(), debug=True, strict=False
    )


@pytest.mark.parametrize("name", ["astro_mergers", "astro-mergers", "dakit_astro.mergers"])
def test_names_are_compared_as_packaging_does(name: str) -> None:
    names = ("astro_mergers", "dakit-astro-mergers")
    assert PluginOptions(disabled=(name,)).reason_against(*names)
    assert not PluginOptions(allowed=(name,)).reason_against(*names)


def test_disabling_wins_over_allowing() -> None:
    assert "disabled" in PluginOptions(disabled=("a",), allowed=("a",)).reason_against("a")
