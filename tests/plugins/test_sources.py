from __future__ import annotations

from pathlib import Path

import pytest

from dakit.plugins.loading import load_plugins
from dakit.plugins.options import PluginOptions


def _write_metadata(site: Path, name: str, entry_points: str) -> None:
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(entry_points)


def test_unreadable_metadata_takes_nobody_else_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_metadata(tmp_path, "garbled", "[dakit]\nno equals sign here\n")
    _write_metadata(tmp_path, "garbled-stranger", "[other]\nno equals sign here\n")
    monkeypatch.syspath_prepend(tmp_path)
    states = {p.info.name: p.info.state for p in load_plugins(PluginOptions()).plugins}
    assert states["garbled"] == "failed"
    assert states["builtin"] == "active"
    assert "garbled-stranger" not in states


def test_invalid_requirement_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write_metadata(tmp_path, "strange", "[dakit]\nstrange = json\n")
    metadata = tmp_path / "strange-1.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text() + "Requires-Dist: dakit >>> 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    (info,) = [p.info for p in load_plugins(PluginOptions()).plugins if p.info.name == "strange"]
    assert info.state == "failed"
    assert "InvalidRequirement" in info.reason
