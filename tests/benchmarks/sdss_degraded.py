"""Real galaxies: SDSS images, clean -> blurred and noisy, three classes, several seeds.

Half of the galaxies, drawn by the seed, are the labelled source (clean); the other half are the
target (Gaussian blur of 1.5 px, x 0.6, noise of 0.12). No galaxy is in both domains. A camera
that cannot count below zero is ``--clip``: the degraded images are cut to 0 .. 1, as the clean are.

    python tests/benchmarks/sdss_degraded.py [--seeds 5] [--methods noda mmd dann] [--clip]
        [--set K=V ...]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from shared_data import shared_file

import dakit
from dakit.training.reporter import SilentReporter

CLASSES = ("elliptical", "spiral", "edge-on")
PER_CLASS = 420
METHODS: dict[str, Any] = {
    "noda": None,
    "mmd": {"name": "mmd", "weight": 1.0},
    "dann": {"name": "dann", "weight": 1.0, "reversal": 1.0, "lr_multiplier": 1.0},
    "dann_frozen": {
        "name": "dann",
        "schedule": "constant",
        "reversal": 1.0,
        "lr_multiplier": 1e-9,
    },  # as published
    "sinkhorn": {
        "name": "sinkhorn",
        "weight": 1.0,
        "dynamic_weights": True,
    },  # of plugins/optimal_transport, with SIDDA's learned weights
    "deepjdot": {"name": "deepjdot"},  # of the same, with the weights of the paper
}


def write_domains(archive: Path, seed: int, folder: Path, *, clip: bool = False) -> dict[str, Any]:
    """Write both domains as .npy files, the target cut to 0 .. 1 with ``clip``; return ``data``."""
    data = np.load(archive, allow_pickle=False)
    labels = np.array([0, 1, 1, 2, -1, -1])[data["labels"]]
    rng = np.random.default_rng(seed)
    chosen = [rng.permutation(np.flatnonzero(labels == c))[:PER_CLASS] for c in range(3)]
    halves = {
        "source": np.concatenate([rows[: PER_CLASS // 2] for rows in chosen]),
        "target": np.concatenate([rows[PER_CLASS // 2 :] for rows in chosen]),
    }
    spec: dict[str, Any] = {
        "name": "arrays",
        "class_names": list(CLASSES),
        "augment": {"flips": True, "quarter_turns": True},
    }
    for name, rows in halves.items():
        images = data["images"][rows].astype(np.float32) / 255
        if name == "target":
            blurred = gaussian_filter(images, sigma=(0, 0, 1.5, 1.5))
            images = 0.6 * blurred + rng.normal(0, 0.12, images.shape).astype(np.float32)
            if clip:
                images = images.clip(0, 1)
        parts = {"inputs": images, "labels": labels[rows], "ids": data["object_ids"][rows]}
        spec[name] = {}
        for part, array in parts.items():
            path = folder / f"{name}_{part}.npy"
            np.save(path, array)
            spec[name][part] = str(path)
    return spec


def run_spec(name: str, method: str, seed: int, data: dict[str, Any]) -> dict[str, Any]:
    """Return the run spec of one method and seed."""
    return {
        "schema_version": 1,
        "name": f"{name}_{method}",
        "seed": seed,
        "data": data,
        "model": {"backbone": "deepmerge", "head": {"hidden": [64, 32]}},
        "objective": {"task": "cross_entropy", "transfer": METHODS[method]},
        "optimizer": {"name": "adam", "lr": 1e-3, "betas": [0.7, 0.8], "weight_decay": 1e-4},
        "schedule": {"name": "one_cycle"},
        "training": {"epochs": 30, "batch_size": 64},
        "evaluation": {"bootstrap": 0},
    }


def main() -> None:
    """Run all methods and seeds; print accuracy on both test parts, mean and sd over seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--methods", nargs="+", default=["noda", "mmd", "dann"], choices=list(METHODS)
    )
    parser.add_argument("--clip", action="store_true", help="cut the target's pixels to 0 .. 1")
    parser.add_argument("--set", nargs="*", default=[], dest="overrides", metavar="K=V")
    options = parser.parse_args()
    archive = shared_file("sdss_galaxy_zoo1.npz")
    scores: dict[str, dict[str, list[float]]] = {}
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = write_domains(archive, seed, folder, clip=options.clip)
            for method in options.methods:
                began = time.perf_counter()
                run = dakit.run(
                    run_spec("sdss_degraded", method, seed, data),
                    out=folder / "runs",
                    overrides=options.overrides,
                    reporter=SilentReporter(),
                )
                row = {
                    side: run.metrics[f"{side}_test"]["accuracy"] for side in ("source", "target")
                }
                for side, value in row.items():
                    scores.setdefault(method, {}).setdefault(side, []).append(value)
                seconds = time.perf_counter() - began
                epoch = run.results["selection"]["epoch"]
                print(
                    f"seed {seed} {method:5s} source {row['source']:.3f} target {row['target']:.3f}"
                    f" (epoch {epoch}, {seconds:.0f} s)",
                    flush=True,
                )
    for method, sides in scores.items():
        summary = {
            side: f"{statistics.mean(v):.3f} ± {statistics.stdev(v) if len(v) > 1 else 0:.3f}"
            for side, v in sides.items()
        }
        print(f"{method:5s} {json.dumps(summary, ensure_ascii=False)} n={options.seeds} seeds")


if __name__ == "__main__":
    main()
