"""Which score chooses the epoch with the least regret? Runs to choose among, and their truth.

``python tests/benchmarks/selection.py FOLDER [--tasks T ...] [--methods M ...] [--seeds 2]``

Every cell (task, method, seed) is a run that keeps its outputs and weights and logs all scores,
in ``FOLDER/TASK/SEED/``. Beside each run ``truth.json`` holds the accuracy of every epoch on the
target rows that no score sees (all but the validation part), and which of them is the best. What
is there is not run again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from method_tasks import TASKS
from methods import NONE, objectives

import dakit
from dakit.data.batches import reader_of
from dakit.evaluation.predict import probabilities_of
from dakit.plugins import catalog
from dakit.runs.epochs import read_weights, weights_kept
from dakit.training.reporter import SilentReporter
from dakit.workflows.train import make_plan

METHODS = (NONE, "mmd", "coral", "dann", "cdan", "mcc", "lmmd", "bnm")


def spec_of(task: dict[str, Any], method: str, seed: int) -> dict[str, Any]:
    """Return the spec of a cell."""
    offered = catalog.current().components("validator")
    scores = [c.name for c in offered if c.name != "source_accuracy"]
    return {
        "schema_version": 1,
        "name": method.partition(":")[0],
        "seed": seed,
        "objective": {"task": "cross_entropy", **objectives([method])[method]},
        **task,
        "training": {**task["training"], "keep": "weights", "monitor": scores},
        "evaluation": {"bootstrap": 0},
    }


def truth_of(spec: dict[str, Any], run: dakit.Run, out: Path) -> dict[int, float]:
    """Return the accuracy of each epoch on the target rows outside the validation part."""
    plan = make_plan(spec, out=out, device="cpu", reporter=SilentReporter(), dry=True)
    target, rows = plan.data.pair.target, np.arange(len(plan.data.pair.target))
    unseen = np.setdiff1d(rows, plan.data.split.target.validation)
    read, model = reader_of(plan.data, "target", torch.device("cpu")), plan.objective.model
    found = {}
    for epoch in weights_kept(run.folder):
        model.load_state_dict(read_weights(run.folder, epoch))
        p = probabilities_of(model, read, unseen, role="target", batch_size=256)
        found[epoch] = float((p.argmax(axis=1) == target.labels[unseen]).mean())
    return found


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS))
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for seed in range(asked.seeds):
        for name in asked.tasks:
            data = asked.folder / name / "data"
            data.mkdir(parents=True, exist_ok=True)
            task = TASKS[name](data)
            for method in asked.methods:
                out = asked.folder / name / str(seed)
                spec = spec_of(task, method, seed)
                run = dakit.run(spec, out=out, resume=True, reporter=SilentReporter())
                file = run.folder.path / "truth.json"
                if not file.exists():
                    file.write_text(json.dumps(truth_of(spec, run, out)))
                print(name, seed, method, max(json.loads(file.read_text()).values()), flush=True)


if __name__ == "__main__":
    main()
