"""When two runs are of one experiment, and when of one method."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.spec.fields import paths_in
from dakit.spec.identity import without
from dakit.spec.problems import Steps

ASIDE: frozenset[Steps] = frozenset(
    {
        ("$schema",),
        ("name",),
        ("description",),
        ("seed",),
        ("data", "split", "seed"),
        ("training", "device"),
    }
)
"""What may differ between runs of one method."""


def method_key(run: ComparedRun) -> dict[str, Any]:
    """Return the spec without seed, names and places on a disk."""
    spec = run.spec.document
    kept: dict[str, Any] = without(spec, ASIDE | paths_in(spec))
    return {**kept, "init_from": _start(spec.get("init_from"))}


def problem_key(run: ComparedRun) -> dict[str, Any]:
    """Return what the runs of an experiment share; mock and real numbers never mix."""
    kept = method_key(run)
    origin = run.results.data.origin
    return {"origin": origin, "data": kept["data"], "backbone": kept["model"]["backbone"]}


def _start(init: Mapping[str, Any] | None) -> Any:
    """What a run starts from, wherever that lies and whatever its seed."""
    if init is None:
        return None
    spec, folder = (PurePath(init[key]).name if init.get(key) else "" for key in ("spec", "run"))
    return {**init, "spec": spec, "run": folder.rpartition("-")[0]}
