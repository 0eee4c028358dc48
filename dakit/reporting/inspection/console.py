"""The short table that an inspection prints."""

from __future__ import annotations

from rich.console import Console

from dakit.contracts import PARTS
from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.inspection.cautions import cautions
from dakit.reporting.inspection.facts import InspectionFacts
from dakit.reporting.inspection.page import NO_MATPLOTLIB


def print_inspection(console: Console, facts: InspectionFacts, page: str, figures: bool) -> None:
    """Print counts and findings by domain, the warnings, and where page and groups are."""
    provenance = facts.pair.provenance
    mark = "MOCK DATA: " if facts.mock else ""
    print_line(console, f"{mark}the data of {facts.name}", "bold")
    print_line(console, f"Data: {provenance.origin}: {provenance.description}")
    for note in provenance.notes:
        print_line(console, note)
    print_aligned(console, ["", *facts.counts], _rows(facts))
    for warning in cautions(facts):
        print_line(console, f"! {warning}")
    if not figures:
        print_line(console, NO_MATPLOTLIB)
    if facts.groups_file is not None:
        print_line(console, f"Groups: {facts.groups_file}")
    print_line(console, f"Page: {page}")


def _rows(facts: InspectionFacts) -> list[list[str]]:
    roles = list(facts.counts)
    rows = [["images", *(f"{facts.counts[role].images:,}" for role in roles)]]
    for name in facts.pair.class_names:
        rows.append([name, *(_number(facts.counts[role].by_class, name) for role in roles)])
    for part in PARTS:
        rows.append([part, *(_number(facts.counts[role].by_part, part) for role in roles)])
    broken = [f"{len(facts.faults[role].broken):,}" for role in roles]
    odd = [f"{sum(map(len, facts.faults[role].rows.values())):,}" for role in roles]
    rows.append(["broken", *broken])
    rows.append(["broken or odd", *odd])
    if facts.copies is not None:
        rows.append(["with an exact copy", *(f"{facts.copies.within(r):,}" for r in roles)])
    if facts.found:
        rows.append(["with a near-duplicate", *(f"{facts.found[r].images:,}" for r in roles)])
    return rows


def _number(numbers: dict[str, int] | None, name: str) -> str:
    return "-" if numbers is None else f"{numbers[name]:,}"
