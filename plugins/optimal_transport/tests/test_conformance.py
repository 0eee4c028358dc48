"""All keep what the contract promises; see dakit.testing."""

from __future__ import annotations

from collections.abc import Callable

from dakit.testing import checks_for
from dakit_optimal_transport.deepjdot import DeepJDOT
from dakit_optimal_transport.sinkhorn import Sinkhorn
from dakit_optimal_transport.sliced_wasserstein import SlicedWasserstein
from dakit_optimal_transport.soft_matching import SoftMatching


@checks_for(Sinkhorn, DeepJDOT, SlicedWasserstein, SoftMatching)
def test_conformance(check: Callable[[], None]) -> None:
    check()
