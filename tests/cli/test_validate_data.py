"""``dakit validate`` checks of the data what can be known, and with ``--data`` reads them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dakit.cli.app import main

Change = Callable[[Path, dict[str, Any]], object]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("DAKIT_DATA", raising=False)
    monkeypatch.chdir(tmp_path)


def images(folder: Path) -> dict[str, Any]:
    """Write 24 pictures a domain, the source in class folders, the target in a catalogue."""
    rows = ["path,label"]
    for i in range(24):
        kind = ("merger", "other")[i % 2]
        for path in (folder / "sim" / kind / f"{i}.png", folder / "real" / f"{i}.png"):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((4, 4), 10 * i, np.uint8)).save(path)
        rows.append(f"{i}.png,{kind}")
    (folder / "real" / "list.csv").write_text("\n".join(rows))
    return {"name": "images", "source": {"path": "sim"}, "target": {"path": "real/list.csv"}}


def arrays(folder: Path) -> dict[str, Any]:
    """Write 24 vectors a domain, the source in an .npz."""
    inputs = np.random.default_rng(0).normal(size=(24, 3))
    np.savez(folder / "source.npz", x=inputs, y=np.arange(24) % 2)
    np.save(folder / "target.npy", inputs)
    np.save(folder / "target_ids.npy", np.arange(24))
    return {
        "name": "arrays",
        "source": {"inputs": "source.npz", "inputs_key": "x", "labels_key": "y"},
        "target": {"inputs": "target.npy", "ids": "target_ids.npy"},
        "class_names": ["a", "b"],
    }


def write(folder: Path, data: dict[str, Any]) -> str:
    spec = {
        "schema_version": 1,
        "name": "mine",
        "data": data,
        "model": {"backbone": "mlp"},
        "objective": {"task": "cross_entropy"},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    return str(folder / "spec.json")


def save(name: str, values: Any) -> Change:
    return lambda folder, data: np.save(folder / name, values)


def into(side: str, **values: Any) -> Change:
    return lambda folder, data: data[side].update(values)


def without(name: str) -> Change:
    return lambda folder, data: (folder / name).unlink()


def put(**values: Any) -> Change:
    return lambda folder, data: data.update(values)


def label(text: str) -> Change:
    def change(folder: Path, data: dict[str, Any]) -> None:
        path = folder / "real" / "list.csv"
        path.write_text(path.read_text().replace("5.png,other", f"5.png,{text}"))

    return change


def both_without_png(folder: Path, data: dict[str, Any]) -> None:
    for name in ("sim/other/3.png", "real/4.png"):
        (folder / name).unlink()


KNOWN: list[tuple[Callable[[Path], dict[str, Any]], Change, str]] = [
    (images, without("real/list.csv"), "no such file: .*list.csv"),
    (images, into("source", path="sin"), "no such folder: .*sin"),
    (images, put(classes=["merger", "others"]), "'other'; did you mean 'others'?"),
    (images, label("othr"), "list.csv:7: 'othr'; did you mean 'other'?"),
    (images, into("target", columns={"label": "kind"}), "has no column 'kind'"),
    (images, into("target", domain="a"), "has no column 'domain'"),
    (images, both_without_png, "target 4: no such file"),
    (arrays, without("target.npy"), "no such file: .*target.npy"),
    (arrays, without("source.npz"), "no such file: .*source.npz"),
    (arrays, into("source", inputs_key="z"), "has no array 'z'"),
    (arrays, put(class_names=["0", "2"]), "none of the classes 0, 2"),
    (arrays, save("target_ids.npy", np.arange(23)), "ids of shape (23,); expected (24,)"),
    (arrays, save("target_ids.npy", np.zeros(24)), "ids must be unique"),
    (arrays, save("target.npy", np.zeros((24, 2))), "both domains need the same"),
    (arrays, save("target.npy", np.zeros((24, 3), complex)), "real numbers are needed"),
]


@pytest.mark.parametrize(("dataset", "change", "message"), KNOWN)
def test_what_is_known_without_reading_pixels_is_told(
    tmp_path: Path,
    dataset: Callable[[Path], dict[str, Any]],
    change: Change,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = dataset(tmp_path)
    assert main(["validate", write(tmp_path, data)]) == 0
    assert main(["validate", write(tmp_path, data), "--data"]) == 0
    change(tmp_path, data)
    spec = write(tmp_path, data)
    capsys.readouterr()
    assert main(["validate", spec, "--json"]) == 2
    (check,) = json.loads(capsys.readouterr().out)
    (problem,) = check["problems"]
    assert (check["ok"], problem["path"], problem["file"]) == (False, "data", spec)
    for part in message.split(".*"):
        assert part in problem["message"]
    assert main(["run", spec, "--no-report"]) == 2, "a run says the same"


def test_bad_files_that_are_to_be_skipped_are_no_problem(tmp_path: Path) -> None:
    data = images(tmp_path)
    both_without_png(tmp_path, data)
    assert main(["validate", write(tmp_path, {**data, "bad_files": "skip"}), "--data"]) == 0


@pytest.mark.parametrize("dataset", [images, arrays])
def test_the_pixels_are_read_where_that_is_asked_for(
    tmp_path: Path,
    dataset: Callable[[Path], dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = write(tmp_path, dataset(tmp_path))
    if dataset is images:
        (tmp_path / "real" / "4.png").write_bytes(b"torn")
    else:
        np.save(tmp_path / "target.npy", np.full((24, 3), np.nan))
    assert main(["validate", spec]) == 0
    assert main(["validate", spec, "--data"]) == 2
    assert ("target 4: " if dataset is images else "NaN") in capsys.readouterr().err


def test_the_data_of_a_sweep_are_checked_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, arrays(tmp_path))
    sweep = {"schema_version": 1, "name": "many", "specs": ["spec.json"], "seeds": [1, 2, 3]}
    (tmp_path / "sweep.json").write_text(json.dumps(sweep))
    assert main(["validate", str(tmp_path / "sweep.json")]) == 0
    (tmp_path / "target.npy").unlink()
    capsys.readouterr()
    assert main(["validate", str(tmp_path / "sweep.json")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path / 'spec.json'}: data: no such file")


@pytest.mark.parametrize("origin", ["zenodo", "mast"])
def test_published_files_that_are_not_there_are_told_with_the_way_to_get_them(
    tmp_path: Path, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = write(tmp_path, {"name": "galaxy_mergers", "origin": origin})
    assert main(["validate", spec]) == 2
    assert "are missing (looked in" in capsys.readouterr().err
    for instead in ("auto", "mock"):
        assert main(["validate", spec, "--set", f"data.origin={instead}"]) == 0
    groups = {"data.origin": "mock", "data.experiment": "sim_real", "data.groups": "none.npz"}
    changes = [part for key, value in groups.items() for part in ("--set", f"{key}={value}")]
    assert main(["validate", spec, *changes]) == 2
    assert "no .npz with arrays 'source' and 'target'" in capsys.readouterr().err


@pytest.mark.parametrize("dataset", [images, arrays])
def test_checking_data_does_not_import_torch(
    tmp_path: Path, dataset: Callable[[Path], dict[str, Any]]
) -> None:
    spec = write(tmp_path, dataset(tmp_path))
    probe = (
        "import sys; from dakit.cli.app import main\n"
        f"assert main(['validate', {spec!r}]) == 0\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_of_a_split_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = {
        "schema_version": 1,
        "name": "tiny",
        "data": {"name": "digits_shift", "split": {"file": "rows.json"}},
        "model": {"backbone": {"name": "small_cnn"}},
        "objective": {"task": "cross_entropy"},
    }
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    assert main(["validate", str(tmp_path / "spec.json")]) == 2
    assert "there is no file" in capsys.readouterr().err
    (tmp_path / "rows.json").write_text("{}")
    assert main(["validate", str(tmp_path / "spec.json")]) == 0
