"""A run of whatever ``dakit validate`` accepts ends in results or in words, never a traceback."""

from __future__ import annotations

import runpy
import time
from pathlib import Path
from typing import Any

import pytest

BENCHMARK: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parent / "benchmarks/fuzz_runs.py"), run_name="fuzz_runs"
)
AT_LEAST, AT_MOST, SECONDS = 5, 40, 2.0


def test_runs_of_odd_specs_end_in_results_or_in_words(tmp_path: Path) -> None:
    for extra in ("PIL", "astropy"):
        pytest.importorskip(extra)
    folder, begin, endings = BENCHMARK["data_in"](tmp_path), time.process_time(), []
    for number in range(AT_MOST):
        if number >= AT_LEAST and time.process_time() - begin > SECONDS:
            break
        found, ending = BENCHMARK["fault"](number, folder)
        assert found is None, f"run {number} of tests/benchmarks/fuzz_runs.py: {found}"
        endings.append(ending)
    assert "results" in endings
