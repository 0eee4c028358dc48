"""`dakit fetch` as a user meets it, with a dataset of a plugin that is one file."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PLUGIN = """
import os
from pathlib import Path
from typing import Literal
from dakit import DatasetSpec, RemoteFile, RemoteFiles, hookimpl

class Sky(DatasetSpec):
    '''A survey.'''
    name: Literal["sky"] = "sky"
    def build(self, context):
        raise NotImplementedError
    def remote_files(self):
        address = os.environ["SKY"]
        file = RemoteFile("images.npy", f"{address}/images.npy", 1000000)
        return RemoteFiles((file,), Path("here"), f"{address}/index", "Runs find it.")

@hookimpl
def dakit_datasets():
    return [Sky]
"""
CONTENT = bytes(range(250)) * 4000


def faulty_server() -> ModuleType:
    path = Path(__file__).parents[1] / "fetching" / "faulty_server.py"
    spec = importlib.util.spec_from_file_location("faulty_server_for_cli", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def server() -> Iterator[Any]:
    with faulty_server().serving(CONTENT) as server:
        yield server


@pytest.fixture
def line(tmp_path: Path) -> list[str]:
    (tmp_path / "sky.py").write_text(PLUGIN)
    plugin = ["--no-plugins", "--plugin-module", str(tmp_path / "sky.py")]
    return [sys.executable, "-m", "dakit", *plugin, "fetch", "sky"]


def start(line: list[str], folder: Path, server: Any) -> subprocess.Popen[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DAKIT_")}
    return subprocess.Popen(
        line,
        cwd=folder,
        env={**clean, "SKY": server.address, "NO_PROXY": "*"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_files_come_to_where_the_dataset_looks_for_them(
    tmp_path: Path, server: Any, line: list[str]
) -> None:
    code, out, err = finish(start(line, tmp_path, server))
    assert (code, err) == (0, "")
    assert (tmp_path / "here" / "images.npy").read_bytes() == CONTENT
    assert out.splitlines() == [
        "images.npy (1 of 1), 1 MB",
        "checking images.npy, 1 MB",
        f"{tmp_path}/here: 1 fetched, 0 there already; all checksums are right",
        "Runs find it.",
    ]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_fetch_that_is_killed_goes_on_where_it_ended(
    tmp_path: Path, server: Any, line: list[str], ending: signal.Signals
) -> None:
    server.trickle = threading.Event()
    line = [*line, "--to", "there"]
    process = start(line, tmp_path, server)
    part = tmp_path / "there" / "images.npy.part"
    while not (part.exists() and part.stat().st_size) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(ending)
    code, out, _ = finish(process)
    assert ("goes on where it ended" in out) == (ending == signal.SIGINT)
    assert code == (130 if ending == signal.SIGINT else -signal.SIGKILL)
    have = part.stat().st_size
    assert part.read_bytes() == CONTENT[:have]
    assert not part.with_suffix("").exists()

    server.trickle.set()
    code, out, _ = finish(start(line, tmp_path, server))
    assert code == 0
    assert server.ranges == [None, f"bytes={have}-"]
    assert part.with_suffix("").read_bytes() == CONTENT
    assert "all checksums are right" in out


def test_a_file_that_cannot_be_had_ends_with_1_and_says_why(
    tmp_path: Path, server: Any, line: list[str]
) -> None:
    code, _, err = finish(start([*line, "--mirror", f"{server.address}/no"], tmp_path, server))
    assert code == 1
    assert err == (
        f"error: cannot fetch images.npy from {server.address}/no/images.npy: "
        "the server answers 404 Not Found\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--file", "image.npy"], "did you mean 'images.npy'"),
        (["--set", "experiment=sim_sim"], "data.experiment: unknown key. Allowed: name"),
        (["--mirror", "/copies"], "is no http or https URL"),
    ],
)
def test_wrong_input_ends_with_2(
    tmp_path: Path, server: Any, line: list[str], options: list[str], said: str
) -> None:
    code, _, err = finish(start([*line, *options], tmp_path, server))
    assert code == 2
    assert said in err
    assert server.requests == []
