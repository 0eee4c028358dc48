"""Memory and speed of ``dakit predict`` against the bare forward pass of the same network.

Run ``python tests/benchmarks/predict.py``. A tiny run of DeepMerge on noise is trained, and
100,000 images 3 x 75 x 75 float32 (6.75 GB) are written to a temporary folder, which is removed
at the end. A process of its own then predicts them all into a CSV file. After each batch, outside
the time that counts for dakit, it passes one batch of 256 that lies in memory, normalised, through
the network in evaluation mode: the bare pass, with the same threads and interleaved, so that a busy
machine slows both. The speed of dakit is that of the whole call of ``dakit.predict``:
loading the run, reading, checking, normalising, predicting, writing; not the import of torch.

Memory is VmHWM, the largest resident set of the process with everything in it: Python, torch, and
the pages of the mapped file, which dakit gives back after each batch.

``--images`` makes it smaller, ``--folder`` says where the files go, ``--threads`` is torch's.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

IMAGES = 100_000
SHAPE = (3, 75, 75)
BATCH = 256
PATTERN = 1000
MEMORY = 1.5e9
SPEED = 0.9

CHILD = """
import json, sys, time
from pathlib import Path
import torch
from dakit.workflows.predict import predict
from dakit.runs.run import load_run

run, images, out, threads, batch = sys.argv[1:]
torch.set_num_threads(int(threads))
network = load_run(run).model().network
ready = torch.randn(int(batch), 3, 75, 75)
bare = []

def forward(done=0, total=0):
    begun = time.perf_counter()
    with torch.inference_mode():
        network(ready)
    bare.append(time.perf_counter() - begun)

for _ in range(3):
    forward()
bare.clear()
summary = predict(run, images, out=out, batch_size=int(batch), device="cpu", progress=forward)
status = Path("/proc/self/status").read_text().splitlines()
kilobytes = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps({
    "images": summary.images,
    "seconds": summary.seconds - sum(bare),
    "bare": int(batch) * len(bare) / sum(bare),
    "resident": kilobytes * 1024,
}))
"""


def write_images(path: Path, images: int) -> None:
    """Write noise, the same thousand images over and over, without holding more than these."""
    noise = np.random.default_rng(0).standard_normal((PATTERN, *SHAPE), dtype=np.float32)
    header = {"descr": "<f4", "fortran_order": False, "shape": (images, *SHAPE)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for begin in range(0, images, PATTERN):
            noise[: images - begin].tofile(file)


def train(folder: Path) -> Path:
    """Train DeepMerge on a little noise; return the folder of the run."""
    rng = np.random.default_rng(1)
    np.save(folder / "few.npy", rng.standard_normal((80, *SHAPE), dtype=np.float32))
    np.save(folder / "labels.npy", np.arange(80) % 2)
    side = {"inputs": "few.npy", "labels": "labels.npy"}
    spec = {
        "schema_version": 1,
        "name": "predict",
        "data": {"name": "arrays", "source": side, "target": side},
        "model": {"backbone": {"name": "deepmerge"}, "head": {"hidden": [64, 32]}},
        "objective": {},
        "training": {"epochs": 1},
        "evaluation": {"bootstrap": 0},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    line = [sys.executable, "-m", "dakit", "run", "spec.json", "--no-report"]
    subprocess.run(line, cwd=folder, check=True, capture_output=True)
    (run,) = (folder / "runs").iterdir()
    return run


def measure(folder: Path, run: Path, threads: int) -> dict[str, float]:
    """Predict in a process of its own; return what it says of itself."""
    arguments = [str(run), str(folder / "images.npy"), str(folder / "out.csv")]
    line = [sys.executable, "-c", CHILD, *arguments, str(threads), str(BATCH)]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Write, train, predict, print; 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=IMAGES)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        needed = options.images * 4 * int(np.prod(SHAPE))
        if shutil.disk_usage(folder).free < 1.2 * needed:
            sys.exit(f"{folder}: {needed / 1e9:.1f} GB are needed")
        run = train(folder)
        write_images(folder / "images.npy", options.images)
        found = measure(folder, run, options.threads)
    speed = found["images"] / found["seconds"]
    ratio = speed / found["bare"]
    print(f"{options.images} images {SHAPE} float32, batches of {BATCH}, {options.threads} threads")
    print(f"peak resident {found['resident'] / 1e9:.2f} GB (wanted: below {MEMORY / 1e9} GB)")
    print(f"dakit predict {speed:.0f} images/s, bare forward pass {found['bare']:.0f} images/s")
    print(f"dakit / bare: {ratio:.3f} (wanted: at least {SPEED})")
    return int(found["resident"] >= MEMORY or ratio < SPEED)


if __name__ == "__main__":
    sys.exit(main())
