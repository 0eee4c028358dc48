"""What a colleague would say about data before anybody trains on them."""

from __future__ import annotations

from collections.abc import Iterator

from dakit.inspecting.faults import BROKEN
from dakit.reporting.inspection.facts import Found, InspectionFacts

LOPSIDED = 3.0
"""The most frequent class is so many times the rarest."""


def cautions(facts: InspectionFacts) -> list[str]:
    """Return the warnings, the gravest first."""
    return [
        *_origin(facts),
        *_untrainable(facts),
        *_faults(facts),
        *_leakage(facts),
        *_exact(facts),
        *_near(facts),
        *_classes(facts),
    ]


def _origin(facts: InspectionFacts) -> Iterator[str]:
    if facts.mock:
        yield "Mock data: made by a generator; nothing here says anything about real objects."


def _untrainable(facts: InspectionFacts) -> Iterator[str]:
    if facts.untrainable is not None:
        yield f"A run would stop at these data: {facts.untrainable}"


def _faults(facts: InspectionFacts) -> Iterator[str]:
    for role, found in facts.faults.items():
        broken = len(found.broken)
        odd = sum(len(rows) for kind, rows in found.rows.items() if kind not in BROKEN)
        if broken:
            yield f"{role}: {broken:,} broken image(s) that show nothing (section 5)."
        if odd:
            yield f"{role}: {odd:,} odd image(s) to look at (section 5)."


def _leakage(facts: InspectionFacts) -> Iterator[str]:
    if facts.leakage is None:
        return
    for line in facts.leakage.lines():
        if line.startswith("LEAKAGE") or "not known" in line:
            yield line


def _exact(facts: InspectionFacts) -> Iterator[str]:
    if facts.copies is None or facts.split is None:
        return
    places = {
        "source": "source test image(s) equal a source training image",
        "target": "target test image(s) equal a target training image",
        "across": "target test image(s) equal a labelled source training image",
    }
    for name, number in facts.copies.between_parts(facts.split).items():
        if number:
            yield f"LEAKAGE: {number:,} {places[name]}, value by value."


def _near(facts: InspectionFacts) -> Iterator[str]:
    for role, found in facts.found.items():
        yield from _contradictions(role, found)
        known = getattr(facts.pair, role).groups is not None
        if found.images and not known:
            yield (
                f"{role}: {found.images:,} images look like turned, flipped or zoomed copies of "
                f"others and no groups keep them together; split by the groups of "
                f"{facts.groups_file}."
            )


def _contradictions(role: str, found: Found) -> Iterator[str]:
    """Yield how many pairs the labels contradict, and which groups are therefore not offered."""
    pairs = found.sizes(found.threshold)[0]
    if found.contradicting:
        share = found.contradicting / pairs
        random = ", about as often as any two images, so that no group is offered"
        yield (
            f"{role}: {found.contradicting:,} of {pairs:,} pairs of alike images ({share:.0%}) are "
            f"of different classes{random if found.random else ''}: look-alikes, not copies."
        )
    groups, images = found.refused
    if groups and not found.random:
        yield (
            f"{role}: {groups:,} group(s) of alike images, {images:,} images in all, are no single "
            "object and are not offered: they mix classes, are too large, or are chains of "
            f"look-alikes with unlike ends (for this alone {found.chains[0]:,} group(s), "
            f"{found.chains[1]:,} images); --threshold may be higher."
        )


def _classes(facts: InspectionFacts) -> Iterator[str]:
    numbers = facts.counts["source"].by_class or {}
    for name, number in numbers.items():
        if number == 0:
            yield f"The source has no image of class {name}."
    present = [number for number in numbers.values() if number]
    if present and max(present) >= LOPSIDED * min(present) and not facts.balance:
        ratio = max(present) / min(present)
        yield f"The most frequent class of the source is {ratio:.1f} times the rarest."
