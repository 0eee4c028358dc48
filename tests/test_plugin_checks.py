from __future__ import annotations

import pytest

from dakit.plugin_checks import unmet_requirement


@pytest.mark.parametrize(
    ("requires", "version"),
    [
        ([], "0.1.0"),
        (["torch>=99", "dakit-astro-mergers>=99"], "0.1.0"),
        (["dakit"], "0.1.0"),
        (["dakit>=0.1"], "0.1.0"),
        (["DaKit>=0.1,<0.2"], "0.1.9"),
        (["dakit>=0.1"], "0.2.0rc1"),
        (["dakit>=0.2"], "0.2.0.dev3"),
        (["dakit>=99; python_version < '3'", "dakit>=99; extra == 'test'"], "0.1.0"),
    ],
)
def test_met(requires: list[str], version: str) -> None:
    assert unmet_requirement(requires, version) == ""


@pytest.mark.parametrize(
    ("requires", "version", "unmet"),
    [
        (["dakit>=0.2"], "0.1.0", "dakit>=0.2"),
        (["numpy", "dakit<0.1"], "0.1.0", "dakit<0.1"),
        (["dakit<0.2"], "0.2.0rc1", "dakit<0.2"),
    ],
)
def test_unmet(requires: list[str], version: str, unmet: str) -> None:
    assert unmet_requirement(requires, version) == unmet
