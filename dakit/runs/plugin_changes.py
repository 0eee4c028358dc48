"""What became of the plugins a run was made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from pydantic import BaseModel

import dakit
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.plugins.loading import PluginInfo
from dakit.runs.records import Environment, EpochRow
from dakit.spec.annotations import values_in

_NO_NUMBERS = {"figure", "tracker"}
"""The kinds that the numbers of a run do not depend on."""


def plugin_changes(environment: Environment) -> list[str]:
    """Return a sentence for each plugin of ``environment.json`` that is not as it was then.

    Only plugins that were active count: what a run was made with, and in which version.
    """
    now = {plugin.name: plugin for plugin in catalog.current().plugins}
    return [
        f"The run was made with the plugin {then.name!r} ({then.distribution} {then.version}), "
        f"{change}."
        for then in environment.plugins
        if then.state == "active"
        if (change := _change(then.version, now.get(then.name)))
    ]


def used_versions(environment: Environment, resolved: Mapping[str, Any]) -> dict[str, str]:
    """Return the version that each plugin had which the spec ``resolved`` takes components from.

    What a plugin offers is known from the one installed now; one that is gone is left out.
    """
    names = set(_names(resolved))
    used = {c.plugin.name for c in catalog.current().components() if c.name in names}
    return {then.name: then.version for then in environment.plugins if then.name in used}


def versions_by_epoch(
    environment: Environment, resolved: Mapping[str, Any], history: Sequence[EpochRow]
) -> dict[str, str]:
    """Return :func:`used_versions`, ``0.1.0, then 0.2.0`` where epochs had several."""
    packages = {then.name: then.distribution for then in environment.plugins}  # of builtin: dakit
    told = {}
    for name, version in used_versions(environment, resolved).items():
        seen = [
            row.versions.get(name, row.versions.get(packages[name], version)) for row in history
        ]
        told[name] = ", then ".join(dict.fromkeys(seen or [version]))
    return told


def other_versions(environment: Environment, resolved: Mapping[str, Any]) -> str:
    """Return ``with classics 0.1.0 (0.2.0 is installed)``, or an empty string where none differs.

    The version is no part of a run's id: without a word on it nobody sees that a finished run
    comes from a formula that has been mended since.
    """
    now = {plugin.name: plugin.version for plugin in catalog.current().plugins}
    then = used_versions(environment, resolved)
    changed = _changed({name: then[name] for name in then if name in now}, now)
    return f"with {changed}" if changed else ""


def versions_in_use(spec: BaseModel) -> dict[str, str]:
    """Return the version of dakit, and of each plugin that ``spec`` takes components from."""
    classes = {type(part) for part in values_in(spec)}
    used = [
        c.plugin
        for c in catalog.current().components()
        if c.spec_class in classes and c.kind not in _NO_NUMBERS
    ]
    return {"dakit": dakit.__version__, **{p.name: p.version for p in used if not p.builtin}}


def changed_since(history: Sequence[EpochRow], spec: BaseModel) -> str:
    """Return ``classics 0.1.0 (0.2.0 is installed)`` for what the last epoch was trained with.

    Empty where nothing differs, or no epoch is trained; ``history`` are the rows of its metrics.
    """
    now = versions_in_use(spec)
    return _changed((history[-1].versions if history else None) or now, now)


def mixed_versions(history: Sequence[EpochRow]) -> Iterator[str]:
    """Yield a sentence where not all epochs were trained with the same versions."""
    stretches = trained_with(history)
    if len(stretches) > 1:
        yield f"Versions are mixed: {'; '.join(stretches)}. No single version gives these numbers."


def trained_with(history: Sequence[EpochRow]) -> list[str]:
    """Return ``epochs 1 to 3 with dakit 0.1.0, classics 0.1.0`` for each stretch of versions."""
    stretches = groupby(history, key=lambda row: row.versions)
    lines = []
    for versions, rows in stretches:
        epochs = [row.epoch for row in rows]
        named = ", ".join(f"{name} {version}" for name, version in versions.items())
        lines.append(f"epochs {epochs[0]} to {epochs[-1]} with {named or 'unknown versions'}")
    return lines


def _changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name} {version} ({now.get(name, 'none')} is installed)"
        for name, version in then.items()
        if now.get(name) != version
    )


def _names(value: Any) -> Iterator[str]:
    """Yield every text under a key ``name``, at any depth."""
    if isinstance(value, Mapping):
        if isinstance(value.get("name"), str):
            yield value["name"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _names(part)


@contextmanager
def told_of_plugin_changes(environment: Environment) -> Iterator[None]:
    """Add to an InputError what became of the plugins of the run that fails so."""
    try:
        yield
    except InputError as error:
        changes = plugin_changes(environment)
        if not changes:
            raise
        raise InputError(f"{str(error).rstrip('.')}. {' '.join(changes)}") from error


def _change(version: str, plugin: PluginInfo | None) -> str:
    if plugin is None:
        return "which is not installed now"
    if plugin.state != "active":
        return f"which is {plugin.state} now: {plugin.reason}"
    return f"which is {plugin.version} now" if plugin.version != version else ""
