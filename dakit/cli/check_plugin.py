"""``dakit check-plugin``: do all components of a plugin keep what the contract promises?"""

from __future__ import annotations

import sys
import traceback
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from dakit.cli.completion import plugins
from dakit.cli.tables import print_table
from dakit.errors import InputError, did_you_mean
from dakit.plugins import catalog
from dakit.plugins.catalog import Component
from dakit.plugins.loading import PluginInfo
from dakit.plugins.options import plain_name

if TYPE_CHECKING:
    from dakit.testing import Report
    from dakit.testing.check import State

STYLES = {"failed": "red", "passed": "", "stale": "yellow", "waived": "yellow", "skipped": "dim"}
"""How the outcomes look, in the order in which they are shown."""


def check_plugin(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            autocompletion=plugins,
            help="A plugin's name or its package's, as in `dakit list-plugins`.",
        ),
    ],
    show_all: Annotated[
        bool, typer.Option("--all", help="Show the checks that passed, too.")
    ] = False,
) -> None:
    """Check every component of a plugin with the conformance kit.

    The kit holds a component to what dakit promises its users: finite losses and gradients on
    awkward batches, parameters that are trained and saved, target labels out of sight. What fails
    is shown first, then what does not apply, with the reason, then how many checks ran. Ends with
    exit code 1 if any failed.

    A field without a default leaves the checks that need a value skipped; in the plugin's own
    tests `checks_for(MySpec, example={...})` gives one.

    What a check says of an exception ends with the plugin's file and line where it was raised;
    `--debug` prints the tracebacks.

    Example: dakit check-plugin astro_mergers
    """
    components = _components(_plugin(name))
    from dakit.testing import check_component

    reports = [check_component(component.spec_class) for component in components]
    if catalog.options().debug:
        _print_tracebacks(reports)
    _print_reports(reports, show_all)
    if not all(report.ok for report in reports):
        raise typer.Exit(1)


def _plugin(name: str) -> PluginInfo:
    plugins = catalog.current().plugins
    for called in ("name", "distribution"):
        of_name = [p for p in plugins if plain_name(name) == plain_name(getattr(p, called))]
        if len(of_name) == 1:
            return _usable(of_name[0])
    names = [plugin.name for plugin in plugins]
    hint = did_you_mean(name, names) or "."
    providers = [c.plugin.name for c in catalog.current().components() if c.name == name]
    if providers:
        hint = f"; it is a component of the plugin {providers[0]!r}."
    raise InputError(f"there is no plugin {name!r}{hint} The plugins are {', '.join(names)}.")


def _usable(plugin: PluginInfo) -> PluginInfo:
    if plugin.state != "active":
        raise InputError(f"plugin {plugin} is {plugin.state}, not active: {plugin.reason}")
    return plugin


def _components(plugin: PluginInfo) -> list[Component]:
    components = [c for c in catalog.current().components() if c.plugin is plugin]
    if not components:
        raise InputError(f"plugin {plugin} offers no component, so there is nothing to check")
    return components


def _print_tracebacks(reports: list[Report]) -> None:
    for report in reports:
        for outcome in report.failed:
            sys.stderr.write(f"{report.kind} {report.name}, {outcome.check}:\n")
            traceback.print_exception(outcome.error)


def _print_reports(reports: list[Report], show_all: bool) -> None:
    from dakit.testing.check import counted

    shown = [
        (report, outcome)
        for state in STYLES
        for report in reports
        for outcome in report.outcomes
        if outcome.state == state and (show_all or state != "passed")
    ]
    if shown:
        rows = [(r.kind, r.name, o.check, o.state, o.reason or o.promise) for r, o in shown]
        columns = ("kind", "component", "check", "outcome", "what")
        print_table(columns, rows, [STYLES[o.state] for _, o in shown])
        sys.stdout.write("\n")
    for report in reports:
        sys.stdout.write(f"{report.kind} {report.name}: {counted(report.counts)}\n")
    if len(reports) > 1:
        total: Counter[State] = Counter()
        for report in reports:
            total.update(report.counts)
        sys.stdout.write(f"all: {counted(total)}\n")
