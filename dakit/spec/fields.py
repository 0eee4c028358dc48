"""Which field of which model a place in a spec belongs to, and where each value came from.

Error messages, ``--set``, nulls and relative paths all need to know what a place may hold
before (or although) the spec is valid. The answer follows the annotations of the models and,
at components, asks the catalog.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePath
from typing import Any, Literal, final, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.spec.annotations import alternatives, fields, is_model
from dakit.spec.component import FromCatalog
from dakit.spec.positions import Node
from dakit.spec.problems import Steps, dotted
from dakit.spec.run import RunSpec


@final
@dataclass(frozen=True)
class Place:
    """What may stand at one place of a spec: the alternatives of its annotation."""

    alternatives: tuple[tuple[Any, FromCatalog | None], ...]
    default: Any = None
    description: str = ""

    @property
    def nullable(self) -> bool:
        """Whether null is a value here."""
        return any(a is type(None) or a is Any for a, _ in self.alternatives)

    @property
    def is_path(self) -> bool:
        """Whether a file or folder is named here."""
        return any(isinstance(a, type) and issubclass(a, PurePath) for a, _ in self.alternatives)

    @property
    def is_list(self) -> bool:
        """Whether a list may stand here."""
        return any(get_origin(a) in (list, tuple) for a, _ in self.alternatives)

    @property
    def is_whole_number(self) -> bool:
        """Whether a number that stands here must be a whole one."""
        kinds = {a for a, _ in self.alternatives}
        kinds |= {type(v) for a in kinds if get_origin(a) is Literal for v in get_args(a)}
        return int in kinds and float not in kinds

    @property
    def default_name(self) -> str | None:
        """The name of the component that stands here by default."""
        if isinstance(self.default, str) and any(marker for _, marker in self.alternatives):
            return self.default
        name = getattr(self.default, "name", None)
        return name if isinstance(name, str) else None

    def model(self, data: Any) -> type[BaseModel] | None:
        """Return the model that describes ``data`` (plain JSON), as far as one can tell."""
        named = data if isinstance(data, str) else _get(data, "name")
        name = named or self.default_name
        found = [m for a, marker in self.alternatives if (m := _model(a, marker, name))]
        if len(found) > 1:
            found = [m for m in found if _field_default(m, "name") == name]
        return found[0] if found else None

    def child(self, step: str | int, data: Any) -> Place | None:
        """Return the place one step down from ``data``, or none where nothing is known."""
        model = None if isinstance(data, list) else self.model(data)
        return _places(model).get(step) if model else self._item

    def keys(self, data: Any) -> list[str]:
        """Return the keys that ``data`` may have."""
        model = self.model(data)
        return [*_places(model)] if model else []

    @cached_property
    def _item(self) -> Place | None:
        items = [x for a, _ in self.alternatives for x in get_args(a) if x is not Ellipsis]
        return Place(_marked(items[-1])) if items else None


ROOT = Place(((RunSpec, None),))
"""The place of a whole run spec."""


def place_at(steps: Steps, data: Any, root: Place = ROOT) -> Place | None:
    """Return the place some steps into ``data``, a whole spec that stands at ``root``."""
    place: Place | None = root
    for step in steps:
        place = place.child(step, data) if place else None
        data = _get(data, step)
    return place


def paths_in(data: Any, root: Place = ROOT) -> set[Steps]:
    """Return where a whole spec names files and folders, runs it starts from included."""
    return set(_paths(data, root, ()))


def _paths(data: Any, place: Place | None, steps: Steps) -> Iterator[Steps]:
    if place is None:
        return
    if place.is_path or steps in {("init_from", "spec"), ("init_from", "run")}:
        yield steps
    for step, value in entries(data):
        yield from _paths(value, place.child(step, data), (*steps, step))


def entries(data: Any) -> Iterable[tuple[Any, Any]]:
    """Return the keys or indices of an object or list with their values."""
    if isinstance(data, dict):
        return data.items()
    return enumerate(data) if isinstance(data, list) else ()


def _get(data: Any, step: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(step)
    is_item = isinstance(data, list) and isinstance(step, int) and step < len(data)
    return data[step] if is_item else None


@lru_cache
def _places(model: type[BaseModel]) -> dict[Any, Place]:
    return {key: _place(field) for key, field in fields(model)}


def _place(field: FieldInfo) -> Place:
    default = None if field.is_required() else field.get_default(call_default_factory=False)
    return Place(_marked(field.annotation, field.metadata), default, field.description or "")


def _marked(
    annotation: Any, metadata: Iterable[Any] = ()
) -> tuple[tuple[Any, FromCatalog | None], ...]:
    """Return the alternatives of an annotation, each with the innermost marker it stands under."""
    return tuple(
        (alternative, next((m for m in reversed(found) if isinstance(m, FromCatalog)), None))
        for alternative, found in alternatives(annotation, tuple(metadata))
    )


def _model(annotation: Any, marker: FromCatalog | None, name: str | None) -> type[BaseModel] | None:
    if marker and annotation is not type(None):
        return _component(marker, name)
    return annotation if is_model(annotation) else None


def _component(marker: FromCatalog, name: str | None) -> type[BaseModel] | None:
    if not isinstance(name, str) or not catalog.current().offers(marker.kind, name):
        return None
    try:
        return catalog.current().find(marker.kind, name)
    except InputError:
        return None


def _field_default(model: type[BaseModel], key: str) -> Any:
    field = model.model_fields.get(key)
    return field.default if field else None


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
