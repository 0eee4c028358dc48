"""Brings specs of an older ``schema_version`` up to date before they are validated.

``MIGRATIONS[n]`` turns the plain data of one file from version ``n`` into version ``n + 1``. It
must accept files that hold only a part of a spec, since ``extends`` lets a spec be spread over
several.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dakit.errors import InputError
from dakit.spec.positions import Mark, Node
from dakit.spec.run import SCHEMA_VERSION

Migration = Callable[[dict[str, Any]], dict[str, Any]]

MIGRATIONS: dict[int, Migration] = {}


def migrate(document: Node, version: int) -> Node:
    """Return the document in the current version; what a migration leaves keeps its marks.

    Raises:
        InputError: The version is newer than this dakit, or too old for it.
    """
    oldest = min(MIGRATIONS, default=SCHEMA_VERSION)
    if version > SCHEMA_VERSION:
        raise InputError(
            f"version {version} is newer than this dakit, which reads up to {SCHEMA_VERSION}: "
            "use a newer dakit"
        )
    if version < oldest:
        raise InputError(f"there is no version {version}: this dakit reads from {oldest} on")
    if version == SCHEMA_VERSION:
        return document
    data = document.plain()
    for step in range(version, SCHEMA_VERSION):
        data = MIGRATIONS[step](data)
    if "schema_version" in data:
        data["schema_version"] = SCHEMA_VERSION
    return _marked(data, document, document.mark)


def _marked(data: Any, old: Node | None, enclosing: Mark) -> Node:
    mark = old.mark if old else enclosing
    key_mark = old.key_mark if old else None

    def below(step: str | int, value: Any) -> Node:
        return _marked(value, old.child(step) if old else None, mark)

    if isinstance(data, dict):
        return Node({key: below(key, value) for key, value in data.items()}, mark, key_mark)
    if isinstance(data, list):
        return Node([below(i, value) for i, value in enumerate(data)], mark, key_mark)
    return Node(data, mark, key_mark)
