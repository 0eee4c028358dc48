"""The component keeps what dakit's contract promises, one test a check."""

from collections.abc import Callable

from dakit.testing import checks_for

from dakit_deep_coral.deep_coral import DeepCoral


@checks_for(DeepCoral)
def test_conformance(check: Callable[[], None]) -> None:
    check()
