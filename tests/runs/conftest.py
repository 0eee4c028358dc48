"""Two tiny finished runs, trained once."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def damaged_runs() -> dict[str, Any]:
    """What ``tests/benchmarks/damaged_runs.py`` offers."""
    path = Path(__file__).parents[1] / "benchmarks/damaged_runs.py"
    return runpy.run_path(str(path), run_name="damaged_runs")


@pytest.fixture(scope="session")
def tiny_runs(tmp_path_factory: pytest.TempPathFactory, damaged_runs: dict[str, Any]) -> Path:
    """The folder of two specs, their data and, in ``runs``, their finished runs; never changed."""
    base = tmp_path_factory.mktemp("tiny")
    damaged_runs["make_runs"](base)
    return base
