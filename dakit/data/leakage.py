"""Leakage: objects whose images stand on both sides of a split."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np

from dakit.contracts import Domain, DomainPair, DomainSplit, PairSplit


@final
@dataclass(frozen=True)
class DomainLeakage:
    """Of one domain: its objects, and how many test images show an object that is trained on.

    All numbers but ``images`` and ``test_images`` are None where the objects are not known.
    """

    images: int
    test_images: int
    objects: int | None
    straddling_objects: int | None
    leaked_test_images: int | None


@final
@dataclass(frozen=True)
class LeakageReport:
    """Leakage inside each domain, and target test images whose object is in labelled source.

    The last two are None where no object is known to be in both domains.
    """

    source: DomainLeakage
    target: DomainLeakage
    target_test_in_source_train: int | None
    target_test_objects_in_source_train: int | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return what a reader of the results must know, a sentence a line."""
        lines = [_line("source", self.source), _line("target", self.target)]
        twins = self.target_test_in_source_train
        if twins:
            share = twins / self.target.test_images
            lines.append(
                f"LEAKAGE: {twins:,} of {self.target.test_images:,} target test images "
                f"({share:.1%}) show one of {self.target_test_objects_in_source_train:,} objects "
                "of the labelled source training images"
            )
        return lines


def leakage(pair: DomainPair, split: PairSplit) -> LeakageReport:
    """Report which objects of ``pair`` stand on both sides of ``split``."""
    images = objects = None
    if pair.shared_groups and pair.source.groups is not None and pair.target.groups is not None:
        tested = pair.target.groups[split.target.test]
        twins = tested[np.isin(tested, pair.source.groups[split.source.train])]
        images, objects = len(twins), len(np.unique(twins))
    return LeakageReport(
        _domain_leakage(pair.source, split.source),
        _domain_leakage(pair.target, split.target),
        images,
        objects,
    )


def _domain_leakage(domain: Domain, split: DomainSplit) -> DomainLeakage:
    groups = domain.groups
    if groups is None:
        return DomainLeakage(len(domain), len(split.test), None, None, None)
    parts = [np.unique(groups[rows]) for rows in (split.train, split.validation, split.test)]
    objects, times = np.unique(np.concatenate(parts), return_counts=True)
    return DomainLeakage(
        images=len(domain),
        test_images=len(split.test),
        objects=len(objects),
        straddling_objects=int((times > 1).sum()),
        leaked_test_images=int(np.isin(groups[split.test], groups[split.train]).sum()),
    )


def _line(side: str, report: DomainLeakage) -> str:
    if not report.images:
        return f"{side}: none; which objects the run to start from was trained on is not known here"
    if report.objects is None:
        return f"{side}: leakage between the parts is not known: no groups"
    if not report.straddling_objects:
        return f"{side}: {report.objects:,} objects in {report.images:,} images, none in two parts"
    share = (report.leaked_test_images or 0) / max(1, report.test_images)
    return (
        f"LEAKAGE: {side}: {report.straddling_objects:,} of {report.objects:,} objects stand in "
        f"more than one part; {share:.1%} of the test images show a training object"
    )
