from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from dakit.plugins.checks import unmet_requirement


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


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda n: ".".join(map(str, n)))


@given(wanted=NUMBERS, version=NUMBERS)
def test_plain_requirements_are_compared_as_packaging_does(wanted: str, version: str) -> None:
    met = SpecifierSet(f">={wanted}").contains(version)
    assert (unmet_requirement([f"dakit>={wanted}"], version) == "") == met
