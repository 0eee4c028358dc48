"""The test sets of ``predictions.csv``, and how many images of each class every part holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.contracts import PARTS, SIDES
from dakit.evaluation.paired_difference import RunScores


@final
@dataclass(frozen=True)
class ScoredSet:
    """Test images of one domain, with probabilities ``(N, C)`` and, if known, labels ``(N,)``."""

    role: str
    """``source`` or ``target``."""
    rows: NDArray[np.int64]
    """Row of each image in its domain."""
    ids: tuple[str, ...]
    labels: NDArray[np.int64] | None
    probabilities: NDArray[np.float64]
    groups: tuple[str, ...] | None = None
    """The object each image shows, where known."""

    @property
    def objects(self) -> int | None:
        """How many objects the images show; None where that is not known."""
        return len(set(self.groups)) if self.groups else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The most probable class of each image ``(N,)``."""
        classes: NDArray[np.int64] = self.probabilities.argmax(axis=1)
        return classes

    def scores(self, seed: int, data: str = "") -> list[RunScores]:
        """Return them as those of one run on ``data``, drawn by object; none without labels.

        Objects (or images) of the same data bear the same name in all runs.
        """
        if self.labels is None or not self.ids:
            return []
        units = np.asarray([f"{data} {unit}" for unit in self.groups or self.ids])
        return [RunScores(seed, self.labels, self.probabilities, units)]

    def confusion(self) -> NDArray[np.int64] | None:
        """Return counts ``(C, C)``, true class by predicted class; None without labels."""
        if self.labels is None:
            return None
        classes = self.probabilities.shape[1]
        flat = np.bincount(self.labels * classes + self.predicted, minlength=classes**2)
        return flat.reshape(classes, classes)

    def worst(self, count: int) -> NDArray[np.int64]:
        """Return the positions of the most confident mistakes, the worst first, one a group."""
        if self.labels is None:
            return np.empty(0, np.int64)
        wrong = np.flatnonzero(self.predicted != self.labels)
        order = np.argsort(-self.probabilities.max(axis=1)[wrong], kind="stable")
        return self.one_a_group(wrong[order])[:count]

    def one_a_group(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first of ``positions`` that show each object, all where none is known."""
        if self.groups is None:
            return positions
        _, first = np.unique([self.groups[i] for i in positions], return_index=True)
        return positions[np.sort(first)]


def size_words(sets: Iterable[ScoredSet]) -> str:
    """Return ``242 images of 39 objects``; ``236 to 242 images`` where the sets differ."""
    sizes, objects = zip(*((len(scored), scored.objects) for scored in sets), strict=True)
    known = [] if None in objects else [_range(objects, "object")]
    return " of ".join([_range(sizes, "image"), *known])


def _range(numbers: Iterable[int], thing: str) -> str:
    ends = sorted({min(numbers), max(numbers)})
    return f"{' to '.join(f'{number:,}' for number in ends)} {thing}{'' if ends == [1] else 's'}"


def scored_sets(
    predictions: Sequence[Mapping[str, str]], class_names: Sequence[str]
) -> dict[str, ScoredSet]:
    """Return the test sets of ``source`` and ``target`` from the rows of ``predictions.csv``."""
    return {role: _scored_set(predictions, role, class_names) for role in SIDES}


def _scored_set(
    predictions: Sequence[Mapping[str, str]], role: str, class_names: Sequence[str]
) -> ScoredSet:
    domain = [row for row in predictions if row["domain"] == role]
    positions = [i for i, row in enumerate(domain) if row["split"] == "test"]
    test = [domain[i] for i in positions]
    index = {name: number for number, name in enumerate(class_names)}
    known = bool(test) and all(row["label"] for row in test)
    groups = tuple(row.get("group", "") for row in test)
    columns = [f"p_{name}" for name in class_names]
    return ScoredSet(
        role=role,
        rows=np.asarray(positions, dtype=np.int64),
        ids=tuple(row["id"] for row in test),
        labels=np.asarray([index[row["label"]] for row in test]) if known else None,
        probabilities=np.asarray([[float(row[c]) for c in columns] for row in test]).reshape(
            len(test), len(class_names)
        ),
        groups=groups if all(groups) else None,
    )


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
