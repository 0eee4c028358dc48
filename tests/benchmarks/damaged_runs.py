"""Damage finished runs at any key of any of their files, at any depth, and read them with `dakit`.

Each damage takes one key path of one file of a run (or one cell of its table, one array of its
split) and deletes it or puts another value there; each command that reads a run is then called
in this process. It must end with 0 or 2, in words that name the file and the key, and never in a
traceback. Prints each fault, and how many damages were fine.

    python tests/benchmarks/damaged_runs.py [COUNT [FIRST]]
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure

import dakit
from dakit.cli.app import main as dakit_main
from dakit.training.reporter import SilentReporter

Path_ = tuple[str | int, ...]
DELETED = "deleted"
VALUES: tuple[Any, ...] = (
    DELETED,
    None,
    [],
    [[]],
    [None, "x"],
    "",
    "x",
    "a\x00\ud800/../$b^$",
    3,
    0,
    -1,
    -2.5,
    float("nan"),
    float("inf"),
    10**30,
    True,
    {},
    {"a": {"b": [None]}},
)
RESULTS, RESOLVED, ENVIRONMENT = "results.json", "resolved.json", "environment.json"
METRICS, MODEL, SPLIT = "metrics.jsonl", "model/model.json", "split.npz"
PREDICTIONS, REFERENCE = "predictions.csv", "model/reference.npz"
FILES = (RESULTS, RESOLVED, ENVIRONMENT, METRICS, MODEL, SPLIT, PREDICTIONS, REFERENCE)
READING: Mapping[str, tuple[str, ...]] = {
    "runs": ("runs", "{runs}"),
    "runs --json": ("runs", "{runs}", "--json"),
    "report": ("report", "{run}"),
    "report --baseline": ("report", "{run}", "--baseline", "{plain}"),
    "report of another": ("report", "{tiny}", "--baseline", "{run}"),
    "compare": ("compare", "{run}", "{plain}", "--out", "{work}/page.html"),
    "compare tables": (
        *("compare", "{run}", "{plain}", "--no-latent", "--out", "{work}/page.html"),
        *("--csv", "{work}/t.csv", "--latex", "{work}/t.tex"),
    ),
    "predict": (
        *("predict", "{run}", "{base}/target.npy", "--out", "{work}/table.csv"),
        *("--overwrite", "--temperature", "--distance"),
    ),
    "evaluate": ("evaluate", "{run}", "--data", "{base}/data.json", "--part", "test"),
    "export": ("export", "{run}", "--out", "{work}/export"),
    "run": ("run", "{base}/spec.json", "--out", "{runs}"),
    "run --resume": ("run", "{base}/spec.json", "--out", "{runs}", "--resume"),
    "init_from": ("run", "{work}/start.json", "--out", "{runs}", "--dry-run"),
    "show": ("show", "{run}/resolved.json"),
    "validate": ("validate", "{run}/resolved.json"),
}
BESIDE = {"report of another"}
"""In these the damaged run is the one without adaptation."""
OF_SPEC = {"show", "validate"}
"""These read ``resolved.json`` alone."""


def make_runs(base: Path) -> None:
    """Train two tiny runs in ``base/runs``: ``spec.json`` adapts and ``plain.json`` does not."""
    rng = np.random.default_rng(0)
    for side in ("source", "target"):
        labels = np.arange(90) % 2
        vectors = rng.normal(size=(90, 5)) + labels[:, None]
        labels[:30] = rng.permutation(labels[:30])  # else a part may be all right
        np.save(base / f"{side}.npy", vectors.astype(np.float32))
        np.save(base / f"{side}_y.npy", labels)
    sides = {
        side: {"inputs": str(base / f"{side}.npy"), "labels": str(base / f"{side}_y.npy")}
        for side in ("source", "target")
    }
    data = {"name": "arrays", **sides}
    (base / "data.json").write_text(json.dumps(data))
    plain = {
        "schema_version": 1,
        "name": "plain",
        "data": data,
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": {"task": "cross_entropy"},
        "optimizer": {"name": "adam", "lr": 0.1},
        "training": {"epochs": 1, "batch_size": 16, "monitor": ["oracle"]},
        "evaluation": {"bootstrap": 2},
    }
    mmd = {"name": "mmd", "weight": 0.01}
    objective = {"task": "cross_entropy", "transfer": mmd}
    specs = {"spec": {**plain, "name": "tiny", "objective": objective}, "plain": plain}
    for name, spec in specs.items():
        (base / f"{name}.json").write_text(json.dumps(spec))
        run = dakit.run(base / f"{name}.json", out=base / "runs", reporter=SilentReporter())
        (run.folder.path / "report.html").touch()  # else `dakit run` makes it


def _drawn_only(figure: Figure, file: Any, **options: Any) -> None:
    if options["format"] == "png":
        WHOLE(figure, file, format="png", dpi=15)
    else:
        file.write("<svg></svg>" if isinstance(file, io.StringIO) else b"<svg></svg>")


WHOLE = Figure.savefig


@contextmanager
def quick() -> Iterator[None]:
    """Draw small, and without t-SNE: what only computes is no part of the question."""
    with (
        patch.object(Figure, "savefig", _drawn_only),
        patch("dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]),
    ):
        yield


def places(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of every key at any depth; of a list the first and the last item."""
    if at:
        yield at
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*at, key))
    elif isinstance(value, list):
        for index in {0, len(value) - 1} if value else ():
            yield from places(value[index], (*at, index))


def _put(document: Any, at: Path_, value: Any) -> Any:
    changed = deepcopy(document)
    container = changed
    for key in at[:-1]:
        container = container[key]
    if value is DELETED:
        del container[at[-1]]
    else:
        container[at[-1]] = value
    return changed


def _read(path: Path) -> Any:
    if path.suffix == ".json":
        return json.loads(path.read_text())
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text(), newline="")))
    with np.load(path) as arrays:
        return {name: arrays[name].tolist() for name in arrays}


def _write(path: Path, document: Any) -> None:
    if path.suffix == ".json":
        path.write_text(json.dumps(document))
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in document))
    elif path.suffix == ".csv":
        with open(path, "w", newline="", errors="backslashreplace") as file:
            csv.writer(file).writerows(row if isinstance(row, list) else [row] for row in document)
    else:
        np.savez(path, **{name: _array(values) for name, values in document.items()})


def _array(values: Any) -> Any:
    try:
        array = np.asarray(values)
    except (ValueError, OverflowError):
        array = np.array("ragged")
    return np.array(str(values)) if array.dtype.kind == "O" else array


class Damages:
    """Every damage of the runs in ``base``, and what is wrong with how a command takes one."""

    def __init__(self, base: Path, work: Path) -> None:
        self.base, self.work = base, work
        self.code: int | None = None
        """What the last command ended with."""
        self.tiny, self.plain = (
            work / "runs" / next((base / "runs").glob(name)).name for name in ("tiny-*", "plain-*")
        )
        start = {"name": "started", "init_from": {"run": f"runs/{self.tiny.name}"}}
        spec = json.loads((base / "plain.json").read_text())
        (work / "start.json").write_text(json.dumps({**spec, **start}))
        self.documents = {
            (run, file): _read(base / "runs" / run.name / file)
            for run in (self.tiny, self.plain)
            for file in FILES
        }
        self.places = {which: [*places(document)] for which, document in self.documents.items()}

    def pick(self, number: int) -> tuple[str, Path_, Any, str]:
        """Return file, key path, value and command of damage ``number``."""
        rng = random.Random(number)
        file = rng.choice(FILES)
        command = rng.choice([name for name in READING if file == RESOLVED or name not in OF_SPEC])
        at = rng.choice(self.places[self._damaged(command), file])
        return file, at, rng.choice(VALUES), command

    def _damaged(self, command: str) -> Path:
        return self.plain if command in BESIDE else self.tiny

    def fault(self, file: str, at: Path_, value: Any, command: str) -> str | None:
        """Return what is wrong with how ``command`` takes the damage, None where nothing is."""
        shutil.rmtree(self.work / "runs", ignore_errors=True)
        shutil.copytree(self.base / "runs", self.work / "runs")
        run = self._damaged(command)
        _write(run / file, _put(self.documents[run, file], at, value))
        if command == "run --resume":
            (run / RESULTS).unlink()
        words = {"base": self.base, "work": self.work, "runs": run.parent, "run": run}
        line = [w.format(**words, plain=self.plain, tiny=self.tiny) for w in READING[command]]
        self.code, out, err = None, io.StringIO(), io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = self.code = dakit_main(line)
        except BaseException as error:
            mine = [p for p in traceback.extract_tb(error.__traceback__) if "/dakit/" in p.filename]
            where = f"{Path(mine[-1].filename).name}:{mine[-1].lineno}"
            return f"{type(error).__name__} ({where}): {error}"[:300]
        told = err.getvalue()
        if "Traceback" in told or code not in {0, 2}:
            return f"exit code {code}: {told[-400:]}"
        if code and Path(file).name not in told and run.name not in told:
            return f"names no file: {told[-400:]}"
        return f"names no key: {told[-400:]}" if code and not _names(told, at) else None


def _names(told: str, at: Path_) -> bool:
    """Return whether the message speaks of the key, or of one that it lies in or is needed by."""
    return any(isinstance(key, int) or key in told for key in at)


def main() -> None:
    """Print the faults, and how many damages were fine."""
    words = sys.argv[1:]
    count, first = int((words or [3000])[0]), int((words[1:] or [0])[0])
    faults: Counter[str] = Counter()
    begin = time.process_time()
    with (
        tempfile.TemporaryDirectory() as base,
        tempfile.TemporaryDirectory() as work,
        quick(),
    ):
        make_runs(Path(base))
        damages = Damages(Path(base), Path(work))
        found = sum(map(len, damages.places.values()))
        print(f"{found} places, {len(VALUES)} values, {len(READING)} commands")
        for number in range(first, first + count):
            file, at, value, command = damages.pick(number)
            found = damages.fault(file, at, value, command)
            if found:
                where = ".".join(map(str, at))
                print(f"{number}: {command}, {file} {where} = {value!r}: {found}", flush=True)
                faults[found.partition(":")[0]] += 1
    print(*(f"{times:5d} {what}" for what, times in faults.most_common()), sep="\n")
    seconds = time.process_time() - begin
    print(f"{count} damages, {sum(faults.values())} faults, {seconds:.0f} s")


if __name__ == "__main__":
    main()
