"""Published numbers as data: what stood in a paper's table, and how it came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Self, final

from pydantic import Field, ValidationError, model_validator

from dakit.components import SpecPart
from dakit.errors import InputError, did_you_mean
from dakit.files.writing import doing
from dakit.spec.problems import Steps, dotted

Score = Annotated[float, Field(ge=0, le=1)]
Share = tuple[Score, Score]


@final
class PublishedScores(SpecPart):
    """The numbers of one method in one domain's test set, as printed; null where not given."""

    accuracy: Score | None = Field(None, description="Share of test images classified rightly.")
    precision: Score | None = Field(None, description="Purity of the positive class.")
    recall: Score | None = Field(None, description="Completeness of the positive class.")
    f1: Score | None = Field(None, description="Harmonic mean of precision and recall.")
    brier: Score | None = Field(None, description="Mean squared error of the probability.")
    auc: Score | None = Field(None, description="Area under the ROC curve.")


@final
class PublishedMethod(SpecPart):
    """One method of a table; its components say which runs it stands beside."""

    method: str = Field(min_length=1, description="What the publication calls it.")
    transfer: str | None = Field(None, description="Its transfer loss, e.g. mmd; null for none.")
    regularizers: tuple[str, ...] = Field((), description="Its further terms, by name.")
    pretrained: bool = Field(False, description="Whether it starts from another run's weights.")
    colour: str | None = Field(
        None,
        pattern="^#[0-9a-f]{6}$",
        description="How the publication draws it; ours are then called and drawn so too.",
    )
    seconds_per_epoch: float | None = Field(
        None, gt=0, description="Training time of an epoch, where published."
    )
    source: PublishedScores = Field(PublishedScores(), description="Source test set.")
    target: PublishedScores = Field(PublishedScores(), description="Target test set.")


@final
class PositiveShare(SpecPart):
    """The share of the positive class in the test sets, ``[lowest, highest]`` where not known."""

    source: Share | None = Field(None, description="Source test set.")
    target: Share | None = Field(None, description="Target test set.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        for name in ("source", "target"):
            share = getattr(self, name)
            if share is not None and share[0] > share[1]:
                raise ValueError(f"{name}: the lowest share is given first")
        return self


@final
class ReferenceTable(SpecPart):
    """A published table: its numbers, where it stands, and how its models were selected."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="What --reference calls it."
    )
    label: str = Field(min_length=1, description="A short name for headings, e.g. paper.")
    title: str = Field(min_length=1, description="What the table shows.")
    citation: str = Field(min_length=1, description="Authors, year, where it was published.")
    url: str | None = Field(None, description="Where it can be read.")
    data: dict[str, Any] = Field(
        description="The dataset's name and the settings of it that the numbers belong to."
    )
    backbone: str = Field(description="The network, by the name of its component.")
    selection: str = Field(min_length=1, description="How the published models were selected.")
    used_target_labels: bool = Field(description="Whether target labels had a part in that.")
    decimals: int = Field(2, ge=1, le=8, description="Decimals the numbers are rounded to.")
    positive_share: PositiveShare = Field(
        PositiveShare(), description="For checking that the numbers of a row agree."
    )
    timing: str = Field("", description="What seconds_per_epoch were measured on.")
    notes: tuple[str, ...] = Field((), description="What a reader must know of the numbers.")
    methods: tuple[PublishedMethod, ...] = Field(min_length=1, description="The rows.")

    def belongs_to(self, data: dict[str, Any]) -> bool:
        """Return whether ``data``, the data part of a resolved run spec, is what was published."""
        return all(key in data and data[key] == value for key, value in self.data.items())


def read_reference_table(path: Path) -> ReferenceTable:
    """Read a table from a JSON file. Raises InputError, naming the file and every wrong key."""
    try:
        with doing("read the table", path, InputError):
            document = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise InputError(f"{path} is no valid JSON: {error}") from error
    try:
        return ReferenceTable.model_validate_json(json.dumps(document), strict=True)
    except ValidationError as error:
        problems = [
            _problem(details["loc"], details["type"], details["msg"])
            for details in error.errors(include_url=False)
        ]
        raise InputError(
            "\n  ".join([f"{path} is no reference table:", *dict.fromkeys(problems)])
        ) from error


def _problem(steps: Steps, kind: str, message: str) -> str:
    words = message.removeprefix("Value error, ")
    if kind == "extra_forbidden":
        words = f"unknown key{did_you_mean(steps[-1], _known_keys())}"
    return f"{dotted(steps)}: {words}" if steps else words


def _known_keys() -> list[str]:
    models = (ReferenceTable, PublishedMethod, PublishedScores, PositiveShare)
    return sorted({key for model in models for key in model.model_fields})
