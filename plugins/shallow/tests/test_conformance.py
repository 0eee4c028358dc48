"""All of them keep what the contract promises; see dakit.testing."""

from __future__ import annotations

from collections.abc import Callable

from dakit.testing import checks_for
from dakit_shallow.coral_map import CoralMap
from dakit_shallow.jdot import JDOT
from dakit_shallow.kmm import KMM
from dakit_shallow.linear_ot import LinearOT
from dakit_shallow.logistic import Logistic
from dakit_shallow.nearest_neighbour import NearestNeighbour
from dakit_shallow.subspace_alignment import SubspaceAlignment
from dakit_shallow.tca import TCA
from dakit_shallow.vectors import Vectors


@checks_for(
    *(Vectors, NearestNeighbour, Logistic, SubspaceAlignment, TCA, CoralMap, LinearOT, JDOT, KMM)
)
def test_conformance(check: Callable[[], None]) -> None:
    check()
