"""What adaptation gains on mock galaxies: the example specs, several seeds.

Mock data are drawn by dakit; the numbers say that the machinery works, not how well the methods
do on Illustris or SDSS.

    python tests/benchmarks/mock_gain.py [--seeds 3] [--specs sim_sim_noda sim_sim_mmd ...]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import dakit
from dakit.training.reporter import SilentReporter

EXAMPLES = Path(__file__).parents[2] / "examples" / "astro_mergers"
SPECS = ("sim_sim_noda", "sim_sim_mmd", "sim_real_noda", "sim_real_mmd", "sim_real_tl")


def main() -> None:
    """Run the specs; print accuracy on both test parts, mean and sd over seeds, and gains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--specs", nargs="+", default=list(SPECS))
    parser.add_argument("--set", nargs="*", default=[], dest="overrides", metavar="K=V")
    parser.add_argument("--out", type=Path, help="keep the runs here")
    options = parser.parse_args()
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in options.specs}
    with tempfile.TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        for seed in range(1, options.seeds + 1):
            for name in options.specs:
                began = time.perf_counter()
                run = dakit.run(
                    EXAMPLES / f"{name}.json",
                    out=out,
                    overrides=[f"seed={seed}", "data.origin=mock", *options.overrides],
                    resume=True,
                    reporter=SilentReporter(),
                )
                pair = tuple(run.metrics[f"{d}_test"]["accuracy"] for d in ("source", "target"))
                scores[name].append(pair)  # type: ignore[arg-type]
                print(
                    f"MOCK seed {seed} {name:14s} source {pair[0]:.3f} target {pair[1]:.3f}"
                    f" (epoch {run.results['selection']['epoch']},"
                    f" {time.perf_counter() - began:.0f} s)",
                    flush=True,
                )
    for name, pairs in scores.items():
        for side, values in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            print(f"MOCK {name:14s} {side} {statistics.mean(values):.3f} ± {spread:.3f}")


if __name__ == "__main__":
    main()
