"""Looks components up by kind and name, and says who provides them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

from dakit.components import SPEC_BASES, ComponentSpec
from dakit.errors import InputError, did_you_mean
from dakit.plugins.checks import component_name
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins, report
from dakit.plugins.options import PluginOptions


@final
@dataclass(frozen=True)
class Component:
    """One component on offer."""

    kind: str
    name: str
    summary: str
    spec_class: type[ComponentSpec]
    plugin: PluginInfo


class UnknownComponent(InputError):
    """A name that no component of its kind has."""


class ConflictingComponent(InputError):
    """A name that two plugins claim, so that neither can be meant."""


@final
class Catalog:
    """Every component of a set of plugins.

    A name offered by two plugins is usable from neither, unless one of them is dakit itself,
    which keeps its names.
    """

    def __init__(self, plugins: Iterable[LoadedPlugin]) -> None:
        loaded = tuple(plugins)
        self.plugins: list[PluginInfo] = [plugin.info for plugin in loaded]
        self._providers: dict[tuple[str, str], list[Component]] = {}
        self._told: dict[tuple[str, str | None], str] = {}
        for plugin in loaded:
            for spec_class in plugin.components:
                component = _component(spec_class, plugin.info)
                key = (component.kind, component.name)
                self._providers.setdefault(key, []).append(component)

    def find(self, kind: str, name: str) -> type[ComponentSpec]:
        """Return the spec class of the component of ``kind`` that is called ``name``.

        Raises:
            UnknownComponent: nobody offers it; says what is close, on offer, or failed to load.
            ConflictingComponent: more than one plugin offers it; names them.
        """
        return self.named(name, kind)[0].spec_class

    def offers(self, kind: str, name: str) -> bool:
        """Return whether anyone offers a component of ``kind`` that is called ``name``."""
        return (kind, name) in self._providers

    def named(self, name: str, kind: str | None = None) -> list[Component]:
        """Return the components called ``name``, of one kind or of all; at least one.

        Raises:
            UnknownComponent, ConflictingComponent: as in :meth:`find`.
        """
        keys = [key for key in self._providers if key[1] == name and kind in (None, key[0])]
        if not keys:
            if (name, kind) not in self._told:
                self._told[name, kind] = self._unknown(name, kind)
            raise UnknownComponent(self._told[name, kind])
        return [_the_one(self._providers[key]) for key in keys]

    def components(self, kind: str | None = None) -> list[Component]:
        """Return the components that can be used, of one kind or of all, by kind and name."""
        usable = map(_unambiguous, self._providers.values())
        found = [c for c in usable if c is not None and kind in (None, c.kind)]
        kinds = list(SPEC_BASES)
        return sorted(found, key=lambda c: (kinds.index(c.kind), c.name))

    def may_be_missing(self) -> list[str]:
        """Return a sentence for each plugin that is not loaded and may offer more components."""
        return [
            f"Plugin {p} is not loaded and may offer it ({p.state}: {p.reason})."
            for p in self.plugins
            if p.state in {"failed", "incompatible", "disabled"}
        ]

    def _unknown(self, name: str, kind: str | None) -> str:
        label = "component" if kind is None else SPEC_BASES[kind].kind_label
        names = list(dict.fromkeys(component.name for component in self.components(kind)))
        others = [SPEC_BASES[k].kind_label for k, n in self._providers if n == name]
        other = f", but a {' and a '.join(others)} of that name." if others else "."
        text = f"there is no {label} named {name!r}{did_you_mean(name, names, most=3) or other}"
        offer = f"On offer: {', '.join(names)}." if names else "None is on offer."
        return " ".join([text, offer, *self.may_be_missing()])


def _component(spec_class: type[ComponentSpec], plugin: PluginInfo) -> Component:
    summary = inspect.cleandoc(spec_class.__doc__ or "").partition("\n")[0].replace("``", "`")
    return Component(spec_class.kind, component_name(spec_class), summary, spec_class, plugin)


def _unambiguous(providers: list[Component]) -> Component | None:
    if len(providers) == 1:
        return providers[0]
    return next((component for component in providers if component.plugin.builtin), None)


def _the_one(providers: list[Component]) -> Component:
    component = _unambiguous(providers)
    if component is not None:
        return component
    first, *_, last = (p.plugin for p in providers)
    others = " and by ".join(str(provider.plugin) for provider in providers)
    raise ConflictingComponent(
        f"the {providers[0].spec_class.kind_label} {providers[0].name!r} is offered by {others}; "
        f"leave one out: --disable-plugin {first.distribution} or {last.distribution}"
    )


_options: PluginOptions | None = None
_loaded: Catalog | None = None
_in_use: Catalog | None = None


def configure(options: PluginOptions) -> None:
    """Load the plugins of this process with ``options`` instead of the environment's."""
    global _options, _loaded
    if options != _options:
        _options, _loaded = options, None


def options() -> PluginOptions:
    """Return the plugin options of this process."""
    return _options or PluginOptions.from_environment()


def current() -> Catalog:
    """Return the catalog in use; the first call loads the plugins and reports their failures."""
    global _loaded
    if _in_use is not None:
        return _in_use
    if _loaded is None:
        plugins = load_plugins(options())
        report(plugins, debug=options().debug)
        _loaded = Catalog(plugins.plugins)
    return _loaded


@contextmanager
def using(catalog: Catalog) -> Iterator[Catalog]:
    """Use ``catalog`` in the ``with`` block, whatever is installed."""
    global _in_use
    before, _in_use = _in_use, catalog
    try:
        yield catalog
    finally:
        _in_use = before
