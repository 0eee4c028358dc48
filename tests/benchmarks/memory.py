"""How much memory a run on arrays of the full sim-sim size needs: peak resident set, whole process.

Run with ``python tests/benchmarks/memory.py``: two float64 files of 2.08 GB each are written to a
temporary folder, mapped, checked, split, normalised, trained on for an epoch and evaluated.
``--rows`` makes them smaller, ``--folder`` says where they go.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS = 15426
IMAGE = (3, 75, 75)
CHUNK = 256
LIMIT = 2e9

CHILD = """
import json, resource, sys
import dakit
from dakit.training.reporter import SilentReporter
run = dakit.run(json.loads(sys.argv[1]), out=sys.argv[2], reporter=SilentReporter())
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(kilobytes * 1024)
"""


def write_images(path: Path, labels: np.ndarray, brightness: float) -> None:
    """Write one image per label, float64, in pieces.

    Not through a map: the peak of a process that starts another counts for both.
    """
    rng = np.random.default_rng(int(brightness))
    header = {"descr": "<f8", "fortran_order": False, "shape": (len(labels), *IMAGE)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for begin in range(0, len(labels), CHUNK):
            piece = labels[begin : begin + CHUNK, None, None, None]
            noise = rng.standard_normal((len(piece), *IMAGE))
            (brightness * (piece + noise)).astype("<f8").tofile(file)


def write_data(folder: Path, rows: int) -> None:
    """Write both domains and the labels they share."""
    labels = np.arange(rows) % 2
    np.save(folder / "labels.npy", labels)
    write_images(folder / "source.npy", labels, 1.0)
    write_images(folder / "target.npy", labels, 2.0)


def spec(folder: Path) -> dict[str, object]:
    """Return the run: DeepMerge with MMD, one epoch, everything else by default."""
    sides = {
        side: {"inputs": str(folder / f"{side}.npy"), "labels": str(folder / "labels.npy")}
        for side in ("source", "target")
    }
    return {
        "schema_version": 1,
        "name": "memory",
        "data": {"name": "arrays", **sides},
        "model": {"backbone": {"name": "deepmerge"}, "head": {"hidden": [64, 32]}},
        "objective": {"transfer": {"name": "mmd"}},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 0},
    }


def peak(folder: Path) -> int:
    """Return the peak resident set of a run in a process of its own, in bytes."""
    line = [sys.executable, "-c", CHILD, json.dumps(spec(folder)), str(folder / "runs")]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1])


def main() -> int:
    """Write, run, print; 1 where the limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        needed = 2 * options.rows * 8 * int(np.prod(IMAGE))
        if shutil.disk_usage(folder).free < 1.2 * needed:
            sys.exit(f"{folder}: {needed / 1e9:.1f} GB are needed")
        write_data(folder, options.rows)
        begin = time.perf_counter()
        resident = peak(folder)
        seconds = time.perf_counter() - begin
    print(
        f"{needed / 1e9:.2f} GB of arrays: peak resident {resident / 1e9:.2f} GB, {seconds:.0f} s"
    )
    return int(resident >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
