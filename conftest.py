"""One thread for every test process and its children: the workers of xdist share the cores."""

from __future__ import annotations

import gc
import os

# before anything imports torch or numpy, which read them once
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"


def pytest_collection_finish() -> None:
    """Let no run go through all that was imported: it collects garbage before it trains."""
    gc.collect()
    gc.freeze()
