"""``dakit run`` as a user runs it: exit codes, messages, files."""

from __future__ import annotations

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.warm import WarmPython

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "tiny",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
    "objective": {"transfer": "mmd"},
    "training": {"epochs": 2, "batch_size": 256},
    "evaluation": {"bootstrap": 10},
}


def write_spec(folder: Path, **changes: Any) -> Path:
    path = folder / "spec.json"
    path.write_text(json.dumps({**SPEC, **changes}))
    return path


def command(*arguments: str | Path) -> list[str]:
    quiet = ["--no-report"] if arguments[0] == "run" else []  # reports have tests of their own
    return [sys.executable, "-m", "dakit", *map(str, arguments), *quiet]


Command = Callable[..., "subprocess.CompletedProcess[str]"]


def dakit(*arguments: str | Path, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=cwd, capture_output=True, text=True, **options)


@pytest.fixture
def here(dakit_here: Command) -> Command:
    """Return a function that does the same in this process."""
    return lambda *arguments, cwd: dakit_here(*command(*arguments)[3:], cwd=cwd)


def test_run_ends_with_a_table_and_a_folder(tmp_path: Path, here: Command) -> None:
    done = dakit("run", write_spec(tmp_path), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "epoch 2/2" in done.stdout + done.stderr
    assert "accuracy" in done.stdout
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name in done.stdout
    again = here("run", write_spec(tmp_path), cwd=tmp_path)
    assert again.returncode == 0
    assert "already finished" in again.stdout + again.stderr


def test_dry_run_writes_nothing(tmp_path: Path, here: Command) -> None:
    done = here("run", write_spec(tmp_path), "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "GENERATED" in done.stdout
    assert "epochs 2, steps an epoch " in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"spec.json"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objective": {"transfer": "mdm"}}, "mmd"),
        ({"trainning": {}}, "training"),
        ({"data": {"name": "arrays", "source": {"inputs": "no.npy", "labels": "no.npy"},
                   "target": {"inputs": "no.npy"}}}, "no.npy"),
        ({"init_from": {"run": "nowhere"}}, "nowhere"),
        ({"training": {"device": "cuda:77"}}, "cuda:77"),
    ],
)  # fmt: skip
def test_bad_input_exits_2_and_leaves_nothing(
    tmp_path: Path, changes: dict[str, Any], said: str, here: Command
) -> None:
    done = here("run", write_spec(tmp_path, **changes), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"spec.json"}


BROKEN = {
    "pixels that are no number": {"x": np.full((40, 1, 8, 8), np.nan, np.float32)},
    "labels out of range": {"y": np.full(40, 7)},
    "one class only": {"y": np.zeros(40, int)},
    "lengths that differ": {"y": np.arange(39) % 2},
    "an empty target": {"t": np.zeros((0, 1, 8, 8), np.float32)},
    "other shapes": {"t": np.zeros((40, 3, 8, 8), np.float32)},
    "labels that are no integers": {"y": np.linspace(0, 1, 40)},
    "complex pixels": {"x": np.zeros((40, 1, 8, 8), complex)},
}


@pytest.mark.parametrize("what", BROKEN)
def test_bad_data_exits_2_and_leaves_nothing(tmp_path: Path, what: str, here: Command) -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(40, 1, 8, 8)).astype(np.float32)
    arrays = {"x": images, "y": np.arange(40) % 2, "t": images, **BROKEN[what]}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    data = {
        "name": "arrays",
        "class_names": ["no", "yes"],
        "source": {"inputs": "x.npy", "labels": "y.npy"},
        "target": {"inputs": "t.npy"},
    }
    done = here("run", write_spec(tmp_path, data=data), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error:")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "runs").exists()


def test_an_output_folder_that_cannot_be_made_exits_2(tmp_path: Path, here: Command) -> None:
    (tmp_path / "file").write_text("")
    done = here("run", write_spec(tmp_path), "--out", tmp_path / "file" / "runs", cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert str(tmp_path / "file" / "runs") in done.stderr


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
"""


def test_a_full_disk_exits_1_and_leaves_no_torn_file(
    tmp_path: Path, here: Command, warm_python: WarmPython
) -> None:
    model = {"backbone": {"name": "mlp", "hidden": [64]}}
    spec = write_spec(tmp_path, model=model)
    done = warm_python.run(command("run", spec)[1:], cwd=tmp_path, prepare=LIMITED)
    assert done.returncode == 1, done.stderr
    assert "cannot write" in done.stderr
    assert not list(tmp_path.rglob("*.part"))
    assert not list(tmp_path.rglob("*.pt"))
    whole = here("run", spec, "--resume", cwd=tmp_path)
    assert whole.returncode == 0, whole.stderr


def read_until_closed(terminal: int) -> str:
    """Return what a process writes on its terminal until it ends, when reading fails."""
    shown = bytearray()
    with suppress(OSError):
        while some := os.read(terminal, 4096):
            shown += some
    return shown.decode()


def test_ctrl_c_on_a_terminal_tells_how_to_go_on(
    tmp_path: Path, here: Command, warm_python: WarmPython
) -> None:
    model = {"backbone": {"name": "mlp", "hidden": [4]}}
    spec = write_spec(tmp_path, model=model, training={"epochs": 100_000, "batch_size": 256})
    ours, theirs = pty.openpty()
    environ = {**os.environ, "COLUMNS": "300"}
    line = command("run", spec)[1:]
    process = warm_python.start(line, [theirs] * 3, cwd=tmp_path, env=environ, terminal=True)
    os.close(theirs)
    process.wait_for("metrics.jsonl", tmp_path)
    os.write(ours, b"\x03")
    shown = read_until_closed(ours)
    os.close(ours)
    assert process.wait() == 130, shown
    (folder,) = (tmp_path / "runs").iterdir()
    told = f"interrupted: the same command with --resume goes on with the run in runs/{folder.name}"
    assert told in shown
    assert "Traceback" not in shown
    assert "was interrupted: go on with --resume" in here("run", spec, cwd=tmp_path).stderr


def test_a_killed_run_resumes_to_the_same_weights(
    tmp_path: Path, here: Command, warm_python: WarmPython
) -> None:
    (tmp_path / "left_alone").mkdir()
    (tmp_path / "killed").mkdir()
    training = {"epochs": 6, "batch_size": 32}
    spec = write_spec(tmp_path, training=training)
    alone = here("run", spec, cwd=tmp_path / "left_alone")
    assert alone.returncode == 0, alone.stderr

    killed = tmp_path / "killed"
    with open(os.devnull, "r+b") as null:
        process = warm_python.start(command("run", spec)[1:], [null.fileno()] * 3, cwd=killed)
    process.wait_for("metrics.jsonl", killed)
    time.sleep(random.uniform(0, 0.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
    resumed = here("run", spec, "--resume", cwd=killed)
    assert resumed.returncode == 0, resumed.stderr

    def outcome(folder: Path) -> tuple[bytes, Any]:
        (run,) = (folder / "runs").iterdir()
        weights = (run / "model" / "weights.safetensors").read_bytes()
        return weights, json.loads((run / "results.json").read_text())["metrics"]

    assert outcome(killed) == outcome(tmp_path / "left_alone")
