"""What is said of plugins that are not what they were when a run was made."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from dakit import TransferLossSpec
from dakit.errors import InputError
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, State
from dakit.runs.plugin_changes import other_versions, plugin_changes, told_of_plugin_changes
from dakit.runs.records import Environment
from tests.run_files import made


def then(state: str = "active") -> Environment:
    lens = {"name": "lens", "distribution": "dakit-lens", "version": "1.0", "state": state}
    return made(Environment, {"plugins": [{**lens, "reason": ""}]})


def now(*plugins: PluginInfo) -> Catalog:
    return Catalog(LoadedPlugin(plugin) for plugin in plugins)


def lens(version: str = "1.0", state: State = "active", reason: str = "") -> PluginInfo:
    return PluginInfo("lens", version, "dakit-lens", state, reason)


@pytest.mark.parametrize(
    ("plugins", "told"),
    [
        ((), "which is not installed now"),
        ((lens("2.0"),), "which is 2.0 now"),
        ((lens(state="failed", reason="ImportError: no"),), "which is failed now: ImportError: no"),
    ],
)
def test_each_change_is_told_with_name_and_version(
    plugins: tuple[PluginInfo, ...], told: str
) -> None:
    with catalog.using(now(*plugins)):
        (sentence,) = plugin_changes(then())
    start = "The run was made with the plugin 'lens' (dakit-lens 1.0), "
    assert sentence == f"{start}{told}."


def test_nothing_is_said_where_nothing_changed() -> None:
    with catalog.using(now(lens())):
        assert plugin_changes(then()) == []


def test_a_plugin_that_was_not_active_does_not_count() -> None:
    with catalog.using(now()):
        assert plugin_changes(then("failed")) == []


def test_a_run_without_record_of_its_plugins_is_no_error() -> None:
    assert plugin_changes(Environment()) == []


def test_an_error_is_told_with_what_changed() -> None:
    with (
        catalog.using(now()),
        pytest.raises(
            InputError, match=r"^no such lens\. The run was made with .* installed now\."
        ),
        told_of_plugin_changes(then()),
    ):
        raise InputError("no such lens")


def test_an_error_where_nothing_changed_stays_as_it_is() -> None:
    error = InputError("no such lens")
    with (
        catalog.using(now(lens())),
        pytest.raises(InputError) as raised,
        told_of_plugin_changes(then()),
    ):
        raise error
    assert raised.value is error


class Pull(TransferLossSpec):
    """Pulls."""

    name: Literal["pull"] = "pull"

    def build(self, context: Any) -> Any: ...


@pytest.mark.parametrize(
    ("version", "loss", "told"),
    [
        ("1.0", "pull", ""),
        ("1.1", "pull", "with lens 1.0 (1.1 is installed)"),
        ("1.1", "mmd", ""),  # the run used nothing of it
    ],
)
def test_another_version_is_told_where_the_run_used_the_plugin(
    version: str, loss: str, told: str
) -> None:
    spec = {"name": "lens", "objective": {"transfer": {"name": loss}, "regularizers": []}}
    with catalog.using(Catalog([LoadedPlugin(lens(version), (Pull,))])):
        assert other_versions(then(), spec) == told
