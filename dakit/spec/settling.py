"""The last steps before validation: nulls, what follows from defaults, relative paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from dakit.spec.fields import ROOT, Place, paths_in
from dakit.spec.links import full_path
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import Problem, Steps


def settle(spec: Node, base_dir: Path, problems: list[Problem], root: Place = ROOT) -> Node:
    """Return a spec ready for validation; ``root`` is the place of the whole.

    * A null is dropped where null is no value, so that the default applies.
    * An object without a ``name`` takes the one that stands there by default:
      ``"optimizer": {"lr": 0.01}`` is adam.
    * A whole number written as ``5.0`` or ``1e3`` is one, as in JSON Schema.
    * A relative path starts from the folder of the file it is written in, one that is a default
      from ``base_dir``; both become absolute, so a resolved spec means the same wherever it lies.
      What can be no path is a problem.
    """
    settled = _settled(spec, root, Mark("default", folder=base_dir))
    return _rebased(settled, paths_in(settled.plain(), root), (), problems)


def _settled(node: Node, place: Place | None, default: Mark) -> Node:
    if place is None or not isinstance(node.value, str | list | dict | float):
        return node
    if isinstance(node.value, float):
        whole = node.value.is_integer() and place.is_whole_number
        return Node(int(node.value), node.mark, node.key_mark) if whole else node
    data = node.plain()
    if isinstance(node.value, list):
        items = [_settled(child, place.child(i, data), default) for i, child in node.children()]
        return Node(items, node.mark, node.key_mark)
    defaults = dict(_defaults(place, data, default))
    if isinstance(node.value, dict):
        members = {
            k: _settled(child, place.child(k, data), default)
            for k, child in _kept(node, place, data)
        }
        return Node({**defaults, **members}, node.mark, node.key_mark)
    if isinstance(node.value, str) and defaults:
        named = {"name": Node(node.value, node.mark)}
        return Node({**named, **defaults}, node.mark, node.key_mark)
    return node


def _kept(node: Node, place: Place, data: Any) -> Iterator[tuple[str, Node]]:
    for key, child in node.value.items():
        below = place.child(key, data)
        if child.value is not None or below is None or below.nullable:
            yield key, child


def _defaults(place: Place, data: Any, mark: Mark) -> Iterator[tuple[str, Node]]:
    """Yield what has to be written out although it is a default: names and relative paths."""
    keys = place.keys(data)
    if isinstance(data, dict) and "name" in keys and place.default_name:
        yield "name", Node(place.default_name, mark)
    for key in keys:
        below = place.child(key, data)
        if below and below.is_path and isinstance(below.default, str | PurePath):
            yield key, Node(str(below.default), mark)


def _rebased(node: Node, paths: set[Steps], steps: Steps, problems: list[Problem]) -> Node:
    below = {step: _rebased(n, paths, (*steps, step), problems) for step, n in node.children()}
    if isinstance(node.value, dict):
        return Node(below, node.mark, node.key_mark)
    if isinstance(node.value, list):
        return Node(list(below.values()), node.mark, node.key_mark)
    if steps in paths and isinstance(node.value, str):
        try:
            full = str(full_path(node.mark.folder, node.value))
            return Node(full, node.mark, node.key_mark)
        except ValueError as error:
            problems.append(node.mark.problem(steps, str(error)))
    return node
