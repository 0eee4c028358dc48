"""Does a model trained on a source gain on the target? After its source is deleted, and beside it.

``python tests/benchmarks/source_free.py [--tasks digits_shift mnist_usps usps_mnist] [--seeds 3]``

Each seed trains a model on the source alone (and keeps the epoch that is best there). ``adabn`` and
``adda`` need the source; then its files are deleted, and ``shot``, ``nrc`` and ``tent`` adapt the
model to the target's training part. Accuracy on the target's test part, of the model they start
from (evaluated with the running averages that it was saved with) and after each method.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from shared_data import shared_file

import dakit
from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.contracts import BuildContext
from dakit.training.reporter import SilentReporter

Arrays = tuple[NDArray[Any], NDArray[Any]]
DIGITS = [f"digit {number}" for number in range(10)]
FIXED = {"freeze": ["head"]}
BESIDE_THE_SOURCE = ("adabn", "adda")
METHODS: dict[str, dict[str, Any]] = {
    "adabn": {"objective": {"task": "cross_entropy"}, "training": {"batch_norm": "adabn"}},
    "adda": {
        "init_from": FIXED,
        "objective": {"task": None, "transfer": "adda"},
        "training": {"batch_norm": "target"},
    },
    "shot": {"init_from": FIXED, "objective": {"task": None, "transfer": "shot"}},
    "nrc": {"init_from": FIXED, "objective": {"task": None, "transfer": "nrc"}},
    "tent": {
        "init_from": {"train_only": ["batch_norm"]},
        "objective": {"task": None, "transfer": "tent"},
    },
}


def digits_shift() -> tuple[Arrays, Arrays]:
    """Return images and labels of both halves of scikit-learn's digits."""
    pair = DigitsShift().build(BuildContext(seed=0))
    source, target = ((each.inputs, each.labels) for each in (pair.source, pair.target))
    return source, target  # type: ignore[return-value]  # both are labelled


def digits(source: str) -> Callable[[], tuple[Arrays, Arrays]]:
    """Return what reads 2,000 images of MNIST and USPS each, 16 x 16 and 0 to 1."""

    def read() -> tuple[Arrays, Arrays]:
        with np.load(shared_file("digits_mnist_usps.npz")) as data:
            mnist = torch.from_numpy(data["mnist_sub_X"][:2000] / 255.0)[:, None].float()
            small = torch.nn.functional.interpolate(mnist, (16, 16), mode="area").numpy()
            usps = data["usps_train_X"][:2000, None].astype(np.float32)
            both = {
                "mnist": (small, data["mnist_sub_y"][:2000]),
                "usps": (usps / usps.max(), data["usps_train_y"][:2000]),
            }
        other = {"mnist": "usps", "usps": "mnist"}[source]
        return both[source], both[other]

    return read


TASKS: Mapping[str, Callable[[], tuple[Arrays, Arrays]]] = {
    "digits_shift": digits_shift,
    "mnist_usps": digits("mnist"),
    "usps_mnist": digits("usps"),
}


def main() -> None:
    """Print a row of Markdown for each task, mean and deviation over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    names = ["start", *options.methods]
    print(f"| source → target | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for task in options.tasks:
        found = [accuracies(task, options, seed) for seed in range(1, options.seeds + 1)]
        cells = [_cell([each[name] for each in found]) for name in names]
        print(f"| {task} | {' | '.join(cells)} |", flush=True)


def accuracies(task: str, options: argparse.Namespace, seed: int) -> dict[str, float]:
    """Return the accuracy on the target test part of the start and after each method."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, (images, labels) in zip(("source", "target"), TASKS[task](), strict=True):
            np.save(folder / f"{side}.npy", images)
            np.save(folder / f"{side}_labels.npy", labels)
        sides = {
            side: {"inputs": f"{folder}/{side}.npy", "labels": f"{folder}/{side}_labels.npy"}
            for side in ("source", "target")
        }
        data = {"name": "arrays", "class_names": DIGITS}
        common: dict[str, Any] = {
            "schema_version": 1,
            "seed": seed,
            "model": {"backbone": "small_cnn"},
            "training": {"epochs": options.epochs, "batch_size": 64},
            "evaluation": {"bootstrap": 0},
        }
        first = {**common, "name": "start", "data": {**data, **sides}, "objective": {}}
        runs = {"start": dakit.run(first, out=folder / "runs", reporter=SilentReporter())}
        for method in sorted(options.methods, key=lambda name: name not in BESIDE_THE_SOURCE):
            if method not in BESIDE_THE_SOURCE:
                sides.pop("source", None)
                for file in folder.glob("source*.npy"):
                    file.unlink()
            given = METHODS[method]
            spec = {**common, **given, "name": method, "data": {**data, **sides}}
            spec["training"] = {**common["training"], **given.get("training", {})}
            if "init_from" in given:
                start = {"run": str(runs["start"].folder.path), **given["init_from"]}
                spec |= {"init_from": start, "optimizer": {"name": "adam", "lr": 3e-4}}
                spec["training"]["selection"] = "last"
            runs[method] = dakit.run(spec, out=folder / "runs", reporter=SilentReporter())
        return {name: run.metrics["target_test"]["accuracy"] for name, run in runs.items()}


def _cell(values: list[float]) -> str:
    spread = f" ± {stdev(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{spread}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
