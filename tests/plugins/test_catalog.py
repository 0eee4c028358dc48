from __future__ import annotations

from typing import Any, Literal

import pytest

from dakit import BackboneSpec, InputError, TransferLossSpec
from dakit.components import ComponentSpec
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog, ConflictingComponent, UnknownComponent
from dakit.plugins.loading import LoadedPlugin, PluginInfo
from dakit.plugins.options import PluginOptions


class Mmd(TransferLossSpec):
    """Distance of means of ``(B, D)``.

    The rest is detail.
    """

    name: Literal["mmd"] = "mmd"

    def build(self, context: Any) -> Any: ...


class OtherMmd(Mmd):
    pass


class Coral(TransferLossSpec):
    name: Literal["coral"] = "coral"

    def build(self, context: Any) -> Any: ...


class Net(BackboneSpec):
    """A network."""

    name: Literal["net"] = "net"

    def build(self, context: Any) -> Any: ...


def plugin(name: str, *components: type[ComponentSpec], **state: Any) -> LoadedPlugin:
    return LoadedPlugin(PluginInfo(name, "1.0", f"dakit-{name}", **state), components)


BUILTIN = LoadedPlugin(PluginInfo("builtin", "0.1.0", "dakit"), (Mmd,))


def test_find_returns_the_class() -> None:
    offered = Catalog([plugin("a", Mmd, Net)])
    assert offered.find("transfer", "mmd") is Mmd
    assert offered.find("backbone", "net") is Net


def test_components_are_ordered_by_kind_and_name() -> None:
    offered = Catalog([plugin("a", Mmd, Coral, Net)])
    assert [c.name for c in offered.components()] == ["net", "coral", "mmd"]
    assert [c.name for c in offered.components("transfer")] == ["coral", "mmd"]
    assert offered.components("launcher") == []


def test_component_knows_its_summary_and_provider() -> None:
    (component,) = Catalog([plugin("a", Mmd)]).components()
    assert component.summary == "Distance of means of `(B, D)`."
    assert str(component.plugin) == "'a' (dakit-a 1.0)"


def test_component_without_docstring_has_an_empty_summary() -> None:
    (component,) = Catalog([plugin("a", Coral)]).components()
    assert component.summary == ""


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (
            "transfer",
            "mdm",
            "there is no transfer loss named 'mdm'; did you mean 'mmd'? On offer: coral, mmd.",
        ),
        (
            "transfer",
            "net",
            "there is no transfer loss named 'net', but a backbone of that name. "
            "On offer: coral, mmd.",
        ),
        ("launcher", "slurm", "there is no launcher named 'slurm'. None is on offer."),
    ],
)
def test_unknown_name_gets_help(kind: Any, name: str, message: str) -> None:
    with pytest.raises(UnknownComponent) as raised:
        Catalog([plugin("a", Mmd, Coral, Net)]).find(kind, name)
    assert str(raised.value) == message
    assert isinstance(raised.value, InputError)


def test_unknown_name_names_the_plugins_that_may_offer_it() -> None:
    offered = Catalog(
        [
            plugin("a", Mmd),
            plugin("b", state="failed", reason="ValueError: no"),
            plugin("c", state="disabled", reason="blocked"),
        ]
    )
    with pytest.raises(UnknownComponent) as raised:
        offered.find("transfer", "sinkhorn")
    assert "'b' (dakit-b 1.0) is not loaded and may offer it (failed: ValueError: no)" in str(
        raised.value
    )
    assert "'c' (dakit-c 1.0)" in str(raised.value)
    assert "'a'" not in str(raised.value)


def test_conflict_names_both_distributions_and_a_way_out() -> None:
    offered = Catalog([plugin("a", Mmd, Coral), plugin("b", OtherMmd)])
    with pytest.raises(ConflictingComponent) as raised:
        offered.find("transfer", "mmd")
    assert "dakit-a 1.0" in str(raised.value)
    assert "dakit-b 1.0" in str(raised.value)
    assert "--disable-plugin dakit-a or dakit-b" in str(raised.value)
    assert [c.name for c in offered.components()] == ["coral"]
    assert offered.find("transfer", "coral") is Coral


@pytest.mark.parametrize(
    "plugins", [[BUILTIN, plugin("b", OtherMmd)], [plugin("b", OtherMmd), BUILTIN]]
)
def test_builtin_keeps_its_name(plugins: list[LoadedPlugin]) -> None:
    assert Catalog(plugins).find("transfer", "mmd") is Mmd


def test_named_finds_one_name_in_several_kinds() -> None:
    class NetLoss(TransferLossSpec):
        name: Literal["net"] = "net"

        def build(self, context: Any) -> Any: ...

    offered = Catalog([plugin("a", Net, NetLoss)])
    assert [c.kind for c in offered.named("net")] == ["backbone", "transfer"]
    assert [c.kind for c in offered.named("net", "transfer")] == ["transfer"]


def test_using_replaces_the_catalog_and_puts_it_back() -> None:
    before = catalog.current()
    mine = Catalog([plugin("a", Mmd)])
    with catalog.using(mine):
        assert catalog.current() is mine
    assert catalog.current() is before


def test_using_puts_it_back_after_an_error() -> None:
    before = catalog.current()
    with pytest.raises(ZeroDivisionError), catalog.using(Catalog([])):
        raise ZeroDivisionError
    assert catalog.current() is before


def test_current_is_loaded_once() -> None:
    assert catalog.current() is catalog.current()


def test_configure_loads_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_options", None)
    monkeypatch.setattr(catalog, "_loaded", None)
    catalog.configure(PluginOptions(allowed=()))
    states = {p.name: p.state for p in catalog.current().plugins}
    assert states.pop("builtin") == "active"
    assert set(states.values()) <= {"disabled"}
