"""The choice among runs and their epochs, without target labels."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.data.splits import load_split
from dakit.errors import InputError, did_you_mean, first_few
from dakit.files.writing import make_folder, write_json, write_text
from dakit.plugins.faults import faults_told
from dakit.reporting.choice import choice_csv, render_choice
from dakit.runs.choice import (
    CandidatePart,
    Choice,
    EstimatePart,
    Hindsight,
    HindsightPart,
    Verdict,
)
from dakit.runs.epochs import read_epoch
from dakit.runs.run import Run, load_run
from dakit.selecting.candidates import (
    Candidate,
    Candidates,
    KeptRun,
    candidates_of,
    check_comparable,
)
from dakit.selecting.estimating import estimates
from dakit.selecting.hindsight import accuracies, in_hindsight
from dakit.selecting.ranking import agreement, in_order, panel, rank_average
from dakit.training.adaptation import adaptation_in
from dakit.workflows.arguments import several

Floats = NDArray[np.float64]
RANKS, ENSEMBLE = "rank_average", "ensemble"
FEW = 200
"""Rows below which the steps and the scatter of an accuracy are told."""


@final
@dataclass(frozen=True)
class Chosen:
    """Where the choice is, and what it is."""

    path: Path
    """``choice.json``, which ``dakit predict`` takes in place of a run."""
    page: Path
    table: Path
    choice: Choice


def choose(
    runs: str | Path | Run | Sequence[str | Path | Run],
    *,
    out: str | Path = "choice",
    by: str = RANKS,
    confidence: float = 0.95,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Chosen:
    """Choose an epoch of one of the finished ``runs`` and write ``choice.json``, page and table.

    Every kept epoch of every run is a candidate: spec field ``training.keep``. Each gets every
    score that its kept outputs allow, its mean rank over these (``rank_average``), and how often
    it agrees with the mean prediction of the best-ranked epoch of each run (``ensemble``). The
    best one ``by`` one of these is chosen, of those whose weights are there. Between equals the
    mean rank decides, then the run that does not adapt, then the earlier one. Target labels,
    where there are any, fill the part ``hindsight`` alone.

    Raises:
        InputError: a folder holds no finished run, a run keeps nothing, runs are of different
            data or validation rows, or there is no score ``by``.
    """
    given = several(runs, (str, Path, Run), "runs", "folders of finished runs")
    if not given:
        raise InputError("no runs to choose from: name at least one run folder")
    with faults_told():
        opened = {run.folder.path.resolve(): run for run in map(_opened, given)}
        kept = [KeptRun(run.folder, bool(adaptation_in(run))) for run in opened.values()]
        check_comparable(kept)
        found = candidates_of(kept, progress)
    folder = Path(out)
    choice = _choice(found, by, confidence, folder)
    make_folder(folder)
    made = Chosen(folder / "choice.json", folder / "choice.html", folder / "choice.csv", choice)
    write_text(made.table, choice_csv(choice))
    write_text(made.page, render_choice(choice))
    write_json(made.path, choice.document)
    return made


def _opened(run: str | Path | Run) -> Run:
    return run if isinstance(run, Run) else load_run(run)


def _choice(found: Candidates, by: str, confidence: float, folder: Path) -> Choice:
    together, values = ranked(found)
    if by not in values:
        near = did_you_mean(by, values) or "."
        raise InputError(f"--by: there is no score {by!r}{near} There are {', '.join(values)}.")
    plain = np.array([not each.run.adapts for each in found.all])
    usable = np.array([each.usable for each in found.all])
    if not usable.any():
        raise InputError(
            "of no candidate the weights are there: target labels chose the epoch that each run "
            'kept; run again with "training": {"keep": "weights"}'
        )
    order = in_order(values[by], values[RANKS], plain.astype(np.float64))
    best = next(row for row in order if usable[row])
    parts = [_part(each, values, row, folder) for row, each in enumerate(found.all)]
    chosen, verdict = found.all[best], _verdict(found.all[best], plain)
    view = read_epoch(chosen.run.folder, chosen.epoch)
    rows = {"source": len(view.source_labels), "target": len(view.target_logits)}
    seed = chosen.run.results.seed
    estimated = estimates(view, together, confidence=confidence, seed=seed)
    tied = int((values[by][usable] == values[by][best]).sum())
    return Choice(
        chosen=parts[best],
        verdict=verdict,
        by=by,
        tied=tied,
        candidates=[parts[row] for row in order],
        rows=rows,
        origin=chosen.run.results.data.origin,
        estimates={
            name: EstimatePart(
                value=each.value,
                interval=list(each.interval),
                scatter=[each.low, each.high],
                usual_error=each.off,
            )
            for name, each in estimated.items()
        },
        confidence=confidence,
        left_out=dict(found.left_out),
        cautions=list(_cautions(found, rows, tied, parts[order[0]], parts[best])),
        hindsight=_hindsight(found, values, plain),
    )


def ranked(found: Candidates) -> tuple[Floats, dict[str, Floats]]:
    """Return the ensemble's probabilities, and every score of every candidate by name."""
    table, probabilities = found.table(), [each.probabilities for each in found.all]
    ranks = rank_average(table)
    folders = [each.run.folder.path for each in found.all]
    members = panel(ranks, np.array([folders.index(path) for path in folders]))
    together: Floats = np.mean([probabilities[row] for row in members], axis=0)
    return together, {
        RANKS: ranks,
        ENSEMBLE: agreement(probabilities, together),
        **dict(zip(found.scores, table.T, strict=True)),
    }


def _part(
    candidate: Candidate, values: Mapping[str, Floats], row: int, folder: Path
) -> CandidatePart:
    results = candidate.run.results
    return CandidatePart(
        run=os.path.relpath(candidate.run.folder.path, folder),
        run_id=results.run_id,
        name=results.name,
        epoch=candidate.epoch,
        adapts=candidate.run.adapts,
        usable=candidate.usable,
        scores={name: float(of[row]) for name, of in values.items()},
    )


def _verdict(chosen: Candidate, plain: NDArray[np.bool_]) -> Verdict:
    if not plain.any():
        return "no baseline"
    return "adapt" if chosen.run.adapts else "do not adapt"


def _cautions(
    found: Candidates, rows: Mapping[str, int], tied: int, best: CandidatePart, got: CandidatePart
) -> Iterator[str]:
    runs = {each.run.folder.path: each.run for each in found.all}.values()
    if all(run.adapts for run in runs):
        yield (
            "No run without adaptation is among these: whether to adapt at all cannot be said. "
            "Run the spec without its transfer loss and regularizers, with the same split."
        )
    for side, count in rows.items():
        if 0 < count < FEW:
            yield (
                f"The {side} has {count} validation rows: an accuracy there has steps of "
                f"{1 / count:.3f} and a standard error of up to {0.5 / math.sqrt(count):.3f}."
            )
    if tied > 1:
        yield (
            f"{tied} candidates have the highest score; the mean rank over all scores decided, "
            "then no adaptation before adaptation, then the order."
        )
    if best != got:
        yield (
            f"Epoch {best.epoch} of {best.name} has a higher score, but its weights were not kept "
            '("training": {"keep": "weights"}).'
        )
    labelled = [run.results.title for run in runs if run.results.selection.used_target_labels]
    if labelled:
        yield (
            f"The epoch that {first_few(labelled)} kept was chosen by target labels; it can be "
            "chosen here only where the weights of all epochs were kept."
        )
    short = [run for run in runs if len(run.epochs) != run.results.epochs_run]
    if short:
        names = [run.results.title for run in short]
        yield f"Some epochs of {first_few(names)} were not kept and are no candidates."


def _hindsight(
    found: Candidates, values: Mapping[str, Floats], plain: NDArray[np.bool_]
) -> Hindsight | None:
    labels = _target_labels(found.all[0].run)
    if labels is None:
        return None
    accuracy = accuracies([each.probabilities for each in found.all], labels)
    by_score = in_hindsight(values, accuracy, plain)
    return Hindsight(
        rows=len(labels),
        best=float(accuracy.max()),
        by_score={name: HindsightPart(**vars(each)) for name, each in by_score.items()},
    )


def _target_labels(run: KeptRun) -> NDArray[np.int64] | None:
    """Return the classes of the target's validation rows; None where one is not known."""
    names = run.results.data.class_names
    rows = [row["label"] for row in Run(run.folder).predictions if row["domain"] == "target"]
    texts = [rows[row] for row in load_split(run.folder.split).target.validation]
    if not texts or "" in texts:
        return None
    return np.array([names.index(text) for text in texts])
