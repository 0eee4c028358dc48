"""The Amazon reviews of the DANN paper (Ganin et al. 2016, table 1): 12 pairs, network and DANN.

``python tests/benchmarks/amazon_reviews.py [--out FILE] [--methods network dann] [--set K=V ...]``

The authors' own files and protocol: counts of 5,000 words and pairs of words as they are, 50 hidden
units, a rate of 1e-3, the last 10 % of the source's 2,000 training rows to choose the epoch, the
target's 2,000 training rows without labels, accuracy on the target's test rows; for DANN a linear
domain classifier. Departures: ReLU for the sigmoid, Adam on batches of 64 for steps of single rows,
one of the target's training rows is set aside (dakit wants a validation part), and the strength is
0.01, constant, the least that the paper tries, where the authors' script has 0.1: Adam moves the
domain classifier at its full rate whatever the strength, plain steps at a tenth of it. Finished
pairs stand in FILE, a line of JSON each, and are not run again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import permutations
from pathlib import Path
from statistics import mean
from typing import Any, ClassVar, Literal, final

import numpy as np
import torch
from method_tasks import reviews
from methods import done
from shared_data import shared_file

import dakit
from dakit import DatasetSpec
from dakit.contracts import (
    BuildContext,
    Domain,
    DomainPair,
    DomainSplit,
    PairSplit,
    Provenance,
)
from dakit.plugins import catalog
from dakit.plugins.catalog import Catalog
from dakit.plugins.loading import LoadedPlugin, PluginInfo, load_plugins
from dakit.training.reporter import SilentReporter

KINDS = ("books", "dvd", "electronics", "kitchen")
PUBLISHED = {
    "network": (
        *(0.790, 0.747, 0.778, 0.720, 0.732, 0.778),
        *(0.709, 0.733, 0.854, 0.708, 0.739, 0.841),
    ),
    "dann": (
        *(0.784, 0.733, 0.779, 0.723, 0.754, 0.783),
        *(0.713, 0.738, 0.854, 0.709, 0.740, 0.843),
    ),
}
"""Of the pairs in the order of ``permutations(KINDS, 2)``."""
TRANSFER = {
    "network": None,
    "dann": {
        "name": "dann",
        "weight": 0.02,  # 0.01 of the sum of both domains' losses, of which dakit takes the mean
        "schedule": "constant",
        "reversal": 1.0,
        "hidden": [],
        "dropout": 0.0,
    },
}


@final
class Reviews(DatasetSpec):
    """Two kinds of reviews, split as the paper has it."""

    name: Literal["dann_reviews"] = "dann_reviews"
    source: str
    target: str
    file: ClassVar[Path]

    def build(self, context: BuildContext) -> DomainPair:
        """Return both kinds, training rows before those of the test."""
        source, target = _domain(self.file, self.source), _domain(self.file, self.target)
        split = PairSplit(
            DomainSplit(np.arange(1800), np.arange(1800, 2000), np.arange(2000, len(source))),
            DomainSplit(np.arange(1999), np.arange(1999, 2000), np.arange(2000, len(target))),
        )
        about = Provenance("files", "the reviews of the DANN paper")
        return DomainPair(source, target, ("bad", "good"), about, split=split)


def _domain(file: Path, name: str) -> Domain:
    with np.load(file, allow_pickle=False) as archive:
        parts = [reviews(archive, name, part) for part in ("train", "test")]
    counts = np.concatenate([rows.toarray() for rows, _ in parts])
    return Domain(name, counts, np.concatenate([y for _, y in parts]), np.arange(len(counts)))


def accuracy(pair: tuple[str, str], method: str, options: argparse.Namespace) -> float:
    """Return the accuracy of a method on the target's test rows."""
    spec: dict[str, Any] = {
        "schema_version": 1,
        "name": "amazon_reviews",
        "data": {
            "name": "dann_reviews",
            "source": pair[0],
            "target": pair[1],
            "normalize": {"method": "none"},
        },
        "model": {"backbone": {"name": "mlp", "hidden": [50]}},
        "objective": {"task": "cross_entropy", "transfer": TRANSFER[method]},
        "optimizer": {"name": "adam", "lr": 1e-3},
        "schedule": "constant",
        "training": {"epochs": 15, "batch_size": 64},
        "evaluation": {"bootstrap": 0},
    }
    with tempfile.TemporaryDirectory() as out:
        run = dakit.run(spec, out=out, overrides=options.overrides, reporter=SilentReporter())
        found: float = run.metrics["target_test"]["accuracy"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="finished pairs, to go on with")
    parser.add_argument("--methods", nargs="+", default=list(TRANSFER), choices=list(TRANSFER))
    parser.add_argument("--set", nargs="*", default=[], dest="overrides", metavar="K=V")
    options = parser.parse_args()
    torch.set_num_threads(1)
    Reviews.file = shared_file("amazon_reviews_dann5000.npz")
    found = {(c["pair"], c["method"]): c["accuracy"] for c in done(options.out or Path("none"))}
    own = LoadedPlugin(PluginInfo("benchmark", "0", "benchmark"), (Reviews,))
    with catalog.using(Catalog([*load_plugins(catalog.options()).plugins, own])):
        for pair in permutations(KINDS, 2):
            name = " -> ".join(pair)
            for method in options.methods:
                if (name, method) in found:
                    continue
                found[name, method] = accuracy(pair, method, options)
                cell = {"pair": name, "method": method, "accuracy": found[name, method]}
                print(cell, flush=True)
                if options.out:
                    with options.out.open("a") as file:
                        file.write(json.dumps(cell) + "\n")
    print(table(found, options.methods))


def table(found: dict[tuple[str, str], float], methods: list[str]) -> str:
    """Return a Markdown table of the pairs, the published values in brackets."""
    lines = [f"| pair | {' | '.join(methods)} |", "|---|" + "---|" * len(methods)]
    for number, pair in enumerate(permutations(KINDS, 2)):
        name = " -> ".join(pair)
        cells = [f"{found[name, m]:.3f} ({PUBLISHED[m][number]:.3f})" for m in methods]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    averages = [mean(found[" -> ".join(p), m] for p in permutations(KINDS, 2)) for m in methods]
    wanted = [mean(PUBLISHED[m]) for m in methods]
    cells = [f"{ours:.3f} ({theirs:.3f})" for ours, theirs in zip(averages, wanted, strict=True)]
    return "\n".join([*lines, f"| average | {' | '.join(cells)} |"])


if __name__ == "__main__":
    main()
