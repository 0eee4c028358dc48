from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import Field

from dakit import LauncherSpec
from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo


class Sound(LauncherSpec):
    """Runs specs one after the other."""

    name: Literal["sound"] = "sound"
    host: str = Field(description="Where.")

    def build(self, context: Any) -> Any: ...


class Bare(LauncherSpec):
    """Runs specs one after the other."""

    name: Literal["bare"] = "bare"
    number: int = 1

    def build(self, context: Any) -> Any: ...


PLUGINS = [
    LoadedPlugin(PluginInfo("good", "1.0", "dakit-good"), (Sound,)),
    LoadedPlugin(PluginInfo("bad", "1.0", "dakit-bad"), (Sound, Bare)),
    LoadedPlugin(PluginInfo("empty", "1.0", "dakit-empty")),
    LoadedPlugin(PluginInfo("sick", "3.0", "dakit-sick", "failed", "ValueError: no")),
]


@pytest.fixture(autouse=True)
def _catalog(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # the classes of this test live in a module that imports what it likes
    monkeypatch.setattr("dakit.testing.specs.imports_of", lambda spec_class: [])
    with catalog.using(Catalog([plugin for plugin in PLUGINS if plugin.info.name != "bad"])):
        yield


def test_what_is_skipped_is_told_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-plugin", "good"]) == 0
    out = capsys.readouterr().out
    assert "survives_json" in out
    assert "no default and no example: host" in out
    assert "may_be_offered" not in out
    assert out.endswith("\nlauncher sound: 7 checks ran: 7 passed, 0 failed; 9 skipped\n")


def test_all_shows_what_passed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-plugin", "good", "--all"]) == 0
    assert "may_be_offered" in capsys.readouterr().out


def test_a_failure_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with catalog.using(Catalog(PLUGINS[1:2])):
        assert main(["check-plugin", "bad"]) == 1
    out = capsys.readouterr().out
    assert "no description: number" in out
    assert out.index("no description: number") < out.index("skipped  ")  # the worst first
    assert "launcher bare: 10 checks ran: 8 passed, 2 failed; 6 skipped" in out
    assert "all: 17 checks ran: 15 passed, 2 failed; 15 skipped" in out


def test_debug_prints_the_tracebacks(capsys: pytest.CaptureFixture[str]) -> None:
    with catalog.using(Catalog(PLUGINS[1:2])):
        assert main(["check-plugin", "bad"]) == 1
        assert "Traceback" not in capsys.readouterr().err
        assert main(["check-plugin", "bad", "--debug"]) == 1
    err = capsys.readouterr().err
    assert "launcher bare, describes_every_field:\nTraceback" in err


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("goood", "did you mean 'good'?"),
        ("sick", "is failed, not active: ValueError: no"),
        ("empty", "nothing to check"),
        ("sound", "it is a component of the plugin 'good'."),
    ],
)
def test_a_plugin_that_cannot_be_checked(
    name: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check-plugin", name]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["good", "Good", "dakit-good", "dakit_good"])
def test_the_package_s_name_will_do(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-plugin", name]) == 0
    assert "launcher sound" in capsys.readouterr().out
