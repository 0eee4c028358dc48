"""The last steps before validation: nulls, names that follow from defaults, relative paths."""

from __future__ import annotations

import os
from pathlib import Path

from dakit.spec.fields import ROOT, Place, paths_in
from dakit.spec.positions import Mark, Node
from dakit.spec.problems import Steps

DEFAULT = Mark("default")
"""The mark of what nobody wrote."""


def settle(spec: Node) -> Node:
    """Return a spec ready for validation.

    * A null is dropped where null is no value, so that the default applies.
    * An object without a ``name`` takes the one that stands there by default:
      ``"optimizer": {"lr": 0.01}`` is adam.
    * A relative path starts from the folder of the file it is written in.
    """
    settled = _settled(spec, ROOT)
    return _rebased(settled, paths_in(settled.plain()), ())


def _settled(node: Node, place: Place | None) -> Node:
    if place is None or not isinstance(node.value, dict | list):
        return node
    data = node.plain()
    below = {step: place.child(step, data) for step, _ in node.children()}
    if isinstance(node.value, list):
        items = [_settled(child, below[i]) for i, child in enumerate(node.value)]
        return Node(items, node.mark, node.key_mark)
    members = {
        key: _settled(child, below[key])
        for key, child in node.value.items()
        if not _taken_away(child, below[key])
    }
    if "name" not in members and place.default_name:
        members = {"name": Node(place.default_name, DEFAULT), **members}
    return Node(members, node.mark, node.key_mark)


def _taken_away(node: Node, place: Place | None) -> bool:
    return node.value is None and place is not None and not place.nullable


def _rebased(node: Node, paths: set[Steps], steps: Steps) -> Node:
    if isinstance(node.value, dict):
        members = {key: _rebased(child, paths, (*steps, key)) for key, child in node.value.items()}
        return Node(members, node.mark, node.key_mark)
    if isinstance(node.value, list):
        items = [_rebased(child, paths, (*steps, i)) for i, child in enumerate(node.value)]
        return Node(items, node.mark, node.key_mark)
    if steps in paths and isinstance(node.value, str):
        full = os.path.normpath(node.mark.folder / Path(node.value).expanduser())
        return Node(full, node.mark, node.key_mark)
    return node
