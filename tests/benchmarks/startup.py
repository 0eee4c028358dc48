"""How long the commands that need no tensor take, as whole processes.

Run with ``python tests/benchmarks/startup.py``: medians of interleaved repetitions, with what is
installed and with 50 more plugins, each of its own distribution with one component, byte-compiled
as pip leaves them. The first line is what this machine needs to import the libraries alone, as a
measure of the machine.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPETITIONS = 15
EXAMPLE = str(Path(__file__).parents[2] / "examples/astro_mergers/sim_real_tl.json")
LIBRARIES = "import pydantic.main, pydantic.types, pluggy, typer.main, importlib.metadata"
LINES = (
    ["-c", LIBRARIES],
    ["-m", "dakit", "--version"],
    ["-m", "dakit", "--help"],
    ["-m", "dakit", "list-plugins"],
    ["-m", "dakit", "info", "mmd"],
    ["-m", "dakit", "run", "--help"],
    ["-m", "dakit", "validate", EXAMPLE],
)

PLUGIN = """
from typing import Literal
from pydantic import Field
from dakit import TransferLossSpec, hookimpl

class Loss{i}(TransferLossSpec):
    '''Loss number {i}.'''
    name: Literal["loss_{i}"] = "loss_{i}"
    factor: float = Field(1.0, ge=0, description="A factor.")
    def build(self, context): ...

@hookimpl
def dakit_transfer_losses():
    return [Loss{i}]
"""


def install_fakes(site: Path, count: int) -> None:
    """Write ``count`` plugin distributions as pip would leave them."""
    for i in range(count):
        (site / f"fake_plugin_{i}.py").write_text(PLUGIN.format(i=i))
        metadata = site / f"dakit_fake_{i}-1.0.dist-info"
        metadata.mkdir()
        head = f"Metadata-Version: 2.1\nName: dakit-fake-{i}\nVersion: 1.0\n"
        (metadata / "METADATA").write_text(f"{head}Requires-Dist: dakit>=0.1\n")
        (metadata / "entry_points.txt").write_text(f"[dakit]\nfake_{i} = fake_plugin_{i}\n")
    compileall.compile_dir(site, quiet=1)


def seconds(line: list[str], site: Path | None) -> float:
    """Return the wall time of one process."""
    environ = {**os.environ, "PYTHONPATH": str(site or ""), "PYTHONDONTWRITEBYTECODE": ""}
    begin = time.perf_counter()
    subprocess.run([sys.executable, *line], env=environ, check=True, capture_output=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        install_fakes(Path(folder), 50)
        cases = [(line, site) for line in LINES for site in (None, Path(folder))]
        for line, site in cases:
            seconds(line, site)  # writes the byte code
        times = [[seconds(line, site) for line, site in cases] for _ in range(REPETITIONS)]
    for (line, site), column in zip(cases, zip(*times, strict=True), strict=True):
        plugins = "50 more plugins" if site else "as installed"
        name = "libraries" if line[1] == LIBRARIES else " ".join(line[2:4])[:14]
        print(f"{name:14} {plugins:16} {statistics.median(column):.3f} s, least {min(column):.3f}")


if __name__ == "__main__":
    main()
