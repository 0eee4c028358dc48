"""What became of the plugins a run was made with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dakit import catalog
from dakit.errors import InputError
from dakit.plugins import PluginInfo


def plugin_changes(environment: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each plugin of ``environment.json`` that is not as it was then.

    Only plugins that were active count: what a run was made with, and in which version.
    """
    now = {plugin.name: plugin for plugin in catalog.current().plugins}
    then: Sequence[Mapping[str, Any]] = environment.get("plugins", [])
    return [
        f"The run was made with the plugin {plugin['name']!r} "
        f"({plugin['distribution']} {plugin['version']}), {change}."
        for plugin in then
        if plugin["state"] == "active"
        if (change := _change(plugin["version"], now.get(plugin["name"])))
    ]


@contextmanager
def told_of_plugin_changes(environment: Mapping[str, Any]) -> Iterator[None]:
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
