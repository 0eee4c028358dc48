"""Time of MMD forward and backward against the textbook form of the published code.

Run ``python tests/benchmarks/mmd_time.py [--threads 2]``. Prints medians of interleaved
repetitions, and their ratio, at 128 + 128 rows of 2592 features.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor

from dakit.builtin.transfer.mmd import PUBLISHED_VARIANCES, MMDSpec
from dakit.contracts import Batch, BuildContext, SourceSide, TargetSide

N, M, D = 128, 128, 2592


def textbook_kernel(a: Tensor, b: Tensor) -> Tensor:
    """Mean of the 19 kernels' sum, from an ``(n, D, m)`` tensor of differences."""
    distances = ((a.unsqueeze(2) - b.t().unsqueeze(0)) ** 2).sum(1)
    beta = 1.0 / (2.0 * torch.tensor(PUBLISHED_VARIANCES).unsqueeze(1))
    exponents = beta @ distances.reshape(1, -1)
    return torch.exp(-exponents).sum(0).reshape(distances.shape).mean()


def textbook(source: Tensor, target: Tensor) -> Tensor:
    return (
        textbook_kernel(source, source)
        + textbook_kernel(target, target)
        - 2 * textbook_kernel(source, target)
    )


def seconds(loss: Callable[[Tensor, Tensor], Tensor], features: Tensor) -> float:
    source, target = (part.clone().requires_grad_() for part in features.split([N, M]))
    start = time.perf_counter()
    loss(source, target).backward()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=11)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    term = MMDSpec().build(BuildContext(seed=0))
    labels = torch.zeros(N, dtype=torch.long)

    def ours(source: Tensor, target: Tensor) -> Tensor:
        return term(Batch(SourceSide(source, source, labels), TargetSide(target, target), 0.0))

    features = torch.randn(N + M, D, generator=torch.Generator().manual_seed(0)).relu()
    times: dict[str, list[float]] = {"textbook": [], "dakit": []}
    for _ in range(arguments.repetitions + 1):
        times["textbook"].append(seconds(textbook, features))
        times["dakit"].append(seconds(ours, features))
    medians = {name: 1e3 * statistics.median(values[1:]) for name, values in times.items()}
    source, target = features.split([N, M])
    print(f"{N}+{M} x {D}, {len(PUBLISHED_VARIANCES)} kernels, {arguments.threads} threads")
    print(f"values: textbook {textbook(source, target):.6f}, dakit {ours(source, target):.6f}")
    for name, median in medians.items():
        print(f"{name:>8}: {median:8.2f} ms forward + backward (median)")
    print(f"textbook / dakit: {medians['textbook'] / medians['dakit']:.1f} (wanted: at least 20)")


if __name__ == "__main__":
    main()
