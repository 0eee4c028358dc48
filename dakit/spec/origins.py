"""Where every value of a resolved spec came from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dakit.spec.fields import entries
from dakit.spec.positions import Node
from dakit.spec.problems import Steps, dotted


def leaves(data: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield the values of a resolved spec; a list without objects in it is one value."""
    if isinstance(data, list) and not any(isinstance(item, dict | list) for item in data):
        yield steps, data
    elif isinstance(data, dict | list) and data:
        for step, value in entries(data):
            yield from leaves(value, (*steps, step))
    else:
        yield steps, data


def origins(resolved: dict[str, Any], node: Node, base_dir: Path) -> dict[str, str]:
    """Return for every value ``file:line``, ``--set``, ``given`` (in Python) or ``default``."""
    return {dotted(steps): _origin(node, steps, base_dir) for steps, _ in leaves(resolved)}


def _origin(node: Node, steps: Steps, base_dir: Path) -> str:
    for i, step in enumerate(steps):
        child = node.child(step)
        if child is None:
            is_short_form = isinstance(node.value, str) and steps[i:] == ("name",)
            return _written(node, base_dir) if is_short_form else "default"
        node = child
    return _written(node, base_dir)


def _written(node: Node, base_dir: Path) -> str:
    mark = node.mark
    if mark.file is None:
        return "given"
    if mark.line is None:
        return mark.file.split()[0]
    return f"{os.path.relpath(mark.folder / Path(mark.file).name, base_dir)}:{mark.line}"
