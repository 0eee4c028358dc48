"""The story of one run, from spec to results. Read :func:`run` first, top to bottom."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, final

import torch

from dakit.contracts import BuildContext, DomainPair, TrackedRun
from dakit.data.batches import reader_of
from dakit.data.checks import check_parts
from dakit.data.given_split import with_given_split
from dakit.data.prepare import PreparedData, SetAside, fingerprint, prepare, without_target_labels
from dakit.data.splits import load_split, save_split
from dakit.errors import InputError
from dakit.evaluation.evaluate import Evaluation, evaluate
from dakit.evaluation.further import measures
from dakit.evaluation.reference import make_reference, save_reference
from dakit.files.lock import locked
from dakit.files.writing import make_folder, write_json, write_text
from dakit.plugins.faults import built, faults_told
from dakit.runs.epochs import epochs_kept, weights_kept
from dakit.runs.failures import begun_with, failure_marked, failure_recorded
from dakit.runs.finding import failure_reason
from dakit.runs.folder import RunFolder, create, run_folder
from dakit.runs.model_folder import check_savable, save_model
from dakit.runs.model_predictor import PredictorOrigin
from dakit.runs.plugin_changes import changed_since
from dakit.runs.plugin_changes import other_versions as made_with_others
from dakit.runs.provenance import environment
from dakit.runs.records import read_environment, read_history
from dakit.runs.results import (
    DataPart,
    EvaluationPart,
    Results,
    SelectionPart,
    TrainingPart,
    read_results,
)
from dakit.runs.run import Run, load_run
from dakit.spec.identity import run_id
from dakit.spec.loading import LoadedSpec, load_spec, spec_from_dict
from dakit.spec.run import RunSpec
from dakit.training.adaptation import adaptation_of
from dakit.training.batch_norm import adapt_statistics
from dakit.training.device import resolve_device
from dakit.training.keeping import told_of_keeping
from dakit.training.memory import MemoryBound, copies
from dakit.training.needs import check_needs
from dakit.training.objective import Objective, build_objective, context_for
from dakit.training.progress_bar import default_reporter
from dakit.training.reporter import Reporter
from dakit.training.scale import input_scale
from dakit.training.selection import Selection
from dakit.training.start import load_start
from dakit.training.trackers import Trackers
from dakit.training.trainer import train
from dakit.workflows.arguments import several

__all__ = ["Plan", "Run", "load_run", "make_plan", "run", "run_plan"]

OVERRIDES = "texts KEY=VALUE, such as training.epochs=5"


@final
@dataclass(frozen=True)
class Plan:
    """All that is settled before the first step: what ``--dry-run`` shows."""

    loaded: LoadedSpec
    data: PreparedData
    objective: Objective
    folder: RunFolder
    run_id: str
    start: Run | None
    """The run this one starts from; None too where a dry run has not trained it."""
    device: torch.device
    target_labels: SetAside | None = None
    """Where those of the target are, which ``data`` lacks until the training has ended."""
    to_train_first: Plan | None = None
    """The plan of the run this one starts from, where it has not been trained."""

    def labelled(self) -> Plan:
        """Return the plan with the labels of the target back in its data."""
        if self.target_labels is None:
            return self
        return replace(self, data=self.target_labels.back_in(self.data), target_labels=None)

    @property
    def keeps(self) -> str | None:
        """What the run keeps of its epochs, and how large it is at most."""
        return told_of_keeping(self.loaded.spec, self.data, self.objective.model)

    @property
    def to_train(self) -> tuple[Plan, ...]:
        """This plan, behind those of the runs that are trained before it."""
        return (*(self.to_train_first.to_train if self.to_train_first else ()), self)

    def __str__(self) -> str:
        """Return the plan in one line: what will be trained on what, how long, and where."""
        spec, split = self.loaded.spec, self.data.split
        keeps = f", keeping {self.keeps}" if self.keeps else ""
        return (
            f"{spec.name} (seed {spec.seed}): epochs {spec.training.epochs}, training images "
            f"{len(split.source.train):,} source, {len(split.target.train):,} target, "
            f"in {self.folder.path}{keeps}"
        )


def run(
    spec: str | Path | Mapping[str, Any] | LoadedSpec,
    *,
    out: str | Path = "runs",
    overrides: Sequence[str] = (),
    resume: bool = False,
    other_versions: bool = False,
    device: str | None = None,
    reporter: Reporter | None = None,
) -> Run:
    """Train and evaluate what ``spec`` describes; return the finished run.

    ``spec`` is a file, a mapping with the same keys, or a spec loaded before. A run that is
    already finished in ``out`` is not repeated; one that was interrupted goes on with ``resume``.
    Where dakit or a plugin it uses has another version than the epochs before, that is refused
    but for ``other_versions``; ``metrics.jsonl`` has the versions of every epoch.

    Raises:
        InputError: something is wrong with the spec or the data.
        RunError: the run itself fails.
    """
    reporter = reporter or default_reporter()
    with faults_told():
        plan = make_plan(
            spec,
            out=out,
            overrides=overrides,
            device=device,
            reporter=reporter,
            other_versions=other_versions,
        )
        return run_plan(plan, resume=resume, other_versions=other_versions, reporter=reporter)


def run_plan(
    plan: Plan, *, resume: bool = False, other_versions: bool = False, reporter: Reporter
) -> Run:
    """Train and evaluate what ``plan`` holds; see :func:`run`."""
    folder = plan.folder
    begun = folder.path.exists()
    if begun and folder.state == "finished":
        reporter.note(_already_finished(plan))
        return Run(folder)
    make_folder(folder.path)

    def waiting(who: str) -> None:
        if begun and not resume:
            raise InputError(
                f"{who} is at work on the run in {folder.path}: leave it, or wait for it with "
                "--resume (resume=True)"
            )
        reporter.note(f"waiting for {who}, which is at work in {folder.path}")

    with locked(folder.lock, waiting, reporter.note):
        if folder.state != "finished":  # by the process that was waited for
            if begun and not resume:
                raise InputError(_how_to_go_on(folder))
            if not other_versions:
                _check_versions(plan)
            _carry_out(plan, resume, reporter)
    return Run(folder)


def _check_versions(plan: Plan) -> None:
    """Raise InputError where the epochs trained so far are of other versions than these."""
    changed = changed_since(read_history(plan.folder), plan.loaded.spec)
    if changed:
        raise InputError(
            f"the run in {plan.folder.path} was trained so far with {changed}: go on with these "
            "versions, say --other-versions (other_versions=True) to mix them, which its report "
            "tells, or remove the folder to start over"
        )


def _already_finished(plan: Plan) -> str:
    versions = made_with_others(read_environment(plan.folder), plan.loaded.resolved)
    kept = {None: True, "outputs": epochs_kept(plan.folder), "weights": weights_kept(plan.folder)}
    lacks = "" if kept[plan.loaded.spec.training.keep] else "without keeping what is asked for now"
    why = ", ".join(part for part in (versions, lacks) if part)
    again = f" {why}; to do it again remove that folder or choose another --out"
    return f"already finished: {plan.folder.path}{again if why else ''}"


def _carry_out(plan: Plan, resume: bool, reporter: Reporter) -> None:
    reporter.note(str(plan))
    with failure_recorded(plan.folder):
        _open_folder(plan)
        trackers, results = _trackers(plan, reporter), None
        try:
            selection = train(
                plan.loaded.spec,
                plan.data,
                plan.objective,
                plan.folder,
                device=plan.device,
                resume=resume,
                reporter=reporter,
                trackers=trackers,
            )
            if plan.loaded.spec.training.batch_norm == "adabn":
                _adapt_statistics(plan)
            results = _save(plan.labelled(), selection).document
        finally:
            trackers.end(results)


def _adapt_statistics(plan: Plan) -> None:
    spec, data = plan.loaded.spec, plan.data
    adapt_statistics(
        plan.objective.model,
        reader_of(data, "target", plan.device),
        data.split.target.train,
        batch_size=spec.training.batch_size,
        seed=spec.seed,
    )


def _trackers(plan: Plan, reporter: Reporter) -> Trackers:
    loaded, path, own = plan.loaded, plan.folder.path.resolve(), plan.folder.trackers.resolve()
    run = TrackedRun(loaded.spec.name, plan.run_id, path, own, loaded.resolved)
    context = BuildContext(seed=loaded.spec.seed, base_dir=loaded.base_dir)
    return Trackers(loaded.spec.trackers, run, context, reporter.note)


def make_plan(
    spec: str | Path | Mapping[str, Any] | LoadedSpec,
    *,
    out: str | Path = "runs",
    overrides: Sequence[str] = (),
    device: str | None = None,
    reporter: Reporter,
    dry: bool = False,
    pair: DomainPair | None = None,
    other_versions: bool = False,
    trained: bool = False,
) -> Plan:
    """Load the spec, read the data and build the network: everything up to the first step.

    A run that this one starts from is found in ``out`` or, if it is not there, run first; a
    ``dry`` plan trains nothing, goes on without its weights and keeps the labels of the target.
    ``pair`` are the data of the spec, where they have been read before; what the terms of a run
    that is ``trained`` need is not asked again.
    """
    loaded = load(spec, overrides)
    chosen_device = resolve_device(device or loaded.spec.training.device)
    first = None
    if loaded.start is not None:
        reporter.note(f"{loaded.spec.name} starts from the weights of {loaded.start.spec.name}")
        alike: dict[str, Any] = {"out": out, "device": device, "other_versions": other_versions}
        first = make_plan(loaded.start, reporter=reporter, dry=dry, **alike)
    start = _starting_run(loaded, first, reporter, dry, other_versions)
    start_id = read_results(start.folder).run_id if start else first.run_id if first else ""
    init = loaded.spec.init_from
    inherits = start is not None and init is not None and init.normalization == "inherit"
    with failure_marked(() if dry else begun_with(Path(out), loaded.resolved)):
        pair = pair or build_data(loaded)
    known_as = fingerprint(pair)
    identity = run_id(loaded.resolved, known_as, start_id)
    folder = run_folder(Path(out), loaded.spec.name, identity)
    with failure_marked(() if dry else (folder,)):
        data = prepare(
            pair,
            loaded.spec.data,
            loaded.spec.seed,
            # an interrupted run goes on with the split it stored, whatever would be drawn today
            split=load_split(folder.split) if folder.split.exists() else None,
            normalization=start.model().normalization if start and inherits else None,
            known_as=known_as,
            whole=loaded.spec.model.backbone.takes_whole_numbers,
        )
        aside = None
        if not (dry or _sees_target_labels(loaded.spec)):
            aside, data, pair = SetAside(pair.target), without_target_labels(data), None
            gc.collect()
        measures(loaded.spec.evaluation.metrics, loaded.spec.seed, data.pair.num_classes)
        with MemoryBound(chosen_device, copies(loaded.spec, chosen_device)):
            objective = _build_objective(loaded, data, start, check=not trained)
    to_train = None if start else first
    return Plan(loaded, data, objective, folder, identity, start, chosen_device, aside, to_train)


def load(
    spec: str | Path | Mapping[str, Any] | LoadedSpec, overrides: Sequence[str] = ()
) -> LoadedSpec:
    """Return the spec in a file or a mapping, changed by ``overrides``.

    Raises:
        InputError: it is no valid spec.
    """
    overrides = several(overrides, (str,), "overrides", OVERRIDES)
    if isinstance(spec, LoadedSpec):
        return spec
    if isinstance(spec, Mapping):
        return spec_from_dict(spec, overrides, start=True)
    if not isinstance(spec, str | Path):
        raise InputError(f"the spec must be a file or a mapping, not {spec!r}")
    return load_spec(Path(spec), overrides)


def _starting_run(
    loaded: LoadedSpec, plan: Plan | None, reporter: Reporter, dry: bool, other_versions: bool
) -> Run | None:
    """Return the run to start from; None without one, or where a dry run has not trained it."""
    init = loaded.spec.init_from
    if init is not None and init.run is not None:
        return load_run(loaded.base_dir / init.run)
    if plan is None:
        return None
    if dry:
        return Run(plan.folder) if plan.folder.state == "finished" else None
    return run_plan(plan, resume=True, other_versions=other_versions, reporter=reporter)


def build_data(loaded: LoadedSpec) -> DomainPair:
    """Return the two domains of a spec, as its dataset makes them.

    Raises:
        InputError: the data cannot be read.
        RunError: they are no two domains.
    """
    context = BuildContext(seed=loaded.spec.seed, base_dir=loaded.base_dir)
    pair = built(loaded.spec.data, context, DomainPair)
    check_parts(pair, loaded.spec.data)
    return with_given_split(pair, loaded.spec.data.split, loaded.spec.seed, loaded.base_dir)


def _sees_target_labels(spec: RunSpec) -> bool:
    """Return whether a validator of the run reads them, as it then says; see Selection."""
    return any(v.uses_target_labels for v in (spec.training.selection, *spec.training.monitor))


def _build_objective(
    loaded: LoadedSpec, data: PreparedData, start: Run | None, *, check: bool
) -> Objective:
    spec = loaded.spec
    objective = build_objective(spec, context_for(data, spec.seed, loaded.base_dir))
    if check:
        check_needs(objective, data, spec)
    check_savable(objective.model)
    if start is not None and spec.init_from is not None:
        model, classes = start.model(), data.pair.class_names
        if not len(data.pair.source) and tuple(model.class_names) != classes:
            raise InputError(
                f"without a source the classes are those of the run to start from, in its order: "
                f"{', '.join(model.class_names)}; the data name {', '.join(classes)}"
            )
        load_start(objective.network, model.network.state_dict(), spec.init_from.parts)
    return objective


def _how_to_go_on(folder: RunFolder) -> str:
    what = "was interrupted"
    if folder.state == "failed":
        what = f"failed ({failure_reason(folder) or 'for an unknown reason'})"
    return (
        f"the run in {folder.path} {what}: go on with --resume (resume=True), "
        "or remove the folder to start over"
    )


def _open_folder(plan: Plan) -> None:
    folder = create(plan.folder.path.parent, plan.loaded.spec.name, plan.run_id)
    write_text(folder.spec, plan.loaded.given)
    write_json(folder.resolved, plan.loaded.resolved)
    facts = {"run_id": plan.run_id, **environment(plan.data.pair.provenance, plan.device)}
    if plan.start is not None:
        facts["starts_from"] = os.path.relpath(plan.start.folder.path, folder.path.parent)
    write_json(folder.environment, facts)
    save_split(folder.split, plan.data.split)


def _save(plan: Plan, selection: Selection) -> Results:
    spec, folder, model = plan.loaded.spec, plan.folder, plan.objective.model
    save_model(
        folder.model,
        model,
        spec.model,
        plan.data.pair.source.input_shape,
        plan.data.pair.class_names,
        plan.data.normalization,
        _predictor_origin(plan),
    )
    evaluation = evaluate(spec, plan.data, model, plan.device)
    sha256 = evaluation.write_predictions(folder.predictions)
    reference = make_reference(
        model,
        plan.data,
        seed=spec.seed,
        batch_size=spec.evaluation.batch_size,
        device=plan.device,
    )
    save_reference(folder.model, reference)
    results = _results(plan, selection, evaluation, sha256)
    write_json(folder.results, results.document)
    return results


def _predictor_origin(plan: Plan) -> PredictorOrigin | None:
    """Return what the predictor of a term, where one has it, is built from again."""
    name = next(iter(plan.objective.predictors), None)
    if name is None:
        return None
    context = context_for(plan.data, plan.loaded.spec.seed, plan.loaded.base_dir)
    return PredictorOrigin(plan.objective.specs[name], context)


def _results(plan: Plan, selection: Selection, evaluation: Evaluation, sha256: str) -> Results:
    spec, data = plan.loaded.spec, plan.data
    shares = plan.objective.estimated_shares
    leakage = {**data.leakage.to_dict(), "lines": data.leakage.lines()}
    return Results(
        run_id=plan.run_id,
        name=spec.name,
        seed=spec.seed,
        data=DataPart.of(data.pair, data.fingerprint, leakage=leakage),
        selection=SelectionPart(
            validator=selection.validator,
            epoch=selection.epoch,
            score=selection.score,
            used_target_labels=selection.used_target_labels,
        ),
        training=TrainingPart(
            epochs=spec.training.epochs,
            epochs_run=selection.epochs_run,
            stopped_early=selection.stopped_early,
            parameters=plan.objective.sizes(),
        ),
        adaptation=adaptation_of(plan.objective),
        inputs=input_scale(data),
        evaluation=EvaluationPart.of(spec.evaluation, data.pair),
        metrics=evaluation.metrics,
        **({"estimated_shares": shares} if shares else {}),
        predictions_sha256=sha256,
    )
