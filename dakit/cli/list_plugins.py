"""``dakit list-plugins``: which plugins there are, their states, and what they offer."""

from __future__ import annotations

import shutil
import sys
from typing import Annotated, Any

import typer

from dakit.cli.completion import kinds, parse_kind
from dakit.cli.tables import print_json, print_table
from dakit.plugins import catalog
from dakit.plugins.catalog import Component
from dakit.plugins.loading import PluginInfo
from dakit.reporting.aligned_table import plain_lines

STYLES = {
    "active": "",
    "disabled": "dim",
    "failed": "red",
    "incompatible": "red",
    "conflict": "red",
}


def list_plugins(
    kind: Annotated[
        str | None,
        typer.Option(
            autocompletion=kinds,
            help="Only components of this kind, and only plugins that offer some.",
        ),
    ] = None,
    show_all: Annotated[
        bool, typer.Option("--all", help="With --kind: the other working plugins too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """List the plugins, their states, and the components they offer.

    A plugin that is not active is shown with the reason; it never keeps the others from working.

    Example: dakit list-plugins --kind transfer
    """
    wanted = parse_kind(kind)
    plugins = _listed(wanted, show_all)
    if as_json:
        print_json([_entry(p, c) for p, c in plugins])
    else:
        _print(plugins)


def _listed(kind: str | None, show_all: bool) -> list[tuple[PluginInfo, list[Component]]]:
    offered = catalog.current().components(kind)
    listed = [(p, [c for c in offered if c.plugin is p]) for p in catalog.current().plugins]
    # A plugin that is not active might have offered this kind, so it is always shown.
    return [(p, c) for p, c in listed if c or show_all or kind is None or p.state != "active"]


def _entry(plugin: PluginInfo, components: list[Component]) -> dict[str, Any]:
    return {
        **plugin.to_dict(),
        "components": [{"kind": c.kind, "name": c.name, "summary": c.summary} for c in components],
    }


def _print(plugins: list[tuple[PluginInfo, list[Component]]]) -> None:
    print_table(
        ("plugin", "version", "distribution", "state", "reason"),
        [(p.name, p.version, p.distribution, p.state, p.reason) for p, _ in plugins],
        [STYLES[p.state] for p, _ in plugins],
    )
    components = [component for _, offered in plugins for component in offered]
    if components:
        sys.stdout.write("\n")
    if components and sys.stdout.isatty():
        _print_by_plugin(components)
    elif components:
        rows = [(c.kind, c.name, c.plugin.name, c.summary) for c in components]
        print_table(("kind", "component", "plugin", "summary"), rows)


def _print_by_plugin(components: list[Component]) -> None:
    """Print a line a component under the name of its plugin, cut where the terminal ends."""
    width = shutil.get_terminal_size().columns
    rows = [(c.kind, c.name, c.summary) for c in components]
    header, *lines = plain_lines(("kind", "component", "summary"), rows)
    sys.stdout.write(f"  {header}\n")
    plugin = None
    for component, line in zip(components, lines, strict=True):
        if component.plugin is not plugin:
            plugin = component.plugin
            sys.stdout.write(f"{plugin.name}\n")
        cut = f"{line[: width - 3]}…" if len(line) > width - 2 else line
        sys.stdout.write(f"  {cut}\n")
