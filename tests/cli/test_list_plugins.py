from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from dakit import BackboneSpec, TransferLossSpec
from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo


class Mmd(TransferLossSpec):
    """Distance of means."""

    name: Literal["mmd"] = "mmd"

    def build(self, context: Any) -> Any: ...


class Net(BackboneSpec):
    """A network."""

    name: Literal["net"] = "net"

    def build(self, context: Any) -> Any: ...


PLUGINS = [
    LoadedPlugin(PluginInfo("losses", "1.0", "dakit-losses"), (Mmd,)),
    LoadedPlugin(PluginInfo("nets", "2.0", "dakit-nets"), (Net,)),
    LoadedPlugin(PluginInfo("sick", "3.0", "dakit-sick", "failed", "ValueError: no")),
]


@pytest.fixture(autouse=True)
def _catalog() -> Iterator[None]:
    with catalog.using(Catalog(PLUGINS)):
        yield


def _json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["list-plugins", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_is_as_documented(capsys: pytest.CaptureFixture[str]) -> None:
    assert _json(capsys) == [
        {
            "name": "losses",
            "version": "1.0",
            "distribution": "dakit-losses",
            "state": "active",
            "reason": "",
            "components": [{"kind": "transfer", "name": "mmd", "summary": "Distance of means."}],
        },
        {
            "name": "nets",
            "version": "2.0",
            "distribution": "dakit-nets",
            "state": "active",
            "reason": "",
            "components": [{"kind": "backbone", "name": "net", "summary": "A network."}],
        },
        {
            "name": "sick",
            "version": "3.0",
            "distribution": "dakit-sick",
            "state": "failed",
            "reason": "ValueError: no",
            "components": [],
        },
    ]


def test_kind_leaves_out_working_plugins_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    listed = _json(capsys, "--kind", "backbone")
    assert [plugin["name"] for plugin in listed] == ["nets", "sick"]


def test_all_brings_them_back_without_their_components(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed = _json(capsys, "--kind", "backbone", "--all")
    assert [(p["name"], len(p["components"])) for p in listed] == [
        ("losses", 0),
        ("nets", 1),
        ("sick", 0),
    ]


def test_unknown_kind_is_the_users_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list-plugins", "--kind", "backbones"]) == 2
    assert "did you mean 'backbone'?" in capsys.readouterr().err


def test_plain_text_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list-plugins"]) == 0
    assert capsys.readouterr().out == (
        "plugin  version  distribution  state   reason\n"
        "losses  1.0      dakit-losses  active\n"
        "nets    2.0      dakit-nets    active\n"
        "sick    3.0      dakit-sick    failed  ValueError: no\n"
        "\n"
        "kind      component  plugin  summary\n"
        "transfer  mmd        losses  Distance of means.\n"
        "backbone  net        nets    A network.\n"
    )


def test_drawn_table_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["list-plugins"]) == 0
    out = capsys.readouterr().out
    assert "──" in out
    assert "ValueError: no" in out


def test_a_component_takes_one_line_of_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["list-plugins"]) == 0
    assert capsys.readouterr().out.partition("kind")[2].splitlines() == [
        "      component  summary",
        "losses",
        "  transfer  mmd        Distance of mean…",
        "nets",
        "  backbone  net        A network.",
    ]
