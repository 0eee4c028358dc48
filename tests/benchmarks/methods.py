"""Does a method do harm with its defaults? Every one beside no adaptation, on small tasks.

``python tests/benchmarks/methods.py --out FILE [--tasks T ...] [--seeds 3] [--table] [NAME ...]``

Each transfer loss and each regularizer of the installed plugins is taken alone, as
``"transfer": NAME`` gives it; ``NAME:weight=0.1,ramp={...}`` gives it other settings. Every cell
(task, method, seed) is a line of JSON that is appended to FILE when it is done, and a cell that
stands there is not run again: a measurement that was ended goes on where it was. A cell that the
data cannot serve (several sources, say) stands there with the reason. ``--table`` prints the table
of FILE and runs nothing: the gain in target accuracy over no adaptation, mean over the seeds; what
is lost on a task beyond 0.03 is bold.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from method_tasks import TASKS

import dakit
from dakit import InputError
from dakit.plugins import catalog
from dakit.training.reporter import SilentReporter

NONE = "none"
HARM = 0.03
PLACES = {
    "transfer": lambda spec: {"transfer": spec},
    "regularizer": lambda s: {"regularizers": [s]},
}
Cell = dict[str, Any]


def objectives(names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the objective of no adaptation and of each method taken alone."""
    of_catalog = catalog.current()
    places = {c.name: place for kind, place in PLACES.items() for c in of_catalog.components(kind)}
    found: dict[str, dict[str, Any]] = {NONE: {}}
    for method in names or sorted(places):
        name, _, settings = method.partition(":")
        if name != NONE:
            found[method] = places[name]({"name": name, **_settings(settings)})
    return found


def _settings(text: str) -> dict[str, Any]:
    """Return ``weight=0.1;ramp={"end": 1}`` as a mapping."""
    pairs = (setting.partition("=") for setting in text.split(";") if setting)
    return {key: json.loads(value) for key, _, value in pairs}


def done(file: Path) -> list[Cell]:
    """Return the cells that stand in ``file``; a line that was cut short does not count."""
    cells = []
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            cells.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return cells


def measured(
    task: Mapping[str, Any], objective: Mapping[str, Any], seed: int, folder: Path
) -> Cell:
    """Return accuracies and seconds of one run, or why it was refused."""
    spec = {
        "schema_version": 1,
        "name": "cell",
        "seed": seed,
        "evaluation": {"bootstrap": 0},
        "objective": {"task": "cross_entropy", **objective},
        **task,
    }
    began = time.process_time()
    try:
        metrics = dakit.run(spec, out=folder, reporter=SilentReporter()).metrics
    except InputError as refused:
        return {"refused": str(refused)}
    accuracies = {side: metrics[f"{side}_test"]["accuracy"] for side in ("source", "target")}
    return {**accuracies, "seconds": round(time.process_time() - began, 2)}


def run(options: argparse.Namespace) -> None:
    """Run what does not stand in the file yet, seed by seed, no adaptation first."""
    known = {(cell["task"], cell["method"], cell["seed"]) for cell in done(options.out)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tasks: dict[str, dict[str, Any]] = {}
        objective_of = objectives(options.names)
        for seed, method, task in product(range(options.seeds), objective_of, options.tasks):
            if (task, method, seed) in known:
                continue
            if task not in tasks:
                (folder / task).mkdir()
                tasks[task] = TASKS[task](folder / task)
            with tempfile.TemporaryDirectory() as runs:
                cell = measured(tasks[task], objective_of[method], seed, Path(runs))
            cell = {"task": task, "method": method, "seed": seed, **cell}
            with options.out.open("a") as file:
                file.write(json.dumps(cell) + "\n")
            print(cell, flush=True)


def table(cells: list[Cell], tasks: list[str]) -> str:
    """Return a Markdown table: accuracy of no adaptation, then each method's gain, best first.

    Losses of more than HARM are bold. The last column is the number of seeds that all tasks have.
    """
    gains = gains_of(cells, tasks)
    plain = gains.pop(NONE)
    means = {m: mean(mean(values) for values in of.values()) for m, of in gains.items()}
    lines = [
        f"| method | {' | '.join(tasks)} | mean | seeds |",
        "|---|" + "---|" * (len(tasks) + 2),
    ]
    row = [f"{mean(plain[task]):.3f}" for task in tasks]
    lines.append(f"| none | {' | '.join(row)} | | {_seeds(plain)} |")
    for method in sorted(means, key=lambda m: -means[m]):
        row = [_shown(mean(gains[method][t])) if t in gains[method] else "" for t in tasks]
        average = _shown(means[method])
        lines.append(f"| `{method}` | {' | '.join(row)} | {average} | {_seeds(gains[method])} |")
    refused = {c["method"]: c["refused"] for c in cells if "refused" in c}
    return "\n".join([*lines, "", *(f"`{m}`: {why}" for m, why in sorted(refused.items()))])


def gains_of(cells: list[Cell], tasks: list[str]) -> dict[str, dict[str, list[float]]]:
    """Return the gains of each method on each task, of no adaptation its accuracies."""
    targets = {(c["task"], c["method"], c["seed"]): c["target"] for c in cells if "target" in c}
    found: dict[str, dict[str, list[float]]] = {}
    for (task, method, seed), target in targets.items():
        plain = targets.get((task, NONE, seed))
        if plain is not None and task in tasks:
            value = target if method == NONE else target - plain
            found.setdefault(method, {}).setdefault(task, []).append(value)
    return found


def _shown(gain: float) -> str:
    return f"**{gain:+.3f}**" if round(gain, 3) < -HARM else f"{gain:+.3f}"


def _seeds(of_tasks: Mapping[str, list[float]]) -> int:
    return min(len(values) for values in of_tasks.values())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    gc.freeze()  # each run collects once: what was imported need not be looked through
    if not options.table:
        run(options)
    print(table(done(options.out), options.tasks))


if __name__ == "__main__":
    main()
