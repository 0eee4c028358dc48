"""Methods for several sources, open sets and label shift, on data that are made for them.

``python tests/benchmarks/other_settings.py --out FILE [--settings NAME ...] [--seeds 3]``

- ``several_sources``: three of Office-Caltech's cameras to the fourth;
- ``open_set``: MNIST's digits 0 to 4 to USPS, whose other digits are unknown;
- ``label_shift``: MNIST to MNIST, digits 0 to 4 a fifth as frequent in the target as the others.

Cells are kept as ``methods.py`` keeps them; the table holds each method's mean over the seeds.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from method_tasks import SMALL, arrays, digits_of
from methods import done
from shared_data import shared_file

import dakit
from dakit.training.reporter import SilentReporter

CAMERAS = ("amazon", "webcam", "dslr", "caltech")
DIGITS = {
    "model": SMALL,
    "optimizer": {"lr": 3e-3},
    "training": {"epochs": 10, "batch_size": 32},
}


def several_sources(folder: Path) -> dict[str, Any]:
    """Return three cameras, each a source domain, and the fourth, its labels for evaluation."""
    with np.load(shared_file("office_caltech10_surf.npz"), allow_pickle=False) as archive:
        parts = {}
        for name in CAMERAS:
            counts = archive[f"{name}_X"].astype(np.float64)
            shares = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
            parts[name] = (shares, archive[f"{name}_y"].astype(np.int64))
    *sources, target = CAMERAS
    joined = tuple(np.concatenate([parts[name][i] for name in sources]) for i in range(2))
    data = arrays(folder, (joined[0], joined[1]), parts[target])
    names = np.repeat(sources, [len(parts[name][1]) for name in sources])
    np.save(folder / "domains.npy", names)
    return {
        "data": {**data, "source": {**data["source"], "domains": str(folder / "domains.npy")}},
        "model": {"backbone": {"name": "mlp", "hidden": [128, 64], "dropout": 0.5}},
        "training": {"epochs": 15, "batch_size": 64},
    }


def open_set(folder: Path) -> dict[str, Any]:
    """Return MNIST's first five digits, and all of USPS, the other five as one class."""
    with np.load(shared_file("digits_mnist_usps.npz"), allow_pickle=False) as archive:
        images, labels = digits_of(archive, "mnist")
        known = labels < 5
        target, classes = digits_of(archive, "usps")
    data = arrays(folder, (images[known], labels[known]), (target, np.minimum(classes, 5)))
    names = [*map(str, range(5)), "unknown"]
    metrics = {"metrics": ["os", "os_star", "h_score"]}
    return {"data": {**data, "class_names": names}, "evaluation": metrics, **DIGITS}


def label_shift(folder: Path) -> dict[str, Any]:
    """Return two halves of MNIST's rows, the second with few of the first five digits."""
    with np.load(shared_file("digits_mnist_usps.npz"), allow_pickle=False) as archive:
        images, labels = digits_of(archive, "mnist", rows=3000)
    half = len(labels) // 2
    rare = np.flatnonzero(labels[half:] < 5) + half
    often = np.flatnonzero(labels[half:] >= 5) + half
    rows = np.concatenate([rare[: len(rare) // 5], often])
    data = arrays(folder, (images[:half], labels[:half]), (images[rows], labels[rows]))
    split = {"train": 0.5, "validation": 0.2, "test": 0.3}
    return {**DIGITS, "data": {**data, "split": split}}


SETTINGS: dict[str, tuple[Callable[[Path], dict[str, Any]], str, dict[str, dict[str, Any]]]] = {
    "several_sources": (
        several_sources,
        "accuracy",
        {
            "none": {},
            "mmd": {"transfer": "mmd"},
            "moment_matching": {"transfer": "moment_matching"},
            "mfsan": {"transfer": "mfsan"},
        },
    ),
    "open_set": (
        open_set,
        "h_score",
        {"none": {}, "mmd": {"transfer": "mmd"}, "osbp": {"transfer": "osbp"}},
    ),
    "label_shift": (
        label_shift,
        "accuracy",
        {
            "none": {},
            "mmd": {"transfer": "mmd"},
            "bbse": {"regularizers": ["bbse"]},
            "saerens": {"regularizers": ["saerens"]},
        },
    ),
}


def cells(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield those that do not stand in the file yet, each when it is done."""
    known = {(cell["setting"], cell["method"], cell["seed"]) for cell in done(options.out)}
    for setting in options.settings:
        make, _, objectives = SETTINGS[setting]
        with tempfile.TemporaryDirectory() as name:
            task = make(Path(name))
            for seed in range(1, options.seeds + 1):
                for method, objective in objectives.items():
                    if (setting, method, seed) not in known:
                        target = measured(task, objective, seed)
                        yield {"setting": setting, "method": method, "seed": seed, **target}


def measured(task: dict[str, Any], objective: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the metrics of the target's test part."""
    spec = {
        "schema_version": 1,
        "name": "cell",
        "seed": seed,
        **task,
        "objective": {"task": "cross_entropy", **objective},
        "evaluation": {"bootstrap": 0, **task.get("evaluation", {})},
    }
    with tempfile.TemporaryDirectory() as runs:
        found = dakit.run(spec, out=runs, reporter=SilentReporter()).metrics["target_test"]
    return {name: found[name] for name in ("accuracy", "os", "os_star", "h_score") if name in found}


def table(found: list[dict[str, Any]]) -> str:
    """Return a Markdown table of the settings' own metrics."""
    lines = ["| setting | metric | method | mean | sd |", "|---|---|---|---|---|"]
    for setting, (_, metric, objectives) in SETTINGS.items():
        for method in objectives:
            of = [c for c in found if (c["setting"], c["method"]) == (setting, method)]
            for name in (metric,) if metric == "accuracy" else ("os", "os_star", metric):
                values = [c[name] for c in of]
                spread = f"{stdev(values):.3f}" if len(values) > 1 else ""
                if values:
                    lines.append(
                        f"| {setting} | {name} | `{method}` | {mean(values):.3f} | {spread} |"
                    )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--settings", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    gc.freeze()
    for cell in cells(options):
        with options.out.open("a") as file:
            file.write(json.dumps(cell) + "\n")
        print(cell, flush=True)
    print(table(done(options.out)))


if __name__ == "__main__":
    main()
