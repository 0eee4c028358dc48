"""Files of a run, written by hand where none needs to be trained."""

from __future__ import annotations

from typing import Any, TypeVar

from dakit.runs.records import Document, Shape, shaped
from dakit.runs.results import MetricSet, Results

DocumentT = TypeVar("DocumentT", bound=Document)
ShapeT = TypeVar("ShapeT", bound=Shape)


def resolved(name: str, epochs: int) -> dict[str, Any]:
    """Return what ``resolved.json`` must hold at the least."""
    return {
        "schema_version": 1,
        "name": name,
        "seed": 0,
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp"}, "head": {}},
        "objective": {},
        "training": {"epochs": epochs},
        "evaluation": {},
    }


def made(shape: type[DocumentT], content: dict[str, Any]) -> DocumentT:
    """Return ``content`` as it would be read from a file."""
    return shaped(shape, content, "made up by a test")


def changed(record: ShapeT, **parts: Any) -> ShapeT:
    """Return ``record`` with other ``parts``, as a file might have them."""
    whole = {**record.model_dump(exclude_unset=True), **parts}
    if isinstance(record, Document):
        return made(type(record), whole)
    return type(record).model_validate(whole)


def with_target(results: Results, metrics: MetricSet | None) -> Results:
    """Return ``results`` with other metrics of the target's test part."""
    told = metrics and metrics.model_dump(exclude_unset=True)
    return changed(results, metrics={**results.document["metrics"], "target_test": told})
