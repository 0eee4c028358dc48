"""The JSON files of a run, each read back in one place with the shape that its readers rely on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from dakit.errors import SURROGATE, InputError, printable
from dakit.files.writing import read_json, read_json_lines
from dakit.runs.folder import RunFolder
from dakit.spec.run import Seed
from dakit.spec.training import Bins, Epochs, Images, Level, Resamples

WAY_OUT = (
    "Restore the file from a copy, or run the spec again with another --out: `dakit run` does "
    "not repeat a finished run"
)
TOLD = 4
"""So many faults of a file are enough."""

Numbers = dict[str, float | None]
Count = Annotated[int, Field(ge=0, lt=2**53)]
"""What every reader of JSON holds exactly."""


class Shape(BaseModel):
    """What must be in a JSON object, and of which type; more may be."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class Document(Shape):
    """A whole file, or a row of one."""

    _read: dict[str, Any] | None = PrivateAttr(None)

    @property
    def document(self) -> dict[str, Any]:
        """What was read, with all that dakit does not know; else what is to be written."""
        return self.model_dump(exclude_unset=True) if self._read is None else self._read


DocumentT = TypeVar("DocumentT", bound=Document)


class Named(Shape):
    """A component with its settings."""

    name: str


class Head(Shape):
    """The layers above the backbone."""

    hidden: list[int] = Field(default_factory=list)


class Model(Shape):
    """The network."""

    backbone: Named
    head: Head


class Term(Named):
    """A term of the loss."""

    weight: float = 1.0


class Objective(Shape):
    """The terms of the loss."""

    task: Term | None = None
    transfer: Term | None = None
    regularizers: list[Term] = Field(default_factory=list)

    @property
    def terms(self) -> list[tuple[str, Term]]:
        """Kind and settings of every term that has a weight, as they are added up."""
        named: list[tuple[str, Term | None]] = [("task", self.task), ("transfer", self.transfer)]
        named += [("regularizer", each) for each in self.regularizers]
        return [(kind, term) for kind, term in named if term is not None and term.weight > 0]


class Training(Shape):
    """The training."""

    epochs: Epochs
    batch_size: Images | None = None
    gradient_clip: float | None = None
    batch_norm: str | None = None
    selection: Named | None = None
    monitor: list[Named] = Field(default_factory=list)


class Measuring(Shape):
    """How it is evaluated."""

    bootstrap: Resamples = 0
    confidence: Level = 0.95
    ece_bins: Bins = 15
    batch_size: Images = 256


class Parts(Shape):
    """The fractions of the split."""

    train: float | None = None
    validation: float | None = None
    test: float | None = None


class Scaling(Shape):
    """The normalisation."""

    method: str | None = None


class Data(Named):
    """The dataset."""

    split: Parts = Field(default_factory=Parts)
    normalize: Scaling = Field(default_factory=Scaling)


class Start(Shape):
    """What a run starts from."""

    spec: str | None = None
    run: str | None = None
    parts: list[str] = Field(default_factory=list)


class Optimizer(Shape):
    """How the weights are updated."""

    name: str | None = None
    lr: float | None = None
    weight_decay: float | None = None


class Schedule(Shape):
    """The learning rate over the training."""

    name: str | None = None


class Resolved(Document):
    """``resolved.json``."""

    schema_version: int
    name: str
    description: str | None = None
    seed: Seed
    data: Data
    model: Model
    init_from: Start | None = None
    objective: Objective
    optimizer: Optimizer = Field(default_factory=Optimizer)
    schedule: Schedule = Field(default_factory=Schedule)
    training: Training
    evaluation: Measuring


class Plugin(Shape):
    """A plugin as it was."""

    name: str
    distribution: str
    version: str
    state: str


class Device(Shape):
    """What computed it."""

    type: str | None = None
    name: str | None = None


class Git(Shape):
    """The state of the checkout that a run was started in."""

    commit: str | None = None
    dirty: bool | None = None


class Environment(Document):
    """``environment.json``; all of it tells and nothing is computed from it."""

    run_id: str | None = None
    started: str = ""
    python: str = "?"
    packages: dict[str, str | None] = Field(default_factory=dict)
    device: Device = Field(default_factory=Device)
    plugins: list[Plugin] = Field(default_factory=list)
    git: Git | None = None
    starts_from: str | None = None


class EpochRow(Document):
    """A row of ``metrics.jsonl``."""

    epoch: Count
    step: Count | None = None
    learning_rate: float
    losses: Numbers
    weights: dict[str, float]
    gradient_shares: Numbers = Field(default_factory=dict)
    diagnostics: Numbers = Field(default_factory=dict)
    scores: Numbers
    versions: dict[str, str] = Field(default_factory=dict)
    seconds: float | None = None


def read_resolved(folder: RunFolder) -> Resolved:
    """Return ``resolved.json``.

    Raises:
        InputError: it is missing or lacks a part.
    """
    path = folder.resolved
    return shaped(Resolved, read_json(path), f"{path} is no resolved run spec")


def read_environment(folder: RunFolder) -> Environment:
    """Return ``environment.json``, empty where it is not there.

    Raises:
        InputError: a part of it is not what it must be.
    """
    path = folder.environment
    if not path.exists():
        return Environment()
    return shaped(Environment, read_json(path), f"{path} is no record of an environment")


def read_history(folder: RunFolder, epochs: int | None = None) -> list[EpochRow]:
    """Return the rows of ``metrics.jsonl``: those of epoch 1, 2 and so on.

    Of ``epochs`` all must be there, and rows after them are left out.

    Raises:
        InputError: a row is missing or not what it must be.
    """
    path = folder.metrics
    rows = [
        shaped(EpochRow, row, f"{path}:{number} is no row of an epoch")
        for number, row in enumerate(read_json_lines(path), start=1)
    ]
    if epochs is None:
        return rows
    found = [row.epoch for row in rows if row.epoch <= epochs]
    if found != list(range(1, epochs + 1)):
        told = ", ".join(map(str, found)) or "none"
        raise InputError(
            f"{path} must hold the rows of epoch 1 to {epochs}, one each; it holds {told}. "
            f"{WAY_OUT}"
        )
    return rows[:epochs]


def shaped(shape: type[DocumentT], value: Any, what: str) -> DocumentT:
    """Return ``value``, a JSON object of that ``shape``.

    Raises:
        InputError: parts are missing or wrong; ``what``, then which.
    """
    document: dict[str, Any] = value if isinstance(value, dict) else {}
    found = [*_unwritable(document)] if value is document else ["it holds no object"]
    try:
        read = shape.model_validate(document)
    except ValidationError as error:
        found = [*_faults(error), *found]
    if found:
        raise InputError(f"{what}: {'; '.join(found[:TOLD])}. {WAY_OUT}")
    read._read = document
    return read


def _unwritable(document: dict[str, Any]) -> Iterator[str]:
    """Yield what Python's parser takes and no JSON file holds, wherever it stands."""
    left: list[tuple[str, Any]] = [("", document)]
    while left:
        place, value = left.pop()
        if isinstance(value, float) and not math.isfinite(value):
            yield f"{place}: {value} is no number"
        elif isinstance(value, str) and SURROGATE.search(value):
            yield f"{place}: {printable(value)} holds half a character"
        if isinstance(value, list):
            value = {str(index): item for index, item in enumerate(value)}
        if isinstance(value, dict):
            left += [(f"{place}.{key}".lstrip("."), part) for key, part in value.items()]
            left += [(f"{place}: a key", key) for key in value]


def _faults(error: ValidationError) -> Iterator[str]:
    faults = [(".".join(map(str, each["loc"])), each) for each in error.errors()]
    missing = [place for place, each in faults if each["type"] == "missing"]
    if missing:
        yield f"it lacks {', '.join(missing)}"
    for place, each in faults:
        if each["type"] != "missing":
            yield f"{place}: {each['msg'][:1].lower()}{each['msg'][1:]}".removeprefix(": ")
