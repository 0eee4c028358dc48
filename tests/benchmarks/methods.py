"""Does a method do harm with its defaults? Every one beside no adaptation, on digits_shift.

``python tests/benchmarks/methods.py [--epochs 20] [--seeds 3] [NAME ...]``

The digits of scikit-learn, half of them turned and noisy; small_cnn. Each transfer loss and each
regularizer of the installed plugins is taken alone, as ``"transfer": NAME`` gives it; those that
the data cannot serve (several sources, say) are named with the reason. Prints a Markdown table:
accuracy of source and target, mean over the seeds, and what the target gained or lost.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch

import dakit
from dakit import InputError
from dakit.plugins import catalog
from dakit.training.reporter import SilentReporter

BASE = {
    "schema_version": 1,
    "data": {"name": "digits_shift"},
    "model": {"backbone": "small_cnn"},
    "evaluation": {"bootstrap": 50},
}


def objectives(names: list[str]) -> dict[str, dict[str, Any]]:
    """Return the objective of no adaptation and of each method taken alone."""
    of_catalog = catalog.current()
    transfers = {c.name: {"transfer": c.name} for c in of_catalog.components("transfer")}
    regularizers = {
        c.name: {"regularizers": [c.name]} for c in of_catalog.components("regularizer")
    }
    methods = {**transfers, **regularizers}
    return {"none": {}, **{name: methods[name] for name in names or methods}}


def accuracies(
    name: str, objective: Mapping[str, Any], options: argparse.Namespace, folder: Path
) -> list[tuple[float, float]]:
    """Return the accuracy of source and target for each seed."""
    found = []
    for seed in range(1, options.seeds + 1):
        spec = {
            **BASE,
            "name": name,
            "seed": seed,
            "objective": {"task": "cross_entropy", **objective},
            "training": {"epochs": options.epochs},
        }
        file = folder / f"{name}-{seed}.json"
        file.write_text(json.dumps(spec))
        metrics = dakit.run(file, out=folder / "runs", reporter=SilentReporter()).metrics
        found.append(tuple(metrics[f"{side}_test"]["accuracy"] for side in ("source", "target")))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| method | source | target | gain |\n|---|---|---|---|")
    plain: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, objective in objectives(options.names).items():
            try:
                source, target = zip(
                    *accuracies(name, objective, options, Path(folder)), strict=True
                )
            except InputError as refused:
                print(f"| `{name}` | refused: {refused} | | |", flush=True)
                continue
            plain = plain or list(target)
            gains = [one - other for one, other in zip(target, plain, strict=True)]
            spread = stdev(gains) if len(gains) > 1 else 0.0
            print(
                f"| `{name}` | {mean(source):.3f} | {mean(target):.3f} "
                f"| {mean(gains):+.3f} ± {spread:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
