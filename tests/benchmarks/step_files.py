"""The files and functions of dakit that one training step enters.

Run ``python tests/benchmarks/step_files.py [SPEC] [--set KEY=VALUE]...``. Without a spec it is a
normal run on the digits: joint BatchNorm, MMD, Fisher loss, entropy. The step is the second of the
first epoch: its batch is gathered, passes the network, every term and the guards, the weights move,
and the reporter of log files is told. Counted with ``sys.setprofile``. A clipped gradient, a phase
and a second view enter a file more each. Exit code 1 where more than ``--wanted`` files are
entered.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, final

import dakit
from dakit.training.reporter import LineReporter, Reporter

ROOT = Path(dakit.__file__).parent
WANTED = 15
NORMAL: dict[str, Any] = {
    "schema_version": 1,
    "name": "step_files",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "batch_norm": True}},
    "objective": {
        "task": "cross_entropy",
        "transfer": "mmd",
        "regularizers": [{"name": "fisher", "weight": 0.01}, {"name": "entropy", "weight": 0.05}],
    },
    "training": {"epochs": 1, "batch_norm": "joint"},
}


@final
class Profile:
    """A reporter that collects what runs from the end of one step to the end of the next."""

    def __init__(self, inner: Reporter) -> None:
        self.codes: set[CodeType] = set()
        self._inner = inner
        self._steps = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def step(self, epoch: int, step: int, losses: Mapping[str, float]) -> None:
        self._inner.step(epoch, step, losses)
        self._steps += 1
        sys.setprofile(self._enter if self._steps == 1 else None)

    def _enter(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            self.codes.add(frame.f_code)


def entered(spec: Mapping[str, Any] | str, overrides: list[str]) -> dict[str, list[str]]:
    """Return by file the functions of dakit that a step of ``spec`` enters."""
    with tempfile.TemporaryDirectory() as out, open(os.devnull, "w") as nowhere:
        profile = Profile(LineReporter(nowhere))
        dakit.run(spec, out=out, overrides=overrides, reporter=profile)
    files: defaultdict[str, list[str]] = defaultdict(list)
    for code in profile.codes:
        path = Path(code.co_filename)
        if ROOT in path.parents:
            files[str(path.relative_to(ROOT))].append(code.co_qualname)
    return {file: sorted(files[file]) for file in sorted(files)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", nargs="?", default=NORMAL)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--wanted", type=int, default=WANTED)
    arguments = parser.parse_args()
    files = entered(arguments.spec, arguments.set)
    for file, functions in files.items():
        print(f"{file:36} {', '.join(functions)}")
    count = sum(map(len, files.values()))
    print(f"{count} functions in {len(files)} files (wanted: at most {arguments.wanted} files)")
    sys.exit(len(files) > arguments.wanted)


if __name__ == "__main__":
    main()
