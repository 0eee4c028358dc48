"""Reading a spec takes time in proportion to its length, whatever is large in it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

BENCHMARK: dict[str, Any] = runpy.run_path(str(Path(__file__).parent / "benchmarks/large_specs.py"))
TEXTS = BENCHMARK["large_specs"](100_000)
SWEEPS = BENCHMARK["large_sweeps"](15_000)
MOST_SECONDS = 1.5
"""Of this process; a megabyte takes less than 2 s. What grew with the square took 5 s and more."""


@pytest.mark.parametrize("what", [*TEXTS, *SWEEPS])
def test_large_files_are_read_at_once(what: str, tmp_path: Path) -> None:
    text = TEXTS.get(what) or SWEEPS[what]
    assert BENCHMARK["seconds"](text, tmp_path, sweep=what in SWEEPS) < MOST_SECONDS
