"""How many images of each class each part of each domain holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dakit.contracts import PARTS, SIDES

Counts = Mapping[str, Mapping[str, Sequence[int]]]
"""By domain (source, target) and part (train, validation, test), a number a class."""


def class_counts(predictions: Sequence[Mapping[str, str]], class_names: Sequence[str]) -> Counts:
    """Count the labels in the rows of ``predictions.csv``; a domain without labels is left out."""
    seen = Counter((row["domain"], row["split"], row["label"]) for row in predictions)
    labelled = [d for d in SIDES if any(k[0] == d and k[2] for k in seen)]
    return {
        domain: {part: [seen[domain, part, name] for name in class_names] for part in PARTS}
        for domain in labelled
    }


def object_counts(predictions: Sequence[Mapping[str, str]], class_names: Sequence[str]) -> Counts:
    """Count the objects that the images of each class show, in the domains where all are known."""
    known = {row["domain"] for row in predictions} - {
        row["domain"] for row in predictions if not row.get("group")
    }
    keys = ("domain", "split", "label", "group")
    once = {tuple(row[key] for key in keys): row for row in predictions if row["domain"] in known}
    return class_counts(list(once.values()), class_names)


def count_rows(counts: Counts, objects: Counts) -> Iterator[list[str]]:
    """Yield the numbers of a domain and part, and in brackets its objects where they are known."""
    for domain, parts in counts.items():
        for part, numbers in parts.items():
            yield [f"{domain} {part}", *_cells(numbers, objects.get(domain, {}).get(part))]


def _cells(images: Sequence[int], objects: Sequence[int] | None) -> list[str]:
    counts = [f"{number:,}" for number in (*images, sum(images))]
    if objects is None:
        return counts
    shown = [f" ({number:,})" for number in (*objects, sum(objects))]
    return [count + behind for count, behind in zip(counts, shown, strict=True)]
