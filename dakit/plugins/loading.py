"""Finds plugins, isolates their failures, blocks them, reports their state.

No plugin can take dakit down: whatever goes wrong while one is imported, registered or asked
for its components puts it into a state with a reason, and everything else works on. A plugin
that fails in one place offers nothing at all, so what it offers never depends on how far it got.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal, TextIO, final

import dakit
from dakit.components import ComponentSpec
from dakit.errors import DakitError, did_you_mean
from dakit.plugins import sources
from dakit.plugins.checks import PluginFault, component_name, offered, unmet_requirement
from dakit.plugins.hooks import PROJECT
from dakit.plugins.options import PluginOptions
from dakit.plugins.sources import Candidate

SLOW = 0.5
"""Seconds that the import of a plugin may take; every command waits for all of them."""
HEAVY = ("torch", "torchvision", "sklearn", "scipy", "pandas", "matplotlib")
"""What no plugin's import should bring."""

State = Literal["active", "disabled", "failed", "incompatible", "conflict"]


class PluginError(DakitError):
    """A plugin is broken and ``DAKIT_STRICT_PLUGINS`` asks for an error."""


@final
@dataclass(frozen=True)
class PluginInfo:
    """What is known of one plugin."""

    name: str
    version: str
    distribution: str
    state: State = "active"
    reason: str = ""
    """Why the state is not ``active``; for an active one, what makes its import slow."""
    error: BaseException | None = field(default=None, compare=False, repr=False)

    @property
    def builtin(self) -> bool:
        """Whether this is dakit's own, which cannot be blocked."""
        return self.distribution == PROJECT and self.name == "builtin"

    def to_dict(self) -> dict[str, str]:
        """Return what is known as plain values."""
        keys = ("name", "version", "distribution", "state", "reason")
        return {key: getattr(self, key) for key in keys}

    def __str__(self) -> str:
        return f"{self.name!r} ({self.distribution} {self.version})"


@final
@dataclass(frozen=True)
class LoadedPlugin:
    """A plugin and the component spec classes it offers."""

    info: PluginInfo
    components: tuple[type[ComponentSpec], ...] = ()


@final
@dataclass(frozen=True)
class PluginSet:
    """Every plugin that was found, in whatever state, and what the user must know."""

    plugins: tuple[LoadedPlugin, ...]
    warnings: tuple[str, ...] = ()


def load_plugins(options: PluginOptions) -> PluginSet:
    """Find, check and load all plugins.

    Raises:
        InputError: a file given as ``--plugin-module`` is not there.
        PluginError: a plugin is broken and ``options.strict`` is set.
    """
    with _no_garbage():
        candidates = sources.installed()
        files = sources.local(options.modules)
        loaded = [_load(c, options) for c in candidates]
        loaded += [_load(c, replace(options, allowed=None)) for c in files]  # asked for by name
    plugins = _with_conflicts(loaded)
    broken = [p.info for p in plugins if p.info.state not in {"active", "disabled"}]
    if options.strict and broken:
        raise PluginError(_warning(broken[0])) from broken[0].error
    name_warnings = _unknown_names(options, [*candidates, *files])
    return PluginSet(plugins, (*name_warnings, *map(_warning, broken)))


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Collect no garbage: of what is imported nothing is, and to look through it takes time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def report(plugins: PluginSet, *, debug: bool, stream: TextIO | None = None) -> None:
    """Write a line for each warning to ``stream`` (stderr), and tracebacks if ``debug``."""
    out = sys.stderr if stream is None else stream
    for plugin in plugins.plugins if debug else ():
        if plugin.info.error is not None:
            out.writelines(traceback.format_exception(plugin.info.error))
    out.writelines(f"warning: {line}\n" for line in plugins.warnings)


def _load(candidate: Candidate, options: PluginOptions) -> LoadedPlugin:
    info = PluginInfo(candidate.name, candidate.version, candidate.distribution)
    against = options.reason_against(info.name, info.distribution)
    if against and not info.builtin:
        return LoadedPlugin(replace(info, state="disabled", reason=against))
    try:
        unmet = "" if info.builtin else unmet_requirement(candidate.requires, dakit.__version__)
        if unmet:
            reason = f"it needs {unmet}, this is dakit {dakit.__version__}"
            return LoadedPlugin(replace(info, state="incompatible", reason=reason))
        begun, known = perf_counter(), set(sys.modules)
        with redirect_stdout(sys.stderr):  # what a plugin prints must not end up in our output
            components = offered(candidate.load(), info.name)
        slow = "" if info.builtin else _slow(perf_counter() - begun, sys.modules.keys() - known)
        return LoadedPlugin(replace(info, reason=slow), components)
    except (Exception, SystemExit) as error:
        return LoadedPlugin(replace(info, state="failed", reason=_reason(error), error=error))


def _slow(seconds: float, imported: Set[str]) -> str:
    """Return what makes the import of a plugin slow; every command has to wait for it."""
    parts = [f"brings {name}" for name in HEAVY if name in imported]
    if seconds > SLOW:
        parts = [f"takes {seconds:.1f} s", *parts]
    return f"its import {' and '.join(parts)}; import what is heavy in build()" if parts else ""


def _reason(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, PluginFault) else f"{type(error).__name__}: {text}"


def _with_conflicts(plugins: Sequence[LoadedPlugin]) -> tuple[LoadedPlugin, ...]:
    offers: dict[tuple[str, str], list[LoadedPlugin]] = {}
    for plugin in plugins:
        for spec_class in plugin.components:
            key = (spec_class.kind, component_name(spec_class))
            offers.setdefault(key, []).append(plugin)
    return tuple(_with_conflict(plugin, offers) for plugin in plugins)


def _with_conflict(
    plugin: LoadedPlugin, offers: dict[tuple[str, str], list[LoadedPlugin]]
) -> LoadedPlugin:
    reasons = [
        f"{kind} {name!r} is also offered by {other.info}"
        for (kind, name), providers in offers.items()
        if plugin in providers
        for other in providers
        if other is not plugin
    ]
    if not reasons or plugin.info.builtin:  # what dakit ships keeps its names
        return plugin
    return replace(plugin, info=replace(plugin.info, state="conflict", reason="; ".join(reasons)))


def _warning(info: PluginInfo) -> str:
    return f"plugin {info}: {info.state}: {info.reason}"


def _unknown_names(options: PluginOptions, candidates: Sequence[Candidate]) -> list[str]:
    known = [name for c in candidates for name in (c.name, c.distribution)]
    lines = []
    for name in options.unknown(known):
        near = did_you_mean(name, known) or f"; found: {', '.join(c.name for c in candidates)}"
        lines.append(f"there is no plugin named {name!r} to allow or disable{near}")
    if PROJECT in options.disabled or "builtin" in options.disabled:
        lines.append("the built-in components cannot be disabled")
    return lines
