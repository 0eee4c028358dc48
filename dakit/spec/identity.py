"""The run id: the same for every run that computes the same numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dakit.components import StrongAugmentSpec
from dakit.spec.fields import entries, paths_in
from dakit.spec.problems import Steps

_IRRELEVANT: frozenset[Steps] = frozenset(
    {
        ("$schema",),
        ("name",),
        ("description",),
        ("figures",),
        ("trackers",),
        ("training", "device"),
        ("training", "keep"),
    }
)

_SINCE: Mapping[Steps, Any] = {
    ("data", "augment", "strong"): StrongAugmentSpec().model_dump(mode="json"),
    ("data", "split", "stratify"): "source",
    ("model", "head", "dropout"): 0.0,
    ("evaluation", "metrics"): [],
    ("training", "pass_over"): "source",
    ("init_from", "train_only"): None,
    ("training", "teacher"): 0.99,
}
"""Parts that runs of earlier versions did without: at these values a run has the id it had."""


def run_id(resolved: Mapping[str, Any], data_fingerprint: str, start_fingerprint: str = "") -> str:
    """Return 10 hexadecimal digits (SHA-256) of what the numbers of a run depend on.

    That is the resolved spec without name, description, device and paths, the fingerprint of the
    data the paths lead to, and that of the run it starts from.
    """
    data = dict(resolved)
    relevant = without(data, paths_in(data) | _IRRELEVANT)
    text = json.dumps([relevant, data_fingerprint, start_fingerprint], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def without(data: Any, left_out: frozenset[Steps] | set[Steps], steps: Steps = ()) -> Any:
    """Return plain ``data`` without what stands at the places ``left_out``."""
    kept = {
        step: without(value, left_out, (*steps, step))
        for step, value in entries(data)
        if (*steps, step) not in left_out and not _as_before((*steps, step), value)
    }
    if isinstance(data, dict):
        return kept
    return list(kept.values()) if isinstance(data, list) else data


def _as_before(steps: Steps, value: Any) -> bool:
    return steps in _SINCE and bool(_SINCE[steps] == value)
