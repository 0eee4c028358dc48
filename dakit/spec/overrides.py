"""``--set a.b=c``: changes a spec from the command line before it is validated.

A path step is a key, a list index, or the name of a component in a list
(``objective.regularizers.fisher.weight=0.3``). The value is JSON, or else a text. Setting
assigns: nothing of the old value stays, as if the file had been edited. Relative paths given
here start from the working directory. An :class:`Override` is the same, written in a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

from dakit.errors import InputError, did_you_mean
from dakit.spec.fields import ROOT, Place
from dakit.spec.positions import DEEPEST, Mark, Node, parse, whole
from dakit.spec.problems import Problem, Steps, dotted, unknown


@final
@dataclass(frozen=True)
class Override:
    """A change of one value that a file asks for: the marks of ``value`` say where."""

    path: str
    """Dotted, as in ``--set``."""
    value: Node


Changes = tuple[str | Override, ...]
"""Changes in the order in which they are applied, as ``--set`` takes them or as a file has them."""

STAYS = frozenset({"name", "description", "init_from"})
"""What makes a run this one, so that changes of it do not reach the run it starts from."""


def stays(change: str | Override) -> bool:
    """Return whether a change is of the run itself only, not of the run it starts from."""
    path = change if isinstance(change, str) else change.path
    return path.partition("=")[0].partition(".")[0] in STAYS


def apply_overrides(
    node: Node, overrides: Sequence[str | Override], problems: list[Problem]
) -> Node:
    """Return the spec with every override applied in order, collecting problems."""
    for override in overrides:
        given = override if isinstance(override, Override) else _read(override, problems)
        mark = given.value.key_mark or given.value.mark
        steps = tuple(given.path.split("."))
        if not all(steps) or len(steps) > DEEPEST:
            what = "KEY=VALUE, such as training.epochs=5"
            what = what if isinstance(override, str) else "a dotted path, such as training.epochs"
            problems.append(mark.problem((), f"must be {what}"))
            continue
        try:
            node = _assigned(node, steps, given.value, ROOT, ())
        except _Unknown as error:
            problems.append(mark.problem(error.steps, str(error)))
    return node


def _read(override: str, problems: list[Problem]) -> Override:
    path, equals, text = override.partition("=")
    mark = Mark(f"--set {override}")
    return Override(
        path if equals else "", _value(text, mark, problems) if equals else Node("", mark)
    )


@final
class _Unknown(InputError):
    def __init__(self, steps: Steps, message: str) -> None:
        self.steps = steps
        super().__init__(message)


def _value(text: str, mark: Mark, problems: list[Problem]) -> Node:
    try:
        node, found = parse(text, mark)
    except ValueError:
        return Node(whole(text, mark, (), problems), mark)
    if text.strip() in {"NaN", "Infinity", "-Infinity"}:
        return Node(text, mark)
    problems.extend(found)
    return node


def _assigned(
    node: Node | None, steps: Sequence[str], value: Node, place: Place | None, done: Steps
) -> Node:
    if not steps:
        return value
    node = _opened(node, value.mark, place)
    step = _step(node, steps[0], place, done)
    below = place.child(step, node.plain()) if place else None
    changed = _assigned(node.child(step), steps[1:], value, below, (*done, step))
    if isinstance(step, int):
        items = [changed if i == step else item for i, item in node.children()]
        return Node(items, node.mark, node.key_mark)
    keyed = Node(changed.value, changed.mark, changed.key_mark or changed.mark)
    return Node({**node.value, step: keyed}, node.mark, node.key_mark)


def _opened(node: Node | None, mark: Mark, place: Place | None) -> Node:
    """Return a node that can have parts: absent and null ones, and short forms, get some."""
    if node is None or node.value is None:
        is_list = place is not None and place.is_list
        return Node([] if is_list else {}, mark)
    if isinstance(node.value, str):
        return Node({"name": Node(node.value, node.mark, node.mark)}, node.mark, node.key_mark)
    return node


def _step(node: Node, step: str, place: Place | None, done: Steps) -> str | int:
    if isinstance(node.value, list):
        return _index(node.value, step, done)
    if not isinstance(node.value, dict):
        raise _Unknown((*done, step), f"{dotted(done)} is {node.value!r}, not an object")
    keys = place.keys(node.plain()) if place else []
    if keys and step not in keys:
        raise _Unknown((*done, step), unknown("key", step, keys))
    return step


def _index(items: list[Node], step: str, done: Steps) -> int:
    names = [_name(item.plain()) for item in items]
    if step in names:
        return names.index(step)
    if step.isdecimal() and int(step) < len(items):
        return int(step)
    known = [name for name in names if name]
    near = did_you_mean(step, known) or "."
    entries = f"The list holds {', '.join(known)}" if known else f"The list has {len(items)}"
    message = f"no such entry{near} {entries}; --set {dotted(done)}='[...]' gives a whole new one"
    raise _Unknown((*done, step), message)


def _name(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, dict) else item
    return name if isinstance(name, str) else None
