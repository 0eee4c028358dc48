"""The tables of ``selection.py``: regret of each score, within a run and among runs.

``python tests/benchmarks/selection_table.py FOLDER``

*Within a run* a score chooses the epoch of each run. *Among runs* it chooses an epoch of any run
of a task and seed, without adaptation among them; its gain is over the last epoch of that one.
``harm`` is the share of cells in which the choice is more than .01 below it. Truth is the accuracy
on target rows that no score sees.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from dakit.runs.epochs import read_epoch
from dakit.runs.run import load_run
from dakit.selecting.estimating import estimates
from dakit.selecting.ranking import agreement, rank_average

HARM = 0.01
Run = dict[str, Any]


def read_runs(folder: Path) -> dict[tuple[str, str], list[Run]]:
    """Return the runs of each task and seed that has one without adaptation and another."""
    groups: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for file in sorted(folder.glob("*/*/*/truth.json")):
        run = load_run(file.parent)
        truth = {int(epoch): value for epoch, value in json.loads(file.read_text()).items()}
        views = {epoch: read_epoch(run.folder, epoch) for epoch in truth}
        groups[file.parts[-4], file.parts[-3]].append(
            {
                "name": run.results["name"],
                "truth": [truth[epoch] for epoch in sorted(truth)],
                "scores": [row["scores"] for row in run.history],
                "views": [views[epoch] for epoch in sorted(views)],
            }
        )
    return {key: runs for key, runs in groups.items() if len(runs) > 1 and _plain(runs)}


def _plain(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run["name"] == "none"]


def with_ensembles(runs: list[Run]) -> None:
    """Give every epoch agreement and mean rank, within its run and among all runs."""
    everything = [view for run in runs for view in run["views"]]
    for within in (True, False):
        suffix = "" if within else "@all"
        for views, rows in (
            [(run["views"], run["scores"]) for run in runs]
            if within
            else [(everything, [row for run in runs for row in run["scores"]])]
        ):
            p = [view.target_logits.double().softmax(1).numpy() for view in views]
            names = [n for n in rows[0] if n != "oracle" and "@" not in n and n not in EXTRA]
            ranks = rank_average(np.array([[row[n] for n in names] for row in rows]))
            for row, agrees, rank in zip(rows, agreement(p), ranks, strict=True):
                row[f"ensemble{suffix}"], row[f"rank_average{suffix}"] = agrees, rank


EXTRA = ("ensemble", "rank_average")


def main() -> None:
    """Print the tables."""
    groups = read_runs(Path(sys.argv[1]))
    for runs in groups.values():
        with_ensembles(runs)
    names = [n for n in next(iter(groups.values()))[0]["scores"][0] if "@" not in n]
    print(f"{len(groups)} tasks and seeds, {sum(map(len, groups.values()))} runs\n")
    print("within a run | mean regret | worst | by task")
    rows = []
    for name in names:
        regrets = defaultdict(list)
        for (task, _), runs in groups.items():
            for run in runs:
                values = [row[name] for row in run["scores"]]
                regrets[task].append(max(run["truth"]) - run["truth"][int(np.argmax(values))])
        per_task = {task: mean(of) for task, of in regrets.items()}
        worst = max(max(of) for of in regrets.values())
        rows.append((mean(per_task.values()), worst, name, per_task))
    for regret, worst, name, per_task in sorted(rows, key=lambda row: row[0]):
        told = " ".join(f"{task}={value:.3f}" for task, value in per_task.items())
        print(f"{name:26s} {regret:.4f} {worst:.3f}  {told}")
    print("\namong runs | mean regret | worst | mean gain over no adaptation | harm")
    rows = []
    for name in names:
        full = f"{name}@all" if name in EXTRA else name
        regrets, gains = [], []
        for runs in groups.values():
            values = [row[full] for run in runs for row in run["scores"]]
            truth = [value for run in runs for value in run["truth"]]
            chosen = truth[int(np.argmax(values))]
            regrets.append(max(truth) - chosen)
            gains.append(chosen - _plain(runs)[0]["truth"][-1])
        harm = mean(gain < -HARM for gain in gains)
        rows.append((mean(regrets), max(regrets), mean(gains), harm, name))
    for regret, worst, gain, harm, name in sorted(rows):
        print(f"{name:26s} {regret:.4f} {worst:.3f} {gain:+.4f} {harm:.2f}")
    print("\nestimates of the last epoch | mean absolute error | bias | covered")
    errors: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for runs in groups.values():
        for run in runs:
            truth = run["truth"][-1]
            for name, each in estimates(run["views"][-1], confidence=0.95, seed=0).items():
                errors[name].append((each.value - truth, each.low <= truth <= each.high))
    for name, of in errors.items():
        off = [error for error, _ in of]
        covered = mean(hit for _, hit in of)
        print(f"{name:6s} {mean(map(abs, off)):.3f} {mean(off):+.3f} {covered:.2f}")


if __name__ == "__main__":
    main()
