"""What a trained model says of new images. Read :func:`predict` first, top to bottom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from dakit.components import DatasetSpec
from dakit.contracts import BuildContext, Domain, Side
from dakit.data.checks import check_domain_parts
from dakit.data.new_inputs import ARRAY_SUFFIXES, InputPart, NewInputs, read_arrays, with_ids
from dakit.data.normalization import Normalization
from dakit.errors import InputError, first_few
from dakit.evaluation.averaging import Averaged, Averaging, stream
from dakit.evaluation.reference import PairReference, load_reference
from dakit.evaluation.temperature import Temperature, fit_temperature
from dakit.reporting.table_files import (
    TableShape,
    check_table_file,
    prediction_columns,
    prediction_rows,
    writing_table,
)
from dakit.runs.choice import chosen_run, model_after
from dakit.runs.epochs import read_epoch
from dakit.runs.model_folder import SavedModel
from dakit.runs.plugin_changes import told_of_plugin_changes
from dakit.runs.records import read_environment
from dakit.runs.results import read_results
from dakit.runs.run import Run, load_run
from dakit.spec.loading import spec_from_dict
from dakit.training.device import resolve_device
from dakit.workflows.arguments import several

__all__ = ["PredictionSummary", "predict"]

BATCH = 256
NO_REFERENCE = (
    "This model has no reference.npz, as those of older runs and of chosen epochs: whether the "
    "images lie far from both domains cannot be checked."
)


@final
@dataclass(frozen=True)
class PredictionSummary:
    """What was predicted, and what its reader must know."""

    path: Path
    images: int
    predicted: Mapping[str, int]
    """How many images of each class."""
    normalization: Side
    """Whose normalisation the images had."""
    origin: str
    """Where the data come from that the model was trained on; ``mock`` for mock data."""
    temperature: Temperature | None
    far: int | None
    """How many images lie far from both domains; None where that is not known."""
    warnings: tuple[str, ...]
    seconds: float
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The ids of the images that could not be used and are not in the table, and why."""


def predict(
    run: str | Path | Run,
    inputs: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    domain: Side = "target",
    symmetries: bool = False,
    dropout_samples: int = 0,
    temperature: bool = False,
    distance: bool = False,
    ids: str | Path | None = None,
    channels_last: bool = False,
    device: str | None = None,
    batch_size: int = BATCH,
    overwrite: bool = False,
    skip_bad: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> PredictionSummary:
    """Predict every row of ``inputs`` with the model of ``run``; write the table ``out``.

    ``run`` may be a ``choice.json`` of :func:`dakit.workflows.choose.choose`, or its folder, too.

    ``inputs`` are .npy files (memory-mapped), .npz files (``inputs`` and perhaps ``ids``), or
    whatever the run's dataset can read, joined in order. They are read and normalised as the
    ``domain`` was, and streamed: what is held does not grow with their number. ``out`` is a
    .csv, .parquet or .fits file, written whole or not at all, with the columns

    * ``id`` and ``predicted``, the name of the most probable class;
    * ``p_<class>``, its probability, for each class, and ``entropy`` of these, in nats;
    * ``distance``, where asked for: from the nearer domain, far above 1; see
      :class:`~dakit.evaluation.reference.DomainReference`;
    * with ``symmetries`` all are means over the eight turns and flips of a square image, and
      ``symmetry_sd_<class>`` is their standard deviation;
    * with ``dropout_samples`` all are means over as many dropout masks, ``dropout_sd_<class>`` is
      their standard deviation and ``mutual_information`` what the mask tells of the class, in nats.

    Arrays are read as the spec of the run says of its own: which array of an .npz the inputs and
    ids are, and ``channels_last``, which need not be said again.

    With ``skip_bad``, or where the spec of the run says ``"bad_files": "skip"``, image files that
    cannot be used are left out of the table and stand in ``left_out``.

    ``temperature`` divides all logits by a number fitted to the run's source validation images.
    ``progress`` is called with how many images are done, and of how many.

    Raises:
        InputError: anything is wrong with the run, the inputs (NaN too: all ids at once) or the
            options.
        RunError: the table cannot be written; then nothing is.
    """
    begun = time.perf_counter()
    run, epoch = _named_run(run)
    out = Path(out)
    check_table_file(out, overwrite=overwrite)
    model = run.model() if epoch is None else model_after(run, epoch)
    reading = BuildContext(seed=0, input_shape=model.input_shape, domain=domain, skip_bad=skip_bad)
    new, left_out = _read(run, _paths(inputs), reading, ids, channels_last)
    fitted = _fitted_temperature(run, model, epoch) if temperature else None
    results = read_results(run.folder)
    how = Averaging(symmetries, dropout_samples, fitted.value if fitted else 1.0, results.seed)
    how.check(model.network, model.input_shape)
    reference = None  # it is of the model of the run, whose features are not those of another epoch
    if epoch is None:
        reference = load_reference(run.folder.model, model.network.backbone.feature_dim)
    if distance and reference is None:
        raise InputError(f"--distance: {NO_REFERENCE}")
    normalization: Normalization = getattr(model.normalization, domain)
    place = resolve_device(device or "auto")
    new.check_types(normalization)
    batches = stream(model.network, normalization, how, new, batch_size=batch_size, device=place)
    tally = _Tally(model.class_names, reference)
    origin = results.data.origin
    about = {"run": results.run_id, "origin": origin, "normalisation": domain}
    names = model.class_names
    columns = prediction_columns(names, new.longest_id, how, with_distance=distance)
    shape = TableShape(columns, len(new), about)
    with model.network.for_domain(domain), writing_table(out, shape) as table:
        for begin, end, averaged in batches:
            far = tally.add(averaged)
            rows = prediction_rows(new.ids(begin, end), averaged, names, far if distance else None)
            table.write(rows)
            progress(end, len(new))
    return PredictionSummary(
        path=out,
        images=len(new),
        predicted=tally.predicted(),
        normalization=domain,
        origin=origin,
        temperature=fitted,
        far=tally.far,
        warnings=tuple(tally.warnings()),
        seconds=time.perf_counter() - begun,
        left_out=left_out,
    )


@final
@dataclass
class _Tally:
    """What is counted while the table is written."""

    class_names: Sequence[str]
    reference: PairReference | None
    images: int = 0
    far: int | None = None
    counts: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = np.zeros(len(self.class_names), np.int64)
        self.far = None if self.reference is None else 0

    def add(self, averaged: Averaged) -> NDArray[np.float64] | None:
        """Count a batch; return how far its images lie from both domains."""
        chosen = averaged.probabilities.argmax(dim=1).numpy()
        self.counts += np.bincount(chosen, minlength=len(self.counts))
        self.images += len(chosen)
        if self.reference is None or self.far is None:
            return None
        distances = self.reference.distance(averaged.features.numpy())
        self.far += int((distances > 1).sum())
        return distances

    def predicted(self) -> dict[str, int]:
        """Return the number of images of each class."""
        return dict(zip(self.class_names, self.counts.tolist(), strict=True))

    def warnings(self) -> Iterator[str]:
        """Yield what the reader must know of images that are like neither domain."""
        if self.reference is None or self.far is None:
            yield NO_REFERENCE
        elif self.reference.are_far(self.far, self.images):
            yield (
                f"WARNING: {self.far} of {self.images} images ({self.far / self.images:.0%}) lie "
                "far from both domains the model was trained on (about 1% would by chance): other "
                "units, another normalisation (--as) or other objects? Do not trust these "
                "predictions without labels to test them."
            )


def _paths(inputs: str | Path | Sequence[str | Path]) -> list[Path]:
    given = several(inputs, (str, Path), "inputs", "files or folders")
    if not given:
        raise InputError("no inputs to predict on")
    return [Path(path) for path in given]


def _read(
    run: Run,
    paths: Sequence[Path],
    context: BuildContext,
    ids: str | Path | None,
    channels_last: bool,
) -> tuple[NewInputs, dict[str, str]]:
    """Return the inputs, and the ids of those that were left out with the reasons."""
    arrays = [path for path in paths if path.suffix.lower() in ARRAY_SUFFIXES and not path.is_dir()]
    if arrays and len(arrays) < len(paths):
        raise InputError("give either arrays (.npy, .npz) or other inputs, not both at once")
    if arrays and context.skip_bad:
        raise InputError(
            f"--skip-bad (skip_bad) is for image files; {arrays[0]} is an array: take its broken "
            "rows out yourself"
        )
    left_out: dict[str, str] = {}
    if arrays:
        parts = _arrays(run, paths, context, channels_last)
    else:
        domain = _by_dataset(run, paths, context)
        parts = [InputPart(_named(paths), domain.inputs, domain.ids)]
        left_out = dict(domain.left_out)
    if ids is not None and left_out:
        raise InputError(
            f"--ids: {len(left_out)} image(s) were left out ({first_few(left_out)}), so the ids "
            f"in {ids} cannot be matched; mend or remove these images, or give the ids in a "
            "catalogue"
        )
    if ids is not None:
        parts = with_ids(parts, Path(ids))
    return NewInputs(parts, context.input_shape), left_out


def _arrays(
    run: Run, paths: Sequence[Path], context: BuildContext, channels_last: bool
) -> list[InputPart]:
    """Read arrays as the spec of the run says that its own are: their names in an .npz, the axes.

    It is the stored spec that is asked, since arrays are read where the dataset's plugin is not.
    """
    data = run.resolved["data"]
    own = data.get(context.domain)
    side = own if isinstance(own, dict) else {}
    keys = {what: side.get(f"{what}_key") for what in ("inputs", "ids")}
    known = {what: key for what, key in keys.items() if isinstance(key, str)}
    parts = read_arrays(paths, channels_last=channels_last, keys=known)
    if channels_last or not data.get("channels_last"):
        return parts
    turned = (*context.input_shape[1:], context.input_shape[0])
    return [part.channels_first() if part.inputs.shape[1:] == turned else part for part in parts]


def _by_dataset(run: Run, paths: Sequence[Path], context: BuildContext) -> Domain:
    """Let the dataset of the run read what is no array."""
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise InputError(f"no such file or folder: {', '.join(missing)}")
    spec = dataset_of(run)
    read = spec.read_inputs(paths, context)
    if read is None:
        raise InputError(
            f"{_named(paths)}: the dataset '{spec.name}' of this run cannot read new inputs; "
            "give arrays (.npy or .npz)"
        )
    return check_domain_parts(read, spec, "read_inputs")


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))


def dataset_of(run: Run) -> DatasetSpec:
    """Return the dataset of the stored spec.

    Raises:
        InputError: its plugin is not there.
    """
    resolved = run.resolved
    kept = {key: resolved[key] for key in ("schema_version", "name", "data", "model")}
    with told_of_plugin_changes(read_environment(run.folder)):
        return spec_from_dict({**kept, "objective": {}}).spec.data


def _named_run(run: str | Path | Run) -> tuple[Run, int | None]:
    """Return the run, and the epoch of a choice where it is not the one that the run kept."""
    if isinstance(run, str | Path):
        inside = Path(run) / "choice.json"
        file = inside if inside.is_file() else Path(run)
        if file.is_file():
            return chosen_run(file)
    return run if isinstance(run, Run) else load_run(run), None


def _fitted_temperature(run: Run, model: SavedModel, epoch: int | None) -> Temperature:
    """Fit it to the source validation rows of ``predictions.csv``, or of a kept epoch."""
    if epoch is not None:
        view = read_epoch(run.folder, epoch)
        p = view.source_logits.double().softmax(dim=1).numpy()
        return fit_temperature(p, view.source_labels.numpy())
    rows = [
        row
        for row in run.predictions
        if row["domain"] == "source" and row["split"] == "validation" and row["label"]
    ]
    names = list(model.class_names)
    probabilities = [[float(row[f"p_{name}"]) for name in names] for row in rows]
    labels = [names.index(row["label"]) for row in rows]
    return fit_temperature(
        np.array(probabilities).reshape(-1, len(names)), np.array(labels, np.int64)
    )
