"""Both keep what the contract promises; see dakit.testing."""

from __future__ import annotations

from typing import Any

import pytest

from dakit import ComponentSpec
from dakit.testing import check_component
from dakit_astro_mergers.deepmerge import DeepMerge
from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


@pytest.mark.parametrize(
    ("spec_class", "example"),
    [(DeepMerge, None), (GalaxyMergers, {"origin": "mock", "mock_size": 100})],
)
def test_conformance(spec_class: type[ComponentSpec], example: dict[str, Any] | None) -> None:
    report = check_component(spec_class, example=example)
    assert not report.failed, str(report)
    assert report.counts["passed"] > report.counts["skipped"]
