"""The JSON files of a run, each read back in one place with the shape that its readers rely on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


class Named(Shape):
    """A component with its settings."""

    name: str


class Model(Shape):
    """The network."""

    backbone: Named
    head: dict[str, Any]


class Term(Named):
    """A term of the loss."""

    weight: float = 1.0


class Objective(Shape):
    """The terms of the loss."""

    task: Term | None = None
    transfer: Term | None = None
    regularizers: list[Term] = Field(default_factory=list)


class Training(Shape):
    """The training."""

    epochs: Epochs
    batch_norm: str | None = None
    selection: Named | None = None
    monitor: list[Named] = Field(default_factory=list)


class Measuring(Shape):
    """How it is evaluated."""

    bootstrap: Resamples = 0
    confidence: Level = 0.95
    ece_bins: Bins = 15
    batch_size: Images = 256


class Data(Named):
    """The dataset."""

    split: dict[str, Any] = Field(default_factory=dict)
    normalize: dict[str, Any] = Field(default_factory=dict)


class Resolved(Shape):
    """``resolved.json``."""

    schema_version: int
    name: str
    description: str | None = None
    seed: Seed
    data: Data
    model: Model
    objective: Objective
    training: Training
    evaluation: Measuring
    init_from: dict[str, Any] | None = None
    optimizer: dict[str, Any] = Field(default_factory=dict)
    schedule: dict[str, Any] = Field(default_factory=dict)


class Plugin(Shape):
    """A plugin as it was."""

    name: str
    distribution: str
    version: str
    state: str


class Environment(Shape):
    """``environment.json``; all of it tells and nothing is computed from it."""

    run_id: str | None = None
    plugins: list[Plugin] = Field(default_factory=list)
    packages: dict[str, str | None] = Field(default_factory=dict)
    device: dict[str, str | None] = Field(default_factory=dict)
    git: dict[str, Any] | None = None


class EpochRow(Shape):
    """A row of ``metrics.jsonl``."""

    epoch: Count
    learning_rate: float
    losses: Numbers
    weights: dict[str, float]
    scores: Numbers
    gradient_shares: Numbers = Field(default_factory=dict)
    diagnostics: Numbers = Field(default_factory=dict)
    seconds: float | None = None
    versions: dict[str, str] = Field(default_factory=dict)


def read_resolved(folder: RunFolder) -> dict[str, Any]:
    """Return ``resolved.json``. Raises InputError where it is missing or lacks a part."""
    path = folder.resolved
    return shaped(Resolved, read_json(path), f"{path} is no resolved run spec")


def read_environment(folder: RunFolder) -> dict[str, Any]:
    """Return ``environment.json``, empty where it is not there.

    Raises InputError where a part of it is not what it must be.
    """
    path = folder.environment
    if not path.exists():
        return {}
    return shaped(Environment, read_json(path), f"{path} is no record of an environment")


def read_history(folder: RunFolder, epochs: int | None = None) -> list[dict[str, Any]]:
    """Return the rows of ``metrics.jsonl``: those of epoch 1, 2 and so on.

    Of ``epochs`` all must be there, and rows after them are left out. Raises InputError where a
    row is missing or not what it must be.
    """
    path = folder.metrics
    rows = [
        shaped(EpochRow, row, f"{path}:{number} is no row of an epoch")
        for number, row in enumerate(read_json_lines(path), start=1)
    ]
    if epochs is None:
        return rows
    found = [row["epoch"] for row in rows if row["epoch"] <= epochs]
    if found != list(range(1, epochs + 1)):
        told = ", ".join(map(str, found)) or "none"
        raise InputError(
            f"{path} must hold the rows of epoch 1 to {epochs}, one each; it holds {told}. "
            f"{WAY_OUT}"
        )
    return rows[:epochs]


def shaped(shape: type[Shape], value: Any, what: str) -> dict[str, Any]:
    """Return ``value``, an object of that ``shape``.

    Raises InputError: ``what``, then which parts are missing or wrong.
    """
    document: dict[str, Any] = value if isinstance(value, dict) else {}
    found = [*_unwritable(document)] if value is document else ["it holds no object"]
    try:
        shape.model_validate(document)
    except ValidationError as error:
        found = [*_faults(error), *found]
    if found:
        raise InputError(f"{what}: {'; '.join(found[:TOLD])}. {WAY_OUT}")
    return document


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
            yield f"{place}: {each['msg'][:1].lower()}{each['msg'][1:]}"
