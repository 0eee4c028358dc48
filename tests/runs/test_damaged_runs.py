"""Every file of a finished run, damaged in every way, met by every command: told, never a bug."""

from __future__ import annotations

import io
import json
import shutil
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dakit
from dakit.errors import DakitError
from dakit.runs.finding import find_runs
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import compare
from dakit.workflows.evaluate import score
from dakit.workflows.export import export
from dakit.workflows.predict import predict
from dakit.workflows.report import report

FOLDER = "a folder in its place"
GARBAGE = bytes(np.random.default_rng(0).integers(0, 256, 300, dtype=np.uint8))
FILES = (
    "checkpoint/epoch-0001.json",
    "checkpoint/epoch-0001.pt",
    "environment.json",
    "metrics.jsonl",
    "model/model.json",
    "model/reference.npz",
    "model/weights.safetensors",
    "predictions.csv",
    "resolved.json",
    "results.json",
    "spec.json",
    "split.npz",
)
UNREAD = {"spec.json", "checkpoint/epoch-0001.json", "checkpoint/epoch-0001.pt"}
"""Not read again once a run is finished."""
RESUMED = (
    "checkpoint/epoch-0001.json",
    "checkpoint/epoch-0001.pt",
    "metrics.jsonl",
    "resolved.json",
    "split.npz",
)
ALL = ("runs", "report", "compare", "predict", "evaluate")
PARTED = {
    "environment.json": ("runs", "compare", "run"),
    "metrics.jsonl": ("runs", "report", "compare"),
    "model/model.json": ("report", "predict", "evaluate"),
    "model/reference.npz": ("predict",),
    "resolved.json": ALL,
    "results.json": ALL,
    "split.npz": ("report", "predict", "evaluate"),
}
"""Whose parts are damaged one by one, and the commands that read them."""

Damage = bytes | str | None


@pytest.fixture
def finished(tiny_runs: Path) -> Path:
    """The folder of a tiny finished run; its spec and new data lie beside ``runs``."""
    return next((tiny_runs / "runs").glob("tiny-*"))


def readers(base: Path, run: Path) -> Mapping[str, Callable[[], object]]:
    """Return what every command that reads a run calls, by the command's name."""
    new, data, table = base / "target.npy", base / "data.json", base / "table.csv"
    return {
        "runs": lambda: find_runs(run.parent),
        "report": lambda: report(run),
        "compare": lambda: compare([run], out=base / "page.html", latent=False),
        "predict": lambda: predict(
            run, new, out=table, overwrite=True, temperature=True, distance=True
        ),
        "evaluate": lambda: score(run, data, part="test"),
        "export": lambda: export(run, out=base / "export"),
        "run": lambda: dakit.run(base / "spec.json", out=run.parent, reporter=SilentReporter()),
    }


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what only computes: figures, the t-SNE, the exporter."""
    for module in ("report", "compare"):
        monkeypatch.setattr(f"dakit.workflows.{module}.figures_possible", lambda: False)
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )
    monkeypatch.setattr("dakit.workflows.export._torch_program", lambda *_: None)
    monkeypatch.setattr("dakit.workflows.export._MAKERS", {"torch": lambda _: (b"", None)})
    agreed = {"logits": 0.0, "probabilities": 0.0}
    monkeypatch.setattr("dakit.workflows.export._compare", lambda *_: agreed)


def damages(content: bytes, file: str) -> Iterator[tuple[str, Damage]]:
    """Yield ways to damage a file, with a name each."""
    yield "missing", None
    yield "folder", FOLDER
    yield "empty", b""
    yield "cut", content[: len(content) // 2]
    yield "garbage", GARBAGE
    if file.endswith((".json", ".jsonl")):
        yield "a list", b"[]\n"
        yield "deep", b"[" * 100_000 + b"\n"


def damaged_parts(content: bytes, file: str) -> Iterator[tuple[str, bytes]]:
    """Yield a file without each of its parts, and with a value there that cannot be."""
    if file.endswith(".npz"):
        arrays: dict[str, Any] = dict(np.load(io.BytesIO(content)))
        for name in arrays:
            for value in (None, np.array("x"), np.array([10**9]), np.zeros((2, 2))):
                kept = {key: array for key, array in arrays.items() if key != name}
                changed = io.BytesIO()
                np.savez(changed, **kept, **({} if value is None else {name: value}))
                yield f"{name} is {value!r}", changed.getvalue()
    else:
        document = json.loads(content.splitlines()[0] if file.endswith("l") else content)
        for number, key in enumerate(document):
            without = {k: v for k, v in document.items() if k != key}
            yield f"no {key}", json.dumps(without).encode() + b"\n"
            value = ([], "x", 3)[number % 3]
            yield f"{key} is {value!r}", json.dumps({**document, key: value}).encode() + b"\n"


def put(path: Path, damage: Damage) -> None:
    """Damage the file at ``path``."""
    path.unlink()
    if damage == FOLDER:
        path.mkdir()
    elif isinstance(damage, bytes):
        path.write_bytes(damage)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("file", FILES)
def test_no_damage_to_a_file_of_a_finished_run_is_a_bug(
    finished: Path, tmp_path: Path, file: str
) -> None:
    run = tmp_path / "runs" / finished.name
    found = list(damages((finished / file).read_bytes(), file))
    found = found[:2] if file in UNREAD else found
    faults = _faults(finished, run, file, found, readers(finished.parent.parent, run))
    assert not faults, "\n".join(faults)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("file", PARTED)
def test_no_damaged_part_of_a_finished_run_is_a_bug(
    finished: Path, tmp_path: Path, file: str
) -> None:
    run = tmp_path / "runs" / finished.name
    found = damaged_parts((finished / file).read_bytes(), file)
    using = readers(finished.parent.parent, run)
    using = {name: using[name] for name in PARTED[file]}
    faults = _faults(finished, run, file, found, using)
    assert not faults, "\n".join(faults)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("file", RESUMED)
def test_no_damage_to_an_interrupted_run_is_a_bug(
    finished: Path, tmp_path: Path, file: str
) -> None:
    run, base = tmp_path / "runs" / finished.name, finished.parent.parent
    content = (finished / file).read_bytes()
    found = list(damages(content, file))
    if file == "split.npz":
        found += damaged_parts(content, file)

    def resume() -> None:
        (run / "results.json").unlink()
        dakit.run(base / "spec.json", out=run.parent, resume=True, reporter=SilentReporter())

    faults = _faults(finished, run, file, found, {"resume": resume})
    assert not faults, "\n".join(faults)


def _faults(
    finished: Path,
    run: Path,
    file: str,
    found: Iterable[tuple[str, Damage]],
    using: Mapping[str, Callable[[], object]],
) -> list[str]:
    faults = []
    for what, damage in found:
        for name, use in using.items():
            shutil.rmtree(run.parent, ignore_errors=True)
            shutil.copytree(finished, run)
            put(run / file, damage)
            try:
                use()
            except DakitError as error:
                if Path(file).name not in str(error) and "was interrupted" not in str(error):
                    faults.append(f"{what}, {name}: {error} (does not name {file})")
            except Exception as error:
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{place.filename}:{place.lineno}"
                faults.append(f"{what}, {name}: {type(error).__name__}: {error} ({where})")
    return faults


WRONG = [
    ("results.json", ("metrics", "source_test", "recall"), "", "report"),
    ("results.json", ("metrics", "target_test", "brier"), "x", "compare tables"),
    ("results.json", ("metrics", "source_test", "support"), ["x"], "report"),
    ("results.json", ("metrics", "source_test", "support"), [3], "report"),
    *(
        ("results.json", ("metrics", f"{role}_test", "intervals", name, 0), None, "report")
        for role, name in (("source", "balanced_accuracy"), ("target", "accuracy"))
    ),
    ("results.json", ("evaluation", "bootstrap"), 10**30, "report of another"),
    ("results.json", ("evaluation", "confidence"), 3, "report --baseline"),
    ("results.json", ("seed",), -1, "report --baseline"),
    ("results.json", ("data", "notes"), ["\ud800"], "report"),
    ("resolved.json", ("data", "source", "inputs_key"), "\ud800", "compare tables"),
    ("resolved.json", ("evaluation", "ece_bins"), 10**30, "compare tables"),
    ("resolved.json", ("training", "epochs"), -1, "runs --json"),
    ("metrics.jsonl", (0, "scores", "oracle"), float("nan"), "report"),
    ("metrics.jsonl", (0, "versions"), None, "run --resume"),
    ("model/model.json", ("class_names", 0), "x", "predict"),
    ("model/model.json", ("class_names",), ["1", "0"], "evaluate"),
    ("model/model.json", ("normalization", "target", "scale", 0), 0, "export"),
    ("model/model.json", ("backbone", "name"), "x", "export"),
    ("model/reference.npz", ("source_validation",), -1, "predict"),
    ("model/reference.npz", ("target_variances", 0), 0, "predict"),
]
AT_LEAST, AT_MOST, SECONDS = 40, 1000, 3.0


@pytest.fixture
def anywhere(tiny_runs: Path, tmp_path: Path, damaged_runs: dict[str, Any]) -> Iterator[Any]:
    with damaged_runs["quick"]():
        yield damaged_runs["Damages"](tiny_runs, tmp_path)


@pytest.mark.parametrize(("file", "at", "value", "command"), WRONG)
def test_what_cannot_be_is_refused_by_file_and_key(
    anywhere: Any, file: str, at: tuple[str | int, ...], value: Any, command: str
) -> None:
    assert anywhere.fault(file, at, value, command) is None
    assert anywhere.code == (0 if command == "runs --json" else 2)


def test_a_damage_at_any_depth_of_any_file_is_told_by_every_command(anywhere: Any) -> None:
    begin = time.process_time()
    for number in range(AT_MOST):
        if number >= AT_LEAST and time.process_time() - begin > SECONDS:
            break
        file, at, value, command = anywhere.pick(number)
        found = anywhere.fault(file, at, value, command)
        assert found is None, f"damage {number}: {command}, {file} {at} = {value!r}: {found}"
