"""``choice.json``: the epoch of a run that was chosen, by what, and how good it may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal, final

from pydantic import Field

from dakit.errors import InputError
from dakit.files.writing import read_json
from dakit.runs.epochs import read_weights
from dakit.runs.model_folder import SavedModel
from dakit.runs.records import Count, Document, Numbers, Shape, shaped
from dakit.runs.results import Interval, read_results
from dakit.runs.run import Run, load_run

Verdict = Literal["adapt", "do not adapt", "no baseline"]
"""``no baseline``: no run without adaptation was among those to choose from."""


@final
class EstimatePart(Shape):
    """An estimate of the target accuracy, without target labels."""

    value: float
    interval: Interval
    """The scatter, moved apart by what nine of ten such estimates were off by on a benchmark."""
    scatter: Interval
    """Of the rows alone."""
    usual_error: float
    """How far such an estimate was off on the benchmark, on average."""


@final
class CandidatePart(Shape):
    """An epoch that could have been chosen."""

    run: str
    """The folder of the run, from that of the choice."""
    run_id: str
    name: str
    epoch: Count
    adapts: bool
    usable: bool
    """Whether its weights are there; one whose are not is never chosen."""
    scores: Numbers


@final
class HindsightPart(Shape):
    """What target labels say of the choice of one score; nothing was chosen by them."""

    accuracy: float
    regret: float
    gain: float | None = None
    rank_correlation: float | None = None


@final
class Hindsight(Shape):
    """What target labels say afterwards."""

    used_target_labels: Literal[True] = True
    rows: Count
    best: float
    """The highest accuracy of any candidate on these rows, which is too high by chance."""
    by_score: dict[str, HindsightPart]


@final
class Choice(Document):
    """``choice.json``."""

    chosen: CandidatePart
    verdict: Verdict
    by: str
    """The score that chose."""
    tied: Count
    """Candidates with the same score, the chosen one among them."""
    candidates: list[CandidatePart]
    rows: dict[str, Count]
    """Validation rows of either domain."""
    origin: str
    estimates: dict[str, EstimatePart] = Field(default_factory=dict)
    confidence: float
    left_out: dict[str, str] = Field(default_factory=dict)
    """Scores that could not be had of every candidate, and why."""
    cautions: list[str] = Field(default_factory=list)
    hindsight: Hindsight | None = None
    """Only where target labels are there; nothing else in this file depends on them."""

    @property
    def mock(self) -> bool:
        """Whether the runs were trained on mock data."""
        return self.origin == "mock"


def read_choice(path: Path) -> Choice:
    """Return the choice in ``path``. Raises InputError where it is none."""
    return shaped(Choice, read_json(path), f"{path} is no choice")


def chosen_run(path: Path) -> tuple[Run, int | None]:
    """Return the run that the choice in ``path`` names, and its epoch.

    The epoch is None where it is the one whose model the run has. Raises InputError where the
    run is not there any more, or is another one.
    """
    chosen = read_choice(path).chosen
    run = load_run(path.parent / chosen.run)
    results = read_results(run.folder)
    if results.run_id != chosen.run_id:
        raise InputError(
            f"{path} names the run {chosen.run_id}, and in {run.folder.path} lies "
            f"{results.run_id}; choose again"
        )
    return run, None if chosen.epoch == results.selection.epoch else chosen.epoch


def model_after(run: Run, epoch: int) -> SavedModel:
    """Return the model with the weights after ``epoch``.

    Raises InputError where they are not kept, or are of another network.
    """
    model = run.model()
    try:
        model.network.load_state_dict(read_weights(run.folder, epoch))
    except RuntimeError as error:
        raise InputError(f"the weights of epoch {epoch} do not fit the model: {error}") from error
    return replace(model, network=model.network.eval())
