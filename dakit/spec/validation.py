"""From nodes to a run spec or to everything that is wrong with it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json

from dakit.spec.fields import Place
from dakit.spec.messages import explain
from dakit.spec.positions import Node
from dakit.spec.problems import Problem
from dakit.spec.run import RunSpec

Model = TypeVar("Model", bound=BaseModel)


def validate(node: Node) -> tuple[RunSpec | None, list[Problem]]:
    """Return the run spec, or none and what is wrong."""
    return validate_as(RunSpec, node)


def validate_as(model: type[Model], node: Node) -> tuple[Model | None, list[Problem]]:
    """Return what ``node`` says as a ``model``, or none and what is wrong.

    What the user wrote is held to the types of JSON: ``"20"`` and ``true`` are no numbers.
    Defaults are Python objects that strict JSON rules would refuse (a ``Path`` is no text), so
    the spec itself comes from a second, lenient pass.
    """
    data, root = node.plain(), Place(((model, None),))
    spec, problems = None, []
    try:
        model.model_validate_json(to_json(data), strict=True)
    except ValidationError as error:
        problems = explain(error, node, root, written_only=True)
    try:
        spec = model.model_validate(data)
    except ValidationError as error:
        known = {problem.path for problem in problems}
        problems += [p for p in explain(error, node, root) if p.path not in known]
    return (None if problems else spec), problems
