"""The page of an inspection; what stands on it where is in ``templates/inspection.html``."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.contracts import PARTS
from dakit.errors import first_few
from dakit.inspecting.counts import Counts
from dakit.reporting.inspection.cautions import cautions
from dakit.reporting.inspection.facts import THRESHOLDS, Found, InspectionFacts
from dakit.reporting.page import Figures, filled, without_matplotlib

NO_MATPLOTLIB = without_matplotlib("dakit inspect")
SHOWN = 40
"""So many ids are written into a table; the JSON has all."""


def render_inspection(facts: InspectionFacts, figures: Figures | None) -> str:
    """Return the page as HTML; ``figures`` is None where they cannot be drawn."""
    return filled(
        "inspection.html",
        figures,
        no_matplotlib=NO_MATPLOTLIB,
        facts=facts,
        warnings=cautions(facts),
        class_rows=class_rows,
        balance=list(_balance(facts)),
        faults=list(fault_rows(facts)),
        shown=SHOWN,
        threshold_rows=threshold_rows,
    )


def class_rows(numbers: Counts) -> Iterator[list[str]]:
    """Yield for each class, and for all, the images, their share, and those of each part."""
    for name, number in (numbers.by_class or {}).items():
        by_part = numbers.by_class_and_part or {}
        parts = [f"{by_part[part][name]:,}" for part in PARTS if part in by_part]
        yield [name, f"{number:,}", f"{number / numbers.images:.1%}", *parts]
    every = "all" if numbers.by_class else "all (no labels)"
    parts = [f"{number:,}" for number in (numbers.by_part or {}).values()]
    yield [every, f"{numbers.images:,}", "100%", *parts]


def _balance(facts: InspectionFacts) -> Iterator[tuple[str, int, int]]:
    """Yield for each class the training images there are, and those that ``balance`` makes."""
    before = (facts.counts["source"].by_class_and_part or {}).get("train", {})
    for name, number in (facts.balanced or {}).items():
        yield name, before.get(name, 0), number


def fault_rows(facts: InspectionFacts) -> Iterator[list[str]]:
    """Yield domain, fault, how many images have it, and their ids."""
    for role, faults in facts.faults.items():
        for kind, rows in faults.rows.items():
            ids = facts.ids(role, rows)
            some = first_few(ids, most=SHOWN)
            yield [role, kind, f"{len(rows):,} of {facts.counts[role].images:,}", some]


def threshold_rows(found: Found) -> Iterator[list[str]]:
    """Yield for each similarity the pairs, images and groups there are from it on."""
    for threshold in sorted({*THRESHOLDS, found.threshold}):
        yield [f"{threshold:g}", *(f"{number:,}" for number in found.sizes(threshold))]
