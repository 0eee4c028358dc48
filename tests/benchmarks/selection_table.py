"""The tables of ``selection.py``: regret of each score, within a run and among runs.

``python tests/benchmarks/selection_table.py FOLDER``

*Within a run* a score chooses the epoch of each run. *Among runs* it chooses an epoch of any run
of a task and seed, one without adaptation among them; its gain is over the last epoch of that one,
and *harm* the share of cells in which the choice is more than .01 below it. Truth is the accuracy
on target rows that no score sees. Means are over tasks and seeds, a run or a choice each.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from dakit.contracts import ValidationView
from dakit.runs.epochs import read_epoch
from dakit.runs.run import load_run
from dakit.selecting.estimating import Estimate, estimates
from dakit.selecting.ranking import agreement, panel, rank_average

HARM = 0.01
NONE, RANKS, ENSEMBLE, ORACLE = "none", "rank_average", "ensemble", "oracle"
Floats = NDArray[np.float64]


@dataclass
class Cell:
    """All epochs of all runs of a task and a seed."""

    task: str
    names: list[str] = field(default_factory=list)
    scores: list[dict[str, float]] = field(default_factory=list)
    truth: list[float] = field(default_factory=list)
    run_of: list[int] = field(default_factory=list)
    views: list[ValidationView] = field(default_factory=list)

    def add(self, folder: Path) -> None:
        """Add the epochs of a run."""
        run, truth = load_run(folder), json.loads((folder / "truth.json").read_text())
        self.names.append(run.results["name"])
        for row in run.history:
            self.scores.append(row["scores"])
            self.truth.append(truth[str(row["epoch"])])
            self.run_of.append(len(self.names) - 1)
            self.views.append(read_epoch(run.folder, row["epoch"]))

    def rows(self, run: int) -> list[int]:
        """Return the epochs of a run."""
        return [row for row, of in enumerate(self.run_of) if of == run]

    def table(self, rows: list[int]) -> dict[str, Floats]:
        """Return every score of ``rows`` by name, with the mean rank over those without labels."""
        names = list(self.scores[0])
        values = {n: np.array([self.scores[row][n] for row in rows]) for n in names}
        blind = np.stack([values[n] for n in names if n != ORACLE], axis=1)
        return {**values, RANKS: rank_average(blind)}


def cells(folder: Path) -> list[Cell]:
    """Return the tasks and seeds that have a run without adaptation and others."""
    found: dict[tuple[str, str], Cell] = {}
    for file in sorted(folder.glob("*/*/*/truth.json")):
        key = file.parts[-4], file.parts[-3]
        found.setdefault(key, Cell(key[0])).add(file.parent)
    return [cell for cell in found.values() if NONE in cell.names and len(cell.names) > 1]


def within(found: list[Cell]) -> None:
    """Print the regret of each score that chooses the epoch of a run."""
    regrets: dict[str, list[list[float]]] = defaultdict(list)  # of the runs of each cell
    for cell in found:
        runs = [cell.rows(run) for run in range(len(cell.names))]
        tables = [(cell.table(rows), np.array(cell.truth)[rows]) for rows in runs]
        for name in tables[0][0]:
            of_cell = [truth.max() - truth[table[name].argmax()] for table, truth in tables]
            regrets[name].append(of_cell)
    print("within a run: mean regret, worst, less than source_accuracy by [95 % over cells]")
    for name, of in sorted(regrets.items(), key=lambda item: np.mean(item[1])):
        better = np.mean(regrets["source_accuracy"], axis=1) - np.mean(of, axis=1)
        bounds = bootstrap((better,), np.mean, rng=0).confidence_interval if any(better) else (0, 0)
        print(
            f"{name:26s} {np.mean(of):.4f} {np.max(of):.3f} {better.mean():+.4f} "
            f"[{bounds[0]:+.4f}, {bounds[1]:+.4f}]"
        )
    for task in sorted({cell.task for cell in found}):
        of_task = [row for row, cell in enumerate(found) if cell.task == task]
        told = {name: np.mean([of[row] for row in of_task]) for name, of in regrets.items()}
        best = sorted(told, key=lambda name: told[name])[:4]
        print(f"  {task}: " + ", ".join(f"{name} {told[name]:.3f}" for name in best))


def among(found: list[Cell]) -> None:
    """Print the regret and the gain of each score that chooses among runs, and of estimates."""
    outcomes: dict[str, list[tuple[float, float]]] = defaultdict(list)
    errors: dict[str, list[Error]] = defaultdict(list)
    for cell in found:
        rows, truth = list(range(len(cell.truth))), np.array(cell.truth)
        values = cell.table(rows)
        p = [view.target_logits.double().softmax(dim=1).numpy() for view in cell.views]
        members = panel(values[RANKS], np.array(cell.run_of))
        together = np.mean([p[row] for row in members], axis=0)
        values[ENSEMBLE] = agreement(p, together)
        plain = truth[cell.rows(cell.names.index(NONE))[-1]]
        for name, of in values.items():
            chosen = truth[of.argmax()]
            outcomes[name].append((float(truth.max() - chosen), float(chosen - plain)))
        best = int(values[RANKS].argmax())
        given = estimates(cell.views[best], together, confidence=0.95, seed=0)
        for name, each in given.items():
            errors[name].append(Error(cell.task, each, float(truth[best])))
    print("\namong runs: mean regret, worst, mean gain over no adaptation, least gain, harm")
    for name, of in sorted(outcomes.items(), key=lambda item: mean(r for r, _ in item[1])):
        regrets, gains = zip(*of, strict=True)
        harm = mean(float(gain < -HARM) for gain in gains)
        print(
            f"{name:26s} {mean(regrets):.4f} {max(regrets):.3f} {mean(gains):+.4f} "
            f"{min(gains):+.3f} {harm:.2f}"
        )
    print("\nestimates of what is chosen: mean absolute error, nine of ten, bias, covered by rows")
    print("alone, covered by rows and what nine of ten were off by on the other tasks")
    for name, of in errors.items():
        off = np.array([each.off for each in of])
        print(
            f"{name:10s} {np.abs(off).mean():.3f} {np.quantile(np.abs(off), 0.9):.3f} "
            f"{off.mean():+.3f} {mean(float(each.covered(0)) for each in of):.2f} "
            f"{mean(float(each.covered(_of_others(each, of))) for each in of):.2f}"
        )


@dataclass(frozen=True)
class Error:
    """An estimate and the truth."""

    task: str
    estimate: Estimate
    truth: float

    @property
    def off(self) -> float:
        """The estimate less the truth."""
        return self.estimate.value - self.truth

    def covered(self, apart: float) -> bool:
        """Return whether the scatter of the rows, moved apart, holds the truth."""
        return self.estimate.low - apart <= self.truth <= self.estimate.high + apart


def _of_others(error: Error, errors: list[Error]) -> float:
    others = [abs(each.off) for each in errors if each.task != error.task]
    return float(np.quantile(others, 0.9))


def main() -> None:
    """Print the tables."""
    found = cells(Path(sys.argv[1]))
    print(f"{len(found)} tasks and seeds, {sum(len(cell.names) for cell in found)} runs\n")
    within(found)
    among(found)


if __name__ == "__main__":
    main()
