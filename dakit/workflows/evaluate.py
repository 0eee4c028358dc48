"""How a finished model does on other labelled data. Read :func:`score` first, top to bottom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import ValidationError

from dakit.contracts import SIDES, Domain, DomainPair, Side
from dakit.contracts.naming import ALONE
from dakit.data.batches import Reader
from dakit.data.checks import check_domain
from dakit.data.normalization import Normalization
from dakit.data.prepare import fingerprint
from dakit.data.splits import draw_split, load_split
from dakit.errors import InputError
from dakit.evaluation.evaluate import measured
from dakit.evaluation.further import measures
from dakit.evaluation.predict import probabilities_of
from dakit.runs.model_folder import SavedModel
from dakit.runs.results import DataPart, EvaluationPart, MetricSet, Origin, Score, read_results
from dakit.runs.run import Run, load_run
from dakit.spec.loading import LoadedSpec, load_data_of, spec_from_dict
from dakit.spec.training import EvaluationSpec
from dakit.training.device import resolve_device
from dakit.workflows.train import build_data

__all__ = ["score"]


def score(
    run: str | Path | Run,
    data: str | Path,
    *,
    part: Literal["all", "test"] = "all",
    domain: Side | None = None,
    normalize_as: Side | None = None,
    device: str | None = None,
) -> dict[str, Any]:
    """Measure the model of ``run`` on the labelled ``data``; return what was found.

    ``data`` is a run spec, of which only its data count, or a JSON file with a data object alone.
    Both domains of them are scored where they have labels, or the one ``domain``; each is
    normalised with the statistics the run keeps of its own domain of that name, or of the one
    ``normalize_as``. With ``part`` test only the test rows count: those the run stored where the
    data are its own, else those that the data's spec draws.

    The result is laid out as ``results.json``: ``metrics`` by name (``target_all``), ``data``,
    ``evaluation``; and ``cautions`` where rows of the data were trained on.

    Raises:
        InputError: the spec, the class names or the shapes do not fit, or nothing is labelled.
    """
    run = run if isinstance(run, Run) else load_run(run)
    model, results = run.model(), read_results(run.folder)
    loaded = _load(run, Path(data))
    pair = build_data(loaded)
    sides = _sides(pair, domain, model)
    in_order = _places_in_model(pair.class_names, model)
    found = fingerprint(pair)
    own = found == results.data.fingerprint
    evaluation = _evaluation(run)
    place = resolve_device(device or "auto")
    trained = TrainedRows.of(run.predictions)
    metrics: dict[str, MetricSet | None] = {}
    cautions: list[str] = []
    for side in sides:
        rows = _rows(run, loaded, pair, side, part, own=own)
        measured = _measure(
            model,
            _reordered(getattr(pair, side), in_order),
            rows,
            normalize_as or side,
            evaluation,
            place,
            seed=results.seed,
            counts=results.source_counts,
        )
        metrics[f"{side}_{part}"] = measured
        cautions += list(trained.cautions(pair, side, rows, own=own))
    return Score(
        run_id=results.run_id,
        name=results.name,
        trained_on=Origin(origin=results.data.origin, description=results.data.description),
        selection=results.selection,
        data=DataPart.of(pair, found, class_names=list(model.class_names)),
        part=part,
        normalized_as={side: normalize_as or side for side in sides},
        evaluation=EvaluationPart.of(evaluation, pair),
        metrics=metrics,
        cautions=cautions,
    ).document


def _evaluation(run: Run) -> EvaluationSpec:
    try:
        return EvaluationSpec.model_validate(run.resolved["evaluation"])
    except ValidationError as error:
        raise InputError(f"{run.folder.resolved}: evaluation: {error}") from error


def _load(run: Run, path: Path) -> LoadedSpec:
    given, resolved = _data_object(path), run.resolved
    if given is None:
        return load_data_of(path, resolved["model"])
    spec = {
        "schema_version": 1,
        "name": "data",
        "seed": resolved["seed"],
        "data": given,
        "model": resolved["model"],
        "objective": {},
    }
    try:
        return spec_from_dict(spec, base_dir=path.resolve().parent)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _data_object(path: Path) -> dict[str, Any] | None:
    """Return the data object that stands alone in ``path``; None where it is a spec, or broken."""
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return None  # whoever reads it as a spec says what is wrong, and where
    alone = isinstance(found, dict) and "name" in found
    return found if alone and not {"data", "extends", "schema_version"} & set(found) else None


def _sides(pair: DomainPair, domain: Side | None, model: SavedModel) -> list[Side]:
    """Return the domains to score, checked. Raises InputError where they do not fit the model."""
    asked: list[Side] = [domain] if domain else list(SIDES)
    known = (side for side in asked if len(getattr(pair, side)))
    sides: list[Side] = [side for side in known if getattr(pair, side).labels is not None]
    if not sides:
        raise InputError(f"the {' and the '.join(asked)} of these data have no labels to score on")
    for side in sides:
        of_side: Domain = getattr(pair, side)
        check_domain(of_side, pair.class_names)
        if of_side.input_shape != model.input_shape:
            raise InputError(
                f"{of_side.name}: inputs {of_side.input_shape} do not fit the model's "
                f"{model.input_shape}"
            )
    return sides


def _places_in_model(class_names: Sequence[str], model: SavedModel) -> NDArray[np.int64]:
    """Return the model's index of each class of the data. Raises InputError where it has none."""
    if not set(class_names) <= set(model.class_names):
        raise InputError(
            f"the classes of the data are {', '.join(class_names)}; "
            f"the model knows {', '.join(model.class_names)}"
        )
    return np.array([model.class_names.index(name) for name in class_names], np.int64)


def _reordered(domain: Domain, places: NDArray[np.int64]) -> Domain:
    assert domain.labels is not None  # unlabelled domains are not scored
    return replace(domain, labels=places[domain.labels])


def _rows(
    run: Run, loaded: LoadedSpec, pair: DomainPair, side: Side, part: str, *, own: bool
) -> NDArray[np.int64]:
    if part == "all":
        return np.arange(len(getattr(pair, side)))
    if own:
        split = load_split(run.folder.split)
    else:
        split = pair.split or draw_split(pair, loaded.spec.data.split, loaded.spec.seed)
    rows: NDArray[np.int64] = getattr(split, side).test
    return rows


def _measure(
    model: SavedModel,
    domain: Domain,
    rows: NDArray[np.int64],
    normalize_as: Side,
    spec: EvaluationSpec,
    device: torch.device,
    *,
    seed: int,
    counts: Sequence[int],
) -> MetricSet:
    normalization: Normalization = getattr(model.normalization, normalize_as)
    normalization.check_type(domain.inputs.dtype, domain.name)
    probabilities = probabilities_of(
        model.network.to(device),
        Reader(domain, normalization, device),
        rows,
        role=normalize_as,
        batch_size=spec.batch_size,
    )
    asked = measures(spec.metrics, seed, len(model.class_names), counts)
    return measured(domain, rows, probabilities, spec, seed, asked)


@final
@dataclass(frozen=True)
class TrainedRows:
    """Ids and groups, as text, of the rows a run learned from or chose its epoch by."""

    ids: Mapping[Side, frozenset[str]]
    groups: Mapping[Side, frozenset[str]]

    @classmethod
    def of(cls, predictions: Iterable[Mapping[str, str]]) -> TrainedRows:
        """Take them from the rows of ``predictions.csv``."""
        used = [row for row in predictions if row["split"] in ("train", "validation")]
        ids, groups = (
            {side: frozenset(r[key] for r in used if r["domain"] == side) for side in SIDES}
            for key in ("id", "group")
        )
        known = {
            s: {n for n in names if n and not n.startswith(ALONE)} for s, names in groups.items()
        }
        return cls(ids, {side: frozenset(names) for side, names in known.items()})

    def cautions(
        self, pair: DomainPair, side: Side, rows: NDArray[np.int64], *, own: bool
    ) -> Iterator[str]:
        """Yield what must be said of ``rows`` of a domain that the run has, or may have, seen.

        Of the run's own data a name means the same thing. In other data it may be chance: row
        numbers as ids say nothing there.
        """
        domain: Domain = getattr(pair, side)
        known = _texts(domain.ids[rows], self._names(self.ids, side, own))
        numbered = not own and np.array_equal(domain.ids, np.arange(len(domain)))
        if numbered:
            known[:] = False
        if domain.groups is not None:
            names = self._names(self.groups, side, own and not pair.shared_groups)
            known |= _texts(domain.groups[rows], names)
        seen, of = int(known.sum()), len(rows)
        if seen and own:
            yield (
                f"LEAKAGE: {seen} of the {of} {side} images, or others of the same objects, were "
                "used in the training of this run; score its test rows alone with --part test"
            )
        elif seen:
            yield (
                f"CAUTION: {seen} of the {of} {side} images have an id or a group that training "
                "images of this run had: if names mean the same here and there, this is leakage"
            )
        elif numbered:
            yield (
                f"CAUTION: the ids of the {side} are row numbers: whether its images were among "
                "the run's training images cannot be told"
            )

    @staticmethod
    def _names(names: Mapping[Side, frozenset[str]], side: Side, same_side: bool) -> frozenset[str]:
        return names[side] if same_side else names["source"] | names["target"]


def _texts(values: NDArray[Any], names: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([str(value) in names for value in values.tolist()], np.bool_)
