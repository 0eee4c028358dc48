"""Components that a test makes up, on offer beside dakit's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dakit.components import ComponentSpec
from dakit.plugins import catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.plugins.options import PluginOptions


@contextmanager
def offered(*spec_classes: type[ComponentSpec]) -> Iterator[None]:
    """Offer ``spec_classes`` as those of the plugin ``mine``, and no other plugin's."""
    own = load_plugins(PluginOptions(allowed=())).plugins
    mine = LoadedPlugin(PluginInfo("mine", "1.0", "dakit-mine"), spec_classes)
    with catalog.using(catalog.Catalog([*own, mine])):
        yield
