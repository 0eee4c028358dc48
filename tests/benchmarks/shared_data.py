"""Where the real data sets for benchmarks lie, if they lie anywhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def shared_file(name: str) -> Path:
    """Return the path of a data set; end the benchmark with the reason where it is absent."""
    folder = os.environ.get("DAKIT_SHARED_DATA")
    root = Path(folder) if folder else Path(__file__).parents[3] / "shared" / "data"
    path = root / name
    if not path.exists():
        print(f"skipped: {name} is not in {root} (set DAKIT_SHARED_DATA to its folder)")
        sys.exit(0)
    return path
