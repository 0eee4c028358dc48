from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dakit.cli import doctor
from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo

FINE = LoadedPlugin(PluginInfo("fine", "1.0", "dakit-fine"))
OFF = LoadedPlugin(PluginInfo("off", "1.0", "dakit-off", "disabled", "not wanted"))
SICK = LoadedPlugin(PluginInfo("sick", "1.0", "dakit-sick", "failed", "ValueError: no"))


def _run(capsys: pytest.CaptureFixture[str], *plugins: LoadedPlugin) -> tuple[int, str]:
    with catalog.using(Catalog(plugins)):
        code = main(["doctor"])
    return code, capsys.readouterr().out


def test_all_in_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out = _run(capsys, FINE, OFF)
    assert code == 0
    assert out.endswith("All is in order.\n")
    states = {line.split("  ")[0]: line.split()[1:] for line in out.splitlines()}
    assert {"python", "dakit", "dependencies", "torch", "devices", "folder"} <= set(states)
    assert "note" in states["plugin off"]
    assert list(tmp_path.iterdir()) == []


def test_failed_plugin_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    code, out = _run(capsys, FINE, SICK)
    assert code == 1
    assert "ValueError: no" in out
    assert out.endswith("Broken: plugin sick\n")


def test_torch_that_cannot_be_imported_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    code, out = _run(capsys, FINE)
    assert code == 1
    assert out.endswith("Broken: torch\n")


def test_folder_that_cannot_be_written_is_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    code, out = _run(capsys, FINE)
    assert code == 1
    assert "is not writable: Permission denied" in out


def test_missing_and_outdated_dependencies_are_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs = ["no-such-distribution>=1", "pluggy>=99", "also-missing; extra == 'figures'"]
    monkeypatch.setattr(doctor, "requires", lambda _: needs)
    code, out = _run(capsys, FINE)
    assert code == 1
    assert "no-such-distribution is missing; pluggy " in out
    assert "is not >=99" in out
    (extra,) = [line for line in out.splitlines() if line.startswith("extra figures")]
    assert "note" in extra
    assert "also-missing is missing" in extra
    assert out.endswith("Broken: dependencies\n")
