"""``resolved.json`` and ``environment.json`` of a run, read back with what must be in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dakit.errors import InputError
from dakit.runs.folder import RunFolder
from dakit.runs.writing import read_json

WAY_OUT = (
    "Restore the file from a copy, or run the spec again with another --out: `dakit run` does "
    "not repeat a finished run"
)
PARTS = ("data", "model", "objective", "training", "evaluation")
OF_A_PLUGIN = ("name", "distribution", "version", "state")


def read_resolved(folder: RunFolder) -> dict[str, Any]:
    """Return ``resolved.json``. Raises InputError where it is missing or lacks a part."""
    found = read_json(folder.resolved)
    spec: dict[str, Any] = found if isinstance(found, dict) else {}
    missing = [key for key in ("schema_version", "name", "seed") if key not in spec]
    missing += [part for part in PARTS if not isinstance(spec.get(part), Mapping)]
    if missing:
        raise InputError(
            f"{folder.resolved} is no resolved run spec: it lacks {', '.join(missing)}. {WAY_OUT}"
        )
    return spec


def read_environment(folder: RunFolder) -> dict[str, Any]:
    """Return ``environment.json``, empty where it is not there.

    Raises InputError where it is no object, or its list of plugins is none.
    """
    if not folder.environment.exists():
        return {}
    found = read_json(folder.environment)
    if not isinstance(found, dict):
        raise InputError(f"{folder.environment} holds no object. {WAY_OUT}")
    plugins = found.get("plugins", [])
    if not isinstance(plugins, list) or not all(map(_is_plugin, plugins)):
        raise InputError(f"{folder.environment}: 'plugins' is no list of plugins. {WAY_OUT}")
    environment: dict[str, Any] = found
    return environment


def _is_plugin(value: Any) -> bool:
    return isinstance(value, Mapping) and all(key in value for key in OF_A_PLUGIN)
