"""The candidates: the kept epochs of runs on the same rows, each with its scores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.components import ValidatorSpec
from dakit.contracts import SIDES, BuildContext, ValidationView
from dakit.data.splits import load_split
from dakit.errors import DakitError, InputError
from dakit.plugins import catalog
from dakit.runs.epochs import epochs_kept, read_epoch, weights_kept
from dakit.runs.folder import RunFolder
from dakit.runs.model_folder import input_shape_of
from dakit.runs.records import read_history, read_resolved
from dakit.runs.results import Results, read_results
from dakit.selecting.scoring import Scorers


@final
@dataclass(frozen=True)
class KeptRun:
    """A finished run that kept its epochs."""

    folder: RunFolder
    adapts: bool
    """Whether a term or BatchNorm sees the target."""

    @cached_property
    def results(self) -> Results:
        """What ``results.json`` holds."""
        return read_results(self.folder)

    @cached_property
    def epochs(self) -> tuple[int, ...]:
        """The epochs whose outputs are kept."""
        return tuple(epochs_kept(self.folder))

    @cached_property
    def usable(self) -> frozenset[int]:
        """The epochs whose weights are there: all that were kept, and the one of the model.

        The latter not where target labels chose it.
        """
        selection = self.results.selection
        of_model = () if selection.used_target_labels else (selection.epoch,)
        return frozenset({*weights_kept(self.folder), *of_model} & set(self.epochs))

    @cached_property
    def logged(self) -> dict[str, dict[int, float]]:
        """The scores of its log by name and epoch, of validators at their defaults alone."""
        training = read_resolved(self.folder).training
        named = [each for each in (training.selection, *training.monitor) if each is not None]
        rows, found = read_history(self.folder, self.results.epochs_run), {}
        for validator, spec in validators().items():
            as_it_was = [v.model_dump() for v in named if v.name == validator]
            if as_it_was == [spec.model_dump(mode="json")]:
                scores = {row.epoch: row.scores.get(validator) for row in rows}
                found[validator] = {e: score for e, score in scores.items() if score is not None}
        return found


@final
@dataclass(frozen=True)
class Candidate:
    """An epoch of a run."""

    run: KeptRun
    epoch: int
    scores: Mapping[str, float]
    """By validator, the better the higher."""
    probabilities: NDArray[np.float64]
    """Of the target's validation rows ``(M, C)``."""

    @property
    def usable(self) -> bool:
        """Whether its weights are there."""
        return self.epoch in self.run.usable


@final
@dataclass(frozen=True)
class Candidates:
    """All kept epochs of the runs."""

    all: tuple[Candidate, ...]
    scores: tuple[str, ...]
    """The validators that scored every one of them."""
    left_out: Mapping[str, str]
    """Validators that did not, and why."""

    def table(self) -> NDArray[np.float64]:
        """Return every score of every candidate, ``(K, S)``."""
        rows = [[candidate.scores[name] for name in self.scores] for candidate in self.all]
        return np.array(rows, np.float64).reshape(len(self.all), len(self.scores))


def validators() -> dict[str, ValidatorSpec]:
    """Return every validator on offer that needs neither settings nor target labels."""
    found: dict[str, ValidatorSpec] = {}
    for component in catalog.current().components("validator"):
        spec_class = component.spec_class
        assert issubclass(spec_class, ValidatorSpec)  # of this kind
        required = any(field.is_required() for field in spec_class.model_fields.values())
        if not (required or spec_class.uses_target_labels):
            found[component.name] = spec_class.model_validate({})
    return found


def check_comparable(runs: Sequence[KeptRun]) -> None:
    """Raise InputError where runs keep nothing, or are not of the same data and rows."""
    silent = [str(run.folder.path) for run in runs if not run.epochs]
    if silent:
        raise InputError(
            f"{', '.join(silent)}: nothing is kept of the epochs; run the spec again with "
            "--set training.keep=outputs (or weights) and another --out"
        )
    first = runs[0]
    for run in runs[1:]:
        one, other = run.folder.path, first.folder.path
        if run.results.data.fingerprint != first.results.data.fingerprint:
            raise InputError(f"{one} and {other} are of different data; choose among runs of one")
        splits = [load_split(each.folder.split) for each in (run, first)]
        for side in SIDES:
            rows = [getattr(split, side).validation for split in splits]
            if not np.array_equal(*rows):
                raise InputError(
                    f"{one} and {other} have other {side} rows for validation, so their scores "
                    "cannot be compared; give runs of several seeds one split: data.split.seed"
                )


def candidates_of(
    runs: Sequence[KeptRun], progress: Callable[[int, int], None] = lambda done, total: None
) -> Candidates:
    """Score every kept epoch of ``runs`` by every validator that can be asked of it.

    A validator that needs what is not kept has the scores of the log, where every run logged it.
    Raises InputError where what is kept is damaged.
    """
    failed: dict[str, str] = {}
    specs, found, total = validators(), [], sum(len(run.epochs) for run in runs)
    for run in runs:
        for candidate in _of_run(run, specs, failed):
            found.append(candidate)
            progress(len(found), total)
    common = [n for n in specs if n not in failed and all(n in each.scores for each in found)]
    absent = {
        name: f"it needs {' and '.join(sorted(specs[name].needs))}, which not every run has kept "
        "or logged: name it in training.monitor of every run"
        for name in specs
        if name not in common and name not in failed
    }
    return Candidates(tuple(found), tuple(common), {**failed, **absent})


def _of_run(
    run: KeptRun, specs: Mapping[str, ValidatorSpec], failed: dict[str, str]
) -> Iterator[Candidate]:
    scorers: Scorers | None = None
    for epoch in run.epochs:
        view = read_epoch(run.folder, epoch)
        scorers = scorers or _scorers(run, specs, view)
        scores = {name: of[epoch] for name, of in run.logged.items() if epoch in of}
        for name, spec in specs.items():
            if spec.uses_source and not len(view.source_labels):
                failed[name] = "it needs the source, and the data have none"
            if name not in failed and _can_give(view, spec.needs):
                try:
                    scores[name] = scorers.score(name, view)
                except DakitError as error:
                    failed[name] = str(error)
        probabilities = view.target_logits.double().softmax(dim=1).numpy()
        yield Candidate(run, epoch, scores, probabilities)


def _scorers(run: KeptRun, specs: Mapping[str, ValidatorSpec], view: ValidationView) -> Scorers:
    """Return the validators as a training of ``run`` would build them."""
    context = BuildContext(
        seed=run.results.seed,
        input_shape=input_shape_of(run.folder.model),
        feature_dim=view.source_features.shape[1],
        num_classes=view.source_logits.shape[1],
    )
    return Scorers(specs, context)


def _can_give(view: ValidationView, needs: frozenset[str]) -> bool:
    kept = view.source_train_features is not None and view.target_train_features is not None
    return needs <= ({"train_features"} if kept else frozenset())
