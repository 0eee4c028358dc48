"""What ``dakit run --dry-run`` tells: all that is settled before the first step."""

from __future__ import annotations

from typing import Any

from dakit.contracts import PARTS, SIDES
from dakit.training.trainer import batches_of
from dakit.workflows.train import Plan


def describe(plan: Plan) -> dict[str, Any]:
    """Return what ``--dry-run`` tells of a plan, as plain values."""
    spec, data = plan.loaded.spec, plan.data
    parts = {
        f"{side} {part}": len(getattr(split, part))
        for side, split in zip(SIDES, (data.split.source, data.split.target), strict=True)
        for part in PARTS
    }
    batches = batches_of(spec, data, plan.objective, plan.device)
    start = "its own weights"
    if spec.init_from is not None:
        first = plan.to_train_first
        start = f"{first.folder.path}, trained first" if first else str(spec.init_from.run)
        start = str(plan.start.folder.path) if plan.start else start
    return {
        "run": f"{spec.name} (seed {spec.seed})",
        "folder": str(plan.folder.path),
        "data": f"{data.pair.provenance.origin.upper()}: {data.pair.provenance.description}",
        "images": parts,
        "training": (
            f"epochs {spec.training.epochs}, steps an epoch {batches.steps_per_epoch}, "
            f"images a step {spec.training.batch_size}"
        ),
        "classes": list(data.pair.class_names),
        "leakage": data.leakage.lines(),
        "starts from": start,
        "parameters": plan.objective.sizes(),
        "device": str(plan.device),
    }
