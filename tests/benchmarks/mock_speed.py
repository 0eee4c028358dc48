"""How long a mock image takes on one core: at most 3 ms.

Run it with ``OMP_NUM_THREADS=1 python tests/benchmarks/mock_speed.py``.
"""

from __future__ import annotations

import statistics
import time

from dakit_astro_mergers.mock.generate import mock_pair

SIZE = 400
REPETITIONS = 5
MOST_MS = 3.0


def milliseconds_per_image(experiment: str, seed: int) -> float:
    """Return the processor time of one image, all stages included."""
    start = time.process_time()
    mock_pair(experiment, SIZE, seed)  # type: ignore[arg-type]
    return (time.process_time() - start) * 1000 / (2 * SIZE)


def main() -> None:
    """Print the median of each experiment; exit 1 above the bound."""
    slow = False
    for experiment in ("sim_sim", "sim_real"):
        times = [milliseconds_per_image(experiment, seed) for seed in range(REPETITIONS)]
        median = statistics.median(times)
        print(f"{experiment}: {median:.2f} ms an image ({min(times):.2f} to {max(times):.2f})")
        slow |= median > MOST_MS
    raise SystemExit(1 if slow else 0)


if __name__ == "__main__":
    main()
