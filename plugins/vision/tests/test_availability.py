"""Whether torchvision fits torch, told from their version files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dakit_vision.availability import misfit, require_torchvision

SOURCE = Path(__file__).parents[1] / "src"


def version_file(text: str) -> str:
    return f"from typing import Optional\n__version__ = '{text}'\ncuda: Optional[str] = None\n"


@pytest.mark.parametrize(
    ("torchvision", "torch"),
    [
        ("0.28.0+cu130", "2.13.0+cu130"),
        ("0.28.0+cpu", "2.13.0+cpu"),
        ("0.28.0", "2.13.0"),
        ("0.28.0+cpu", "2.13.0+cu130"),
    ],
)
def test_builds_that_fit(torchvision: str, torch: str) -> None:
    assert misfit(version_file(torchvision), version_file(torch)) == ""


@pytest.mark.parametrize("torch", ["2.13.0+cpu", "2.13.0", "2.13.0+cu126"])
def test_a_cuda_build_beside_another_torch_is_told_with_both_versions(torch: str) -> None:
    reason = misfit(version_file("0.28.0+cu130"), version_file(torch))
    assert "0.28.0+cu130 is built for CUDA" in reason
    assert f"torch {torch};" in reason


def really_imports() -> bool:
    done = subprocess.run(
        [sys.executable, "-c", "import torchvision"], capture_output=True, timeout=120, check=False
    )
    return done.returncode == 0


def test_the_guess_is_what_the_import_says() -> None:
    try:
        require_torchvision()
    except ImportError:
        assert not really_imports()
    else:
        assert really_imports()


def install(site: Path) -> None:
    """Leave the plugin in ``site`` as pip would."""
    folder = site / "dakit_vision-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: dakit-vision\nVersion: 0.1.0\n")
    (folder / "entry_points.txt").write_text("[dakit]\nvision = dakit_vision.plugin\n")


def dakit(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(SOURCE)])}
    command = [sys.executable, "-m", "dakit", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_where_it_cannot_load_the_state_is_failed_and_all_else_works(tmp_path: Path) -> None:
    broken = tmp_path / "torchvision"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise RuntimeError('never imported')\n")
    (broken / "version.py").write_text(version_file("0.1.0+cu999"))
    install(tmp_path)
    done = dakit(tmp_path, "list-plugins", "--json")
    plugins = {plugin["name"]: plugin for plugin in json.loads(done.stdout)}
    assert plugins["vision"]["state"] == "failed"
    assert "torchvision 0.1.0+cu999 is built for CUDA" in plugins["vision"]["reason"]
    assert plugins["builtin"]["state"] == "active"
    used = dakit(tmp_path, "info", "torchvision")
    assert used.returncode == 2
    assert "vision" in used.stderr
    assert "built for CUDA" in used.stderr
