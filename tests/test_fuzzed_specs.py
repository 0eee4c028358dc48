"""Whatever becomes of an example spec, ``dakit validate`` ends with 0 or 2, in words, quickly."""

from __future__ import annotations

import runpy
import time
from pathlib import Path
from typing import Any

BENCHMARK: dict[str, Any] = runpy.run_path(
    str(Path(__file__).parent / "benchmarks/fuzz_specs.py"), run_name="fuzz_specs"
)
AT_LEAST, AT_MOST, SECONDS = 100, 2000, 2.5


def test_mutated_specs_are_fine_or_wrong_and_never_a_traceback(tmp_path: Path) -> None:
    folder, begin = BENCHMARK["examples_in"](tmp_path), time.process_time()
    for number in range(AT_MOST):
        if number >= AT_LEAST and time.process_time() - begin > SECONDS:
            break
        found = BENCHMARK["fault"](number, folder)
        assert found is None, f"mutation {number} of tests/benchmarks/fuzz_specs.py: {found}"
