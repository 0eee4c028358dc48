"""From nodes to a run spec or to everything that is wrong with it, in plain words."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from dakit.errors import did_you_mean
from dakit.spec.fields import ROOT, Place, place_at
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import MOST_TOLD, Problem, Steps, unknown
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


_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object: { ... }",
    "model_type": "an object: { ... }",
    "model_attributes_type": "an object: { ... }",
}

_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
    "multiple_of": ("multiple_of", "a multiple of"),
}


def explain(
    error: ValidationError, spec: Node, root: Place = ROOT, *, written_only: bool = False
) -> list[Problem]:
    """Return one problem for every place that pydantic complains about.

    ``root`` is the place of the whole. With ``written_only``, complaints about values that
    nobody wrote are left out.
    """
    data = spec.plain()
    messages: dict[Steps, list[str]] = {}
    marks: dict[Steps, Mark] = {}
    found = error.errors(include_url=False)
    for details in found[:MOST_TOLD]:
        steps = _steps(details["loc"], data, root)
        if written_only and details["type"] != "missing" and not _is_written(steps, data):
            continue
        marks[steps] = _mark(spec, steps, of_key=details["type"] == "extra_forbidden")
        messages.setdefault(steps, []).append(_message(details, steps, data, root))
    told = [
        marks[steps].problem(steps, "; or ".join(dict.fromkeys(texts)))
        for steps, texts in messages.items()
    ]
    rest = spec.mark.problem((), f"and {len(found) - MOST_TOLD} more problems")
    return [*told, rest] if len(found) > MOST_TOLD else told


def _steps(location: tuple[str | int, ...], data: Any, root: Place) -> Steps:
    """Leave out of a location what is no key but pydantic's label of a union's alternative."""
    steps: Steps = ()
    for step in location:
        place = place_at(steps, data, root)
        here = _at(steps, data)
        known = place.keys(here) if place else []
        if step in known or _has(here, step):
            steps = (*steps, step)
    return steps


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _is_written(steps: Steps, data: Any) -> bool:
    return not steps or _has(_at(steps[:-1], data), steps[-1])


def _at(steps: Steps, data: Any) -> Any:
    for step in steps:
        data = data[step] if _has(data, step) else None
    return data


def _mark(spec: Node, steps: Steps, *, of_key: bool) -> Mark:
    node = spec
    for step in steps:
        child = node.child(step)
        if child is None:
            return node.mark
        node = child
    return node.key_mark if of_key and node.key_mark else node.mark


def _message(details: ErrorDetails, steps: Steps, data: Any, root: Place) -> str:
    kind, context, value = details["type"], details.get("ctx", {}), _short(details["input"])
    if kind == "missing":
        place = place_at(steps, data, root)
        description = place.description if place else ""
        return f"is required: {description}" if description else "is required"
    if kind == "extra_forbidden":
        return _unknown_key(steps, data, root)
    if kind in _TYPES:
        text = "the text " if isinstance(details["input"], str) else ""
        return f"must be {_TYPES[kind]}, not {text}{value}"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        bound = context[key]
        return f"must be {words} {f'{bound:g}' if isinstance(bound, float) else bound}, not {value}"
    if kind in {"literal_error", "enum"}:
        known = re.findall(r"'([^']*)'", str(context["expected"]))
        near = did_you_mean(details["input"], known)
        return f"must be {context['expected']}, not {value}{near}"
    if kind == "string_pattern_mismatch":
        return f"must match {context['pattern']}, not {value}"
    if kind in {"too_long", "too_short"}:
        return _wrong_length(kind, context)
    return details["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _unknown_key(steps: Steps, data: Any, root: Place) -> str:
    place = place_at(steps[:-1], data, root)
    known = place.keys(_at(steps[:-1], data)) if place else []
    if len(steps) == 1 and root == ROOT:
        known = [*known, "extends"]
    return unknown("key", steps[-1], known)


def _wrong_length(kind: str, context: dict[str, Any]) -> str:
    words = (
        f"at most {context['max_length']}"
        if kind == "too_long"
        else f"at least {context['min_length']}"
    )
    return f"must have {words} entries, not {context['actual_length']}"


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
