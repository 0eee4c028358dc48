"""Where the time of a run on very many short vectors goes, stage by stage.

Run ``python tests/benchmarks/many_rows.py [--rows 1000000]``: two domains of so many vectors of 8
float32 numbers, three classes, a perceptron, one epoch in batches of 1,024, intervals of 1,000
resamples. Prints the seconds of each stage and their ratio to the bare epoch of the same network
in stock torch, on tensors in memory, made in the same process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import nn

from dakit.data.splits import save_split
from dakit.evaluation.evaluate import evaluate
from dakit.runs.folder import create
from dakit.runs.predictions import read_predictions
from dakit.training.reporter import SilentReporter
from dakit.training.trainer import train
from dakit.workflows.train import Plan, make_plan

CLASSES, FEATURES, HIDDEN, BATCH = 3, 8, 16, 1024


def write_data(folder: Path, rows: int) -> Path:
    rng = np.random.default_rng(0)
    for side in ("source", "target"):
        labels = rng.integers(0, CLASSES, rows)
        values = rng.normal(size=(rows, FEATURES)) + labels[:, None]
        np.save(folder / f"{side}.npy", values.astype(np.float32))
        np.save(folder / f"{side}_labels.npy", labels)
    spec = {
        "schema_version": 1,
        "name": "many",
        "data": {
            "name": "arrays",
            **{
                side: {"inputs": f"{side}.npy", "labels": f"{side}_labels.npy"}
                for side in ("source", "target")
            },
        },
        "model": {"backbone": {"name": "mlp", "hidden": [HIDDEN]}},
        "objective": {},
        "training": {"epochs": 1, "batch_size": BATCH},
    }
    path = folder / "spec.json"
    path.write_text(json.dumps(spec))
    return path


def bare_epoch(rows: int) -> None:
    """The network and the optimizer alone, on as many rows as are trained on."""
    network = nn.Sequential(nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
    optimizer = torch.optim.Adam(network.parameters())
    inputs, labels = torch.randn(rows, FEATURES), torch.randint(CLASSES, (rows,))
    order = torch.randperm(rows)
    for begin in range(0, rows, BATCH):
        chosen = order[begin : begin + BATCH]
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(inputs[chosen]), labels[chosen]).backward()
        optimizer.step()


def stages(spec: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the stages of a run, as ``dakit.workflows.train`` goes through them."""
    made: list[Plan] = []
    reporter, cpu = SilentReporter(), torch.device("cpu")
    out = spec.parent / "runs"
    yield (
        "read, check, split, normalise",
        lambda: made.append(make_plan(spec, out=out, device="cpu", reporter=reporter)),
    )
    (plan,) = made
    create(out, plan.loaded.spec.name, plan.run_id)
    save_split(plan.folder.split, plan.data.split)
    yield "train one epoch", lambda: train(
        plan.loaded.spec, plan.data, plan.objective, plan.folder,
        device=cpu, resume=False, reporter=reporter,
    )  # fmt: skip
    found = []
    yield (
        "predict and measure",
        lambda: found.append(evaluate(plan.loaded.spec, plan.data, plan.objective.network, cpu)),
    )
    yield "write predictions.csv", lambda: found[0].write_predictions(plan.folder.predictions)
    yield "read predictions.csv", lambda: read_predictions(plan.folder, plan.data.pair.class_names)


def seconds(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        spec = write_data(Path(folder), arguments.rows)
        trained_on = round(0.7 * arguments.rows)
        bare_epoch(BATCH)  # what torch does only once
        bare = seconds(lambda: bare_epoch(trained_on))
        print(f"{'bare epoch':32} {bare:7.1f} s")
        total = 0.0
        for name, act in stages(spec):
            taken = seconds(act)
            total += taken
            print(f"{name:32} {taken:7.1f} s   {taken / bare:6.1f} x")
        print(f"{'all of it':32} {total:7.1f} s   {total / bare:6.1f} x")


if __name__ == "__main__":
    main()
