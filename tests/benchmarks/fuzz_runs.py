"""Seeded runs of specs that ``dakit validate`` accepts: each must end in results or in words.

Run with ``python tests/benchmarks/fuzz_runs.py [COUNT [FIRST]]``; 300 by default, about 1 s each.
Every run takes a data set (class folders of PNG or FITS, arrays of vectors, series or images), one
of the components that fit it for each place, and changes some values of the resolved spec to odd
ones that are allowed. It is trained for an epoch on few rows; then it is evaluated, predicted
with, and sometimes reported, exported or inspected. Prints each that ends in anything but results
or an error in words, with its number, which makes it again. ``tests/test_fuzzed_runs.py`` does as
many as fit in a few seconds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from dakit.cli.app import main as dakit
from dakit.errors import DakitError
from dakit.plugins import catalog
from dakit.spec.loading import load_spec
from dakit.spec.schema import spec_fragment

MOST_SECONDS = 30.0
NUMBERS = (
    *(0, 1, 2, 3, 5, 7, 64, 1000, 2**31, 2**53, -1, -3, 0.5, 1e-3, 0.999, 0.9999999, 1.0, 30.0),
    *(1e-12, 1e-30, 1e-45, 1e-300, 5e-324, 1e6, 1e12, 1e30, 1e38, 1e100, 1e300, -0.0, -1e30),
)
COUNTS = (-1, 0, 1, 1, 2, 3, 5, 7, 64, 500, 0.5, 1e300)
"""Small: what a network of thousands would change is time and memory."""
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    [1],
    [2, 2],
    [0],
    [1e-300],
    [1e300, 1.0],
    "",
    "x",
    "é$x^",
    {},
)
NAMES = {
    "vectors": ("mlp",),
    "series": ("conv1d", "mlp"),
    "images": ("small_cnn", "resnet18", "mlp"),
    "png": ("small_cnn", "mlp", "resnet18"),
    "fits": ("small_cnn", "mlp"),
}
"""The data sets and backbones that fit."""


def data_in(folder: Path) -> Path:
    """Write the data sets into ``folder``; return it."""
    rng = np.random.default_rng(0)
    shapes = {"vectors": (4,), "series": (2, 32), "images": (2, 12, 12)}
    for name, shape in shapes.items():
        for side in ("source", "target"):
            labels = np.arange(36) % 3
            inputs = rng.normal(size=(36, *shape)) + labels.reshape(-1, *[1] * len(shape))
            np.save(folder / f"{name}_{side}.npy", inputs.astype("float32"))
            np.save(folder / f"{name}_{side}_labels.npy", labels)
        np.save(folder / f"{name}_domains.npy", np.arange(36) // 18)
    for side in ("source", "target"):
        for number in range(24):
            pixels = rng.integers(0, 200, (16, 16, 3), dtype=np.uint8) + 20 * (number % 2)
            _picture(folder / f"png_{side}" / "ab"[number % 2] / f"{number}.png", pixels)
            _fits(folder / f"fits_{side}" / "ab"[number % 2] / f"{number}.fits", pixels[..., 0])
    return folder


def _picture(path: Path, pixels: np.ndarray[Any, Any]) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def _fits(path: Path, pixels: np.ndarray[Any, Any]) -> None:
    from astropy.io import fits

    path.parent.mkdir(parents=True, exist_ok=True)
    fits.writeto(path, pixels.astype(np.float32))


def _data(name: str) -> dict[str, Any]:
    if name in {"png", "fits"}:
        sides = {side: {"path": f"{name}_{side}"} for side in ("source", "target")}
        return {"name": "images", **sides, "cache": "cache"}
    source, target = (
        {"inputs": f"{name}_{side}.npy", "labels": f"{name}_{side}_labels.npy"}
        for side in ("source", "target")
    )
    source["domains"] = f"{name}_domains.npy"
    return {"name": "arrays", "source": source, "target": target}


def _some(kind: Any, rng: random.Random) -> Any:
    offered = [c for c in catalog.current().components(kind) if c.plugin.name == "builtin"]
    return spec_fragment(rng.choice(offered).spec_class)


def _unwrapped(fragment: Any) -> Any:
    """Return the component of an example: what stands at the end of its nested keys."""
    while "name" not in fragment:
        (fragment,) = fragment.values()
        fragment = fragment[0] if isinstance(fragment, list) else fragment
    return fragment


def _spec(rng: random.Random) -> dict[str, Any]:
    name = rng.choice([*NAMES])
    objective: dict[str, Any] = {"task": {"name": "cross_entropy"}}
    if rng.random() < 0.7:
        objective["transfer"] = _unwrapped(_some("transfer", rng))
    if rng.random() < 0.5:
        objective["regularizers"] = [_unwrapped(_some("regularizer", rng))]
    selection, monitor = (_unwrapped(_some("validator", rng)) for _ in range(2))
    return {
        "schema_version": 1,
        "name": "fuzz",
        "data": _data(name),
        "model": {"backbone": {"name": rng.choice(NAMES[name])}},
        "objective": objective,
        "training": {
            "epochs": 1,
            "batch_size": 8,
            "selection": selection,
            "monitor": [] if monitor == selection else [monitor],
        },
        "evaluation": {"bootstrap": 5},
    }


KEPT = {
    "schema_version",
    "device",
    "cache",
    "epochs",
    "bootstrap",
    "inputs",
    "labels",
    "path",
    "domains",
}
"""Keys that stay: what they would change is time, or whether there is data."""


def _places(document: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        container = waiting.pop()
        keys = [*container] if isinstance(container, dict) else range(len(container))
        for key in keys:
            if key in KEPT:
                continue
            found.append((container, key))
            if isinstance(container[key], dict | list) and container[key]:
                waiting.append(container[key])
    return found


def _changed(document: Any, rng: random.Random) -> None:
    places = _places(document)
    container, key = rng.choice([p for p in places if not isinstance(p[0][p[1]], dict)])
    value = container[key]
    first = value[0] if isinstance(value, list) and value else value
    numbers = NUMBERS if isinstance(first, float) else COUNTS
    if isinstance(value, int | float) and rng.random() < 0.8:
        container[key] = rng.choice(numbers)
    elif isinstance(value, list) and value and rng.random() < 0.7:
        container[key] = [rng.choice(numbers) for _ in range(rng.choice([1, 2, len(value)]))]
    else:
        container[key] = rng.choice([*numbers, *OTHERS])


def accepted(number: int, folder: Path) -> dict[str, Any]:
    """Return the spec of run ``number``, which ``validate`` accepts; ``folder`` has the data."""
    rng, path = random.Random(number), folder / f"run-{number}.json"
    path.write_text(json.dumps(_spec(rng)))
    document = load_spec(path).resolved
    wanted = rng.choice([0, 1, 1, 2, 3, 5])
    for _ in range(200):
        if not wanted:
            break
        trial = json.loads(json.dumps(document))
        _changed(trial, rng)
        path.write_text(json.dumps(trial))
        try:
            load_spec(path)
        except DakitError:
            continue
        document, wanted = trial, wanted - 1
    path.write_text(json.dumps(document))
    return document


def _lines(number: int, document: dict[str, Any], run: str) -> list[list[str]]:
    rng = random.Random(-number)
    name = next(key for key in ("target", "source") if document["data"].get(key))
    inputs = next(v for k, v in document["data"][name].items() if k in {"path", "inputs"})
    lines = [
        ["evaluate", run, "--data", f"run-{number}.json"],
        ["predict", run, inputs, "--out", "p.csv", "--overwrite", "--distance"],
        ["predict", run, inputs, "--out", "p.csv", "--overwrite", "--temperature"],
        ["report", run],
        ["compare", run, "--out", "c.html", "--no-latent"],
        ["inspect", f"run-{number}.json"],
        ["export", run],
    ]
    return [*lines[:2], *(line for line in lines[2:] if rng.random() < 0.08)]


def _ended(line: list[str]) -> str | None:
    """Return what is wrong with how a command ends."""
    out, err, before = StringIO(), StringIO(), time.process_time()
    try:
        with redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = dakit(line)
    except BaseException as error:
        frames = traceback.extract_tb(error.__traceback__)
        at = next((f for f in reversed(frames) if "dakit" in f.filename), frames[-1])
        where = f"{Path(at.filename).name}:{at.lineno}"
        return f"{line[0]}: {type(error).__name__} at {where}: {error}"[:300]
    raw = any(word in err.getvalue() for word in ("Traceback", "shows the traceback"))
    if code not in {0, 1, 2} or raw or (code and not err.getvalue()):
        return f"{line[0]}: exit code {code}: {err.getvalue()[-300:]}"
    if time.process_time() - before > MOST_SECONDS:
        return f"{line[0]}: {time.process_time() - before:.0f} s"
    return None if code == 0 else f"= {err.getvalue()}"


def fault(number: int, folder: Path) -> tuple[str | None, str]:
    """Return what is wrong with run ``number``, and how it ended: results, or the error."""
    document = accepted(number, folder)
    here = Path.cwd()
    os.chdir(folder)
    try:
        line = ["run", f"run-{number}.json", "--no-report", "--quiet", "--out", f"runs-{number}"]
        ended = _ended([*line, "--device", "cpu"])
        if ended is not None:
            return (None, ended[2:]) if ended.startswith("= ") else (ended, ended)
        (run,) = Path(f"runs-{number}").glob("*/results.json")
        for line in _lines(number, document, str(run.parent)):
            ended = _ended(line)
            if ended is not None and not ended.startswith("= "):
                return ended, ended
            if ended and line[0] != "export" and "--temperature" not in line:
                return f"{line[0]} of a finished run: {ended}", ended
        return None, "results"
    finally:
        shutil.rmtree(f"runs-{number}", ignore_errors=True)
        os.chdir(here)


def main() -> None:
    """Print the faults, and how the others ended."""
    words = sys.argv[1:]
    count, first = int(words[0] if words else 300), int(words[1] if words[1:] else 0)
    faults, endings, before = 0, Counter[str](), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        folder = data_in(Path(name))
        for number in range(first, first + count):
            found, ending = fault(number, folder)
            endings["results" if ending == "results" else ending[:150]] += 1
            if found:
                faults += 1
                print(f"{number}: {found}", flush=True)
    seconds = time.process_time() - before
    print(f"{count} runs, {endings['results']} with results, {faults} faults, {seconds:.0f} s")
    if "-v" in os.environ.get("FUZZ", ""):
        for ending, times in endings.most_common():
            print(f"  {times} x {ending}")


if __name__ == "__main__":
    main()
