"""The ROC curves of a method: one for each seed, and their mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from dakit.evaluation.curves import Curve, mean_curve, roc, vertical_mean
from dakit.reporting.compare.grouping import Method


@final
@dataclass(frozen=True)
class MethodCurves:
    """The curve of each seed, and the vertical mean of them (that curve itself with one seed)."""

    seeds: tuple[Curve, ...]
    mean: Curve


def roc_curves(method: Method, role: str) -> MethodCurves | None:
    """Return the ROC curves on the test set of ``role``; None where no seed has one."""
    found = []
    for run in method.runs:
        scored = run.sets[role]
        curve = None
        if scored.labels is not None:
            curve = mean_curve(roc, scored.labels, scored.probabilities)
        if curve is not None:
            found.append(curve)
    if not found:
        return None
    return MethodCurves(tuple(found), found[0] if len(found) == 1 else vertical_mean(found))
