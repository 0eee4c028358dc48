"""The fragment that asks for a component can be pasted, whatever the component."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from dakit import DatasetSpec, SpecPart
from dakit.plugins import catalog
from dakit.plugins.catalog import Component
from dakit.spec.loading import spec_from_dict
from dakit.spec.run import RunSpec
from dakit.spec.schema import spec_fragment
from dakit.spec.sweep import load_sweep

BASE: dict[str, Any] = {
    "schema_version": 1,
    "name": "pasted",
    "data": "digits_shift",
    "model": {"backbone": "mlp"},
    "objective": {"task": "cross_entropy"},
}


INSTALLED = catalog.current()
WHERE: dict[str, Callable[[RunSpec], Any]] = {
    "backbone": lambda spec: spec.model.backbone,
    "task": lambda spec: spec.objective.task,
    "transfer": lambda spec: spec.objective.transfer,
    "regularizer": lambda spec: spec.objective.regularizers[0],
    "dataset": lambda spec: spec.data,
    "optimizer": lambda spec: spec.optimizer,
    "schedule": lambda spec: spec.schedule,
    "stopping": lambda spec: spec.training.early_stopping.rule,
    "figure": lambda spec: spec.figures[0],
    "tracker": lambda spec: spec.trackers[0],
    "validator": lambda spec: spec.training.selection,
    "metric": lambda spec: spec.evaluation.metrics[0],
}


@pytest.mark.parametrize("component", INSTALLED.components(), ids=lambda c: f"{c.kind}-{c.name}")
def test_the_fragment_of_everything_on_offer_is_valid(component: Component, tmp_path: Path) -> None:
    fragment = spec_fragment(component.spec_class)
    with catalog.using(INSTALLED):
        if component.kind == "launcher":
            sweep = {"schema_version": 1, "name": "many", "specs": ["base.json"], **fragment}
            (tmp_path / "sweep.json").write_text(json.dumps(sweep))
            found: Any = load_sweep(tmp_path / "sweep.json").spec.launcher
        else:
            spec = spec_from_dict({**BASE, **fragment}).spec
            found = WHERE[component.kind](spec)
    assert type(found) is component.spec_class


class Part(SpecPart):
    file: Path = Field(description="A file.")
    more: int = Field(3, description="Not needed.")


class Demanding(DatasetSpec):
    """Everything must be given."""

    name: Literal["demanding"] = "demanding"
    folder: str = Field(description="Where they are.")
    suffix: str = Field(examples=[".npy"], description="How they end.")
    part: Part = Field(description="A part.")
    parts: tuple[Part, ...] = Field(description="Parts.")
    pair: tuple[int, str] = Field(description="Two.")
    count: Annotated[int, Field(ge=2)] = Field(description="How many.")
    share: float = Field(gt=0, le=1, description="A share.")
    yes: bool = Field(description="Yes or no.")
    way: Literal["up", "down"] = Field(description="Where to.")
    table: dict[str, int] = Field(description="Numbers by name.")
    maybe: int | None = Field(description="A number or none.")
    quiet: bool = Field(True, description="Not needed.")

    def build(self, context: Any) -> Any: ...


def test_fields_that_must_be_given_hold_something_of_their_type() -> None:
    values = spec_fragment(Demanding)["data"]
    assert values == {
        "name": "demanding",
        "folder": "<str>",
        "suffix": ".npy",
        "part": {"file": "<path>"},
        "parts": [{"file": "<path>"}],
        "pair": [0, "<str>"],
        "count": 2,
        "share": 1,
        "yes": False,
        "way": "up",
        "table": {},
        "maybe": 0,
        "quiet": True,
    }
    assert Demanding.model_validate(values).part.more == 3
