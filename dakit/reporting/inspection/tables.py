"""The tables of an inspection's page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import PARTS
from dakit.inspecting.counts import Counts
from dakit.inspecting.joining import Agreement
from dakit.reporting.inspection.facts import THRESHOLDS, Found, InspectionFacts
from dakit.reporting.page.markup import bullets, pairs, paragraph, table

SHOWN = 40
"""So many ids are written into a table; the JSON has all."""

TARGET_LABELS = (
    "Target labels are counted here because nothing is trained: training never sees them, nor does "
    "the choice of the epoch unless a spec asks for the oracle."
)


def what_they_are(facts: InspectionFacts) -> str:
    """Return origin, description, shapes and notes."""
    pair, provenance = facts.pair, facts.pair.provenance
    rows = [
        ("Origin", f"{provenance.origin}: {provenance.description}"),
        ("Classes", ", ".join(pair.class_names)),
        ("One input", f"{pair.source.input_shape} (channels first)"),
        ("Stored as", f"source {pair.source.inputs.dtype}, target {pair.target.inputs.dtype}"),
        ("Objects in both", "yes, by their groups" if pair.shared_groups else "none known"),
    ]
    return pairs(rows) + bullets(provenance.notes, "notes")


def class_tables(facts: InspectionFacts) -> str:
    """Return the counts by domain, class and part, and what ``balance`` would do."""
    tables = [_class_table(role, numbers) for role, numbers in facts.counts.items()]
    columns = f'<div class="columns">{"".join(tables)}</div>'
    return columns + paragraph(_balance(facts)) + paragraph(TARGET_LABELS, "notes")


def _class_table(role: str, numbers: Counts) -> str:
    parts = list(numbers.by_part) if numbers.by_part else []
    objects = "objects not known" if numbers.objects is None else f"{numbers.objects:,} objects"
    caption = f"{role}: {numbers.images:,} images, {objects}"
    header = [role, "all", "share", *parts]
    return table(caption, header, _class_rows(numbers))


def _class_rows(numbers: Counts) -> Iterator[list[str]]:
    for name, number in (numbers.by_class or {}).items():
        by_part = numbers.by_class_and_part or {}
        parts = [f"{by_part[part][name]:,}" for part in PARTS if part in by_part]
        yield [name, f"{number:,}", f"{number / numbers.images:.1%}", *parts]
    every = "all" if numbers.by_class else "all (no labels)"
    parts = [f"{number:,}" for number in (numbers.by_part or {}).values()]
    yield [every, f"{numbers.images:,}", "100%", *parts]


def _balance(facts: InspectionFacts) -> str:
    state = "on: training sees" if facts.balance else "off; with it training would see"
    if facts.balanced is None:
        return "data.balance cannot be told without a split."
    before = (facts.counts["source"].by_class_and_part or {}).get("train", {})
    changes = ", ".join(
        f"{name} {before.get(name, 0):,} → {number:,}" for name, number in facts.balanced.items()
    )
    return f"data.balance is {state} each class equally often by repetition: {changes}."


def fault_tables(facts: InspectionFacts) -> str:
    """Return broken and odd images by kind and id."""
    rows = [
        [role, kind, f"{len(found):,} of {facts.counts[role].images:,}", _some(facts, role, found)]
        for role, faults in facts.faults.items()
        for kind, found in faults.rows.items()
    ]
    if not rows:
        return paragraph("None: every value is finite, no image or channel constant, no outlier.")
    caption = f"Images by their gravest fault; at most {SHOWN} ids, all of them with --json"
    return table(caption, ["domain", "fault", "images", "ids"], rows)


def copies_table(facts: InspectionFacts) -> str:
    """Return how many images are equal, within and across domains and parts."""
    copies = facts.copies
    if copies is None:
        return paragraph("Not looked for (--no-duplicates).", "missing")
    rows = [
        ["source, with an equal one in the source", f"{copies.within('source'):,}"],
        ["target, with an equal one in the target", f"{copies.within('target'):,}"],
        ["target, with an equal one in the source", f"{copies.across:,}"],
    ]
    if facts.split is not None:
        between = copies.between_parts(facts.split)
        rows += [
            ["source test, with an equal one in source training", f"{between['source']:,}"],
            ["target test, with an equal one in target training", f"{between['target']:,}"],
            ["target test, with an equal one in source training", f"{between['across']:,}"],
        ]
    return table("Images that are equal value by value", ["", "images"], rows)


def near_tables(facts: InspectionFacts) -> str:
    """Return what the search found, how that depends on the threshold, and what to do with it."""
    if not facts.found:
        return ""
    told = [_told(role, found) for role, found in facts.found.items()]
    tables = "".join(_thresholds(role, found) for role, found in facts.found.items())
    return bullets([*told, *_use(facts)]) + f'<div class="columns">{tables}</div>'


def _told(role: str, found: Found) -> str:
    pairs_found, images, groups, largest = found.sizes(found.threshold)
    line = (
        f"{role}: at similarity {found.threshold:g} {pairs_found:,} pairs, {images:,} images in "
        f"{groups:,} groups, the largest of {largest:,}"
    )
    return line + (_known(found.agreement) if found.agreement is not None else "")


def _known(known: Agreement) -> str:
    precision = "-" if known.precision is None else f"{known.precision:.3f}"
    recall = "-" if known.recall is None else f"{known.recall:.3f}"
    return (
        f"; against the known groups: pair precision {precision}, pair recall {recall} (images "
        "of one object from other sides are in its group, but no copies)"
    )


def _thresholds(role: str, found: Found) -> str:
    rows = [
        [f"{threshold:g}", *(f"{number:,}" for number in found.sizes(threshold))]
        for threshold in sorted({*THRESHOLDS, found.threshold})
    ]
    caption = f"{role}: groups by threshold; one huge group means that look-alikes were joined"
    return table(caption, ["similarity", "pairs", "images", "groups", "largest"], rows)


def _use(facts: InspectionFacts) -> Iterator[str]:
    if facts.groups_file is not None:
        yield (
            f"The groups are in {facts.groups_file}: arrays 'source' and 'target', one group for "
            "each row, known groups included. A dataset takes them by its settings for groups "
            "(`dakit info` lists them), or as a column of its catalogue. The split then keeps each "
            "group in one part."
        )


def _some(facts: InspectionFacts, role: str, rows: NDArray[np.int64]) -> str:
    ids = facts.ids(role, rows)
    return ", ".join(ids[:SHOWN]) + (", ..." if len(ids) > SHOWN else "")
