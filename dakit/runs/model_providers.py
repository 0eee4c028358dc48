"""Which plugin offers a component that a saved model is built from again."""

from __future__ import annotations

from pathlib import Path

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.plugins.catalog import UnknownComponent
from dakit.runs.records import Shape


class Provider(Shape):
    """A plugin as ``model.json`` names it."""

    name: str
    distribution: str
    version: str


def provider(kind: str, name: str) -> dict[str, str] | None:
    """Return what ``model.json`` says of the plugin that offers a component."""
    found = [c.plugin for c in catalog.current().components(kind) if c.name == name]
    if not found:
        return None
    return {field: getattr(found[0], field) for field in Provider.model_fields}


def offered(kind: str, name: str, plugin: Provider | None, path: Path) -> type[ComponentSpec]:
    """Return the spec of a component that the model ``path`` needs.

    Raises:
        InputError: it is not here; the plugin is named.
    """
    try:
        return catalog.current().find(kind, name)
    except UnknownComponent as error:
        needed = _needed(kind, name, plugin)
        problem = f"this model needs {needed}, which is not here: {error} See {path}."
        raise InputError(problem) from error


def other_version(
    kind: str, name: str, plugin: Provider | None, path: Path, error: Exception
) -> InputError:
    """Return the error of a component that does not take what the model ``path`` says of it."""
    needed = _needed(kind, name, plugin)
    return InputError(f"the model in {path} needs another version of {needed}: {error}")


def _needed(kind: str, name: str, plugin: Provider | None) -> str:
    component = f"the {SPEC_BASES[kind].kind_label} {name!r}"
    if plugin is None:
        return component
    return f"{component} of the plugin {plugin.name!r} ({plugin.distribution} {plugin.version})"
