"""The conformance kit for plugin authors: does a component keep what the contract promises?

In a plugin's own tests, one test a check::

    from dakit.testing import checks_for
    from my_plugin.plugin import MyLoss

    @checks_for(MyLoss)
    def test_conformance(check):
        check()

or all at once, as ``dakit check-plugin`` does::

    report = check_component(MyLoss)
    assert report.ok, report

Every check that does not apply is skipped with its reason; a report counts them.
"""

from __future__ import annotations

from dakit.testing.check import Check, Outcome, Report, Skipped
from dakit.testing.kit import BoundCheck, bound_checks, check_component, checks_for

__all__ = [
    "BoundCheck",
    "Check",
    "Outcome",
    "Report",
    "Skipped",
    "bound_checks",
    "check_component",
    "checks_for",
]
