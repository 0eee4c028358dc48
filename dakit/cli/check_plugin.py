"""``dakit check-plugin``: do all components of a plugin keep what the contract promises?"""

from __future__ import annotations

import sys
from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from dakit import catalog
from dakit.catalog import Component
from dakit.cli.tables import print_table
from dakit.errors import InputError
from dakit.plugins import PluginInfo

if TYPE_CHECKING:
    from dakit.testing import Report
    from dakit.testing.report import State

STYLES = {"passed": "", "failed": "red", "skipped": "dim"}


def check_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A plugin's name, as in `dakit list-plugins`.")
    ],
    show_all: Annotated[
        bool, typer.Option("--all", help="Show the checks that passed, too.")
    ] = False,
) -> None:
    """Check every component of a plugin with the conformance kit.

    Shows what failed and what was skipped and why, and how many checks ran. Ends with exit code
    1 if any failed. A field without default leaves the checks that need it skipped: give it an
    example in the plugin's own tests.

    Example: dakit check-plugin astro_mergers
    """
    components = _components(_plugin(name))
    from dakit.testing import check_component

    reports = [check_component(component.spec_class) for component in components]
    _print_reports(reports, show_all)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _plugin(name: str) -> PluginInfo:
    plugins = catalog.current().plugins
    for plugin in plugins:
        if name == plugin.name:
            return _usable(plugin)
    names = [plugin.name for plugin in plugins]
    close = get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise InputError(f"there is no plugin {name!r}; {hint}The plugins are {', '.join(names)}.")


def _usable(plugin: PluginInfo) -> PluginInfo:
    if plugin.state != "active":
        raise InputError(f"plugin {plugin} is {plugin.state}, not active: {plugin.reason}")
    return plugin


def _components(plugin: PluginInfo) -> list[Component]:
    components = [c for c in catalog.current().components() if c.plugin is plugin]
    if not components:
        raise InputError(f"plugin {plugin} offers no component, so there is nothing to check")
    return components


def _print_reports(reports: list[Report], show_all: bool) -> None:
    from dakit.testing.report import counted

    shown = [
        (report, outcome)
        for report in reports
        for outcome in report.outcomes
        if show_all or outcome.state != "passed"
    ]
    if shown:
        rows = [(r.kind, r.name, o.check, o.state, o.reason or o.promise) for r, o in shown]
        columns = ("kind", "component", "check", "outcome", "what")
        print_table(columns, rows, [STYLES[o.state] for _, o in shown])
        sys.stdout.write("\n")
    for report in reports:
        sys.stdout.write(f"{report.kind} {report.name}: {counted(report.counts)}\n")
    total: Counter[State] = Counter()
    for report in reports:
        total.update(report.counts)
    sys.stdout.write(f"all: {counted(total)}\n")
