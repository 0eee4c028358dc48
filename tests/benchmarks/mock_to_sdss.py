"""Simulation to real, for real: mock mergers -> the real SDSS mergers of Galaxy Zoo 1.

The source is the mock sim-real source (z = 0, simulated look); the target are the 58 real SDSS
mergers of the file against as many other SDSS galaxies, drawn by the seed. All target images are
unlabelled training data and all are evaluated: the set is too small to hold any out, and no
target label is used in training (transductive). Reported whatever comes out.

    python tests/benchmarks/mock_to_sdss.py [--seeds 3]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sdss_degraded import run_spec
from shared_data import shared_file

import dakit
from dakit.contracts import BuildContext
from dakit.evaluation.metrics import metric_set
from dakit.runs.run import Run
from dakit.spec.loading import spec_from_dict
from dakit.training.reporter import SilentReporter

MERGER, BROKEN = 5, 4
NAME = "mock_to_sdss"
METHODS = ("noda", "mmd", "dann")


def write_data(archive: Path, seed: int, folder: Path) -> dict[str, Any]:
    """Write mock source and real target as .npy files; return the ``data`` part of a spec."""
    galaxies = {"name": "galaxy_mergers", "experiment": "sim_real", "origin": "mock"}
    mock = spec_from_dict(run_spec(NAME, "noda", seed, galaxies)).spec.data.build(
        BuildContext(seed=seed)
    )
    real = np.load(archive, allow_pickle=False)
    rng = np.random.default_rng(seed)
    mergers = np.flatnonzero(real["labels"] == MERGER)
    others = np.flatnonzero(~np.isin(real["labels"], (MERGER, BROKEN)))
    rows = np.concatenate([mergers, rng.choice(others, len(mergers), replace=False)])
    domains = {
        "source": {
            "inputs": mock.source.inputs,
            "labels": mock.source.labels,
            "groups": mock.source.groups,
        },
        "target": {
            "inputs": real["images"][rows],
            "labels": (real["labels"][rows] == MERGER).astype(np.int64),
            "ids": real["object_ids"][rows],
        },
    }
    spec: dict[str, Any] = {"name": "arrays", "class_names": ["non-merger", "merger"]}
    for name, parts in domains.items():
        spec[name] = {}
        for part, array in parts.items():
            path = folder / f"{name}_{part}.npy"
            np.save(path, array)
            spec[name][part] = str(path)
    return spec


def target_metrics(run: Run) -> dict[str, Any]:
    """Return the metrics of all target images, with intervals, from the run's predictions."""
    rows = [row for row in run.predictions if row["domain"] == "target"]
    labels = np.array([int(row["label"] == "merger") for row in rows])
    p = np.array([float(row["p_merger"]) for row in rows])
    return metric_set(labels, np.stack([1 - p, p], axis=1)).model_dump()


def with_interval(metrics: dict[str, Any], name: str) -> str:
    """Return one metric with its interval; where nothing was called a merger it is undefined."""
    if metrics[name] is None or metrics["intervals"][name] is None:
        return f"{name} undefined"
    low, high = metrics["intervals"][name]
    return f"{name} {metrics[name]:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    """Run all methods and seeds; print target accuracy and AUC with 95 % intervals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    archive = shared_file("sdss_galaxy_zoo1.npz")
    for seed in range(options.seeds):
        with tempfile.TemporaryDirectory() as name:
            data = write_data(archive, seed, Path(name))
            for method in METHODS:
                run = dakit.run(
                    run_spec(NAME, method, seed, data),
                    out=Path(name) / "runs",
                    overrides=["training.epochs=15"],
                    reporter=SilentReporter(),
                )
                source, target = run.metrics["source_test"], target_metrics(run)
                names = ("accuracy", "auc", "recall", "precision")
                cells = [with_interval(target, name) for name in names]
                print(
                    f"seed {seed} {method:5s} MOCK source {source['accuracy']:.3f} | real target"
                    f" {'  '.join(cells)}  n={target['n']}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
