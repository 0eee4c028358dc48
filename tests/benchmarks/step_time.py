"""Time of a whole dakit training step against the bare step of the same network in stock torch.

Run ``python tests/benchmarks/step_time.py``. The bare step is what torch's own layers and Adam
need for the forward pass of 256 images 3 x 75 x 75 that are already in memory, the cross entropy
of the first 128, and the backward pass; the faster of both memory formats counts. dakit's step is
the trainer's own: gather 128 + 128 float64 images from a map on disk, normalise, run the network
on both at once, cross entropy and MMD with 19 kernels, every check and log of the trainer,
backward pass, Adam. Prints medians of interleaved repetitions and their ratio.

``--all [NAME ...]`` times the step of every method of the installed plugins instead, each alone
with its defaults beside the cross entropy, as a ratio to the step with MMD: medians of interleaved
repetitions, in processor time of one thread, which other work on the machine moves little.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, final

import numpy as np
import torch
from methods import objectives
from torch import nn
from torch.nn.functional import cross_entropy

from dakit import DatasetSpec, InputError
from dakit.contracts import BuildContext, Domain, DomainPair, Provenance
from dakit.data.batches import InputBatch
from dakit.data.prepare import PreparedData, prepare
from dakit.network import Network
from dakit.randomness import generator
from dakit.spec.run import RunSpec
from dakit.training.objective import build_objective
from dakit.training.reporter import SilentReporter
from dakit.training.steps import Step, steps_of
from dakit.training.trainer import Trainer

BATCH = 128
IMAGES = 6 * BATCH
SHAPE = (3, 75, 75)
WANTED = 1.15
WANTED_OF_METHODS = 1.3


@final
class Noise(DatasetSpec):
    """Noise on disk, in the type and shape of the published files."""

    name: Literal["noise"] = "noise"
    folder: str

    def build(self, context: BuildContext) -> DomainPair:
        """Return two domains of noise, mapped from ``folder``."""
        source, target = (self._domain(name) for name in ("source", "target"))
        return DomainPair(source, target, ("a", "b"), Provenance("generated", "noise"))

    def _domain(self, name: str) -> Domain:
        path = Path(self.folder) / f"{name}.npy"
        np.save(path, generator(0, name).normal(size=(IMAGES, *SHAPE)))
        labels = np.arange(IMAGES, dtype=np.int64) % 2
        return Domain(
            name,
            np.load(path, mmap_mode="r"),
            labels,
            np.arange(IMAGES),
            domains=np.arange(IMAGES) // 2 % 2 if name == "source" else None,
            domain_names=("first", "second") if name == "source" else (),
        )


def stock_network() -> nn.Sequential:
    """DeepMerge as anybody would write it."""
    layers: list[nn.Module] = []
    for inputs, outputs, size in ((3, 8, 5), (8, 16, 3), (16, 32, 3)):
        conv = nn.Conv2d(inputs, outputs, size, padding=size // 2)
        layers += [conv, nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
    head = (nn.Linear(2592, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
    return nn.Sequential(*layers, nn.Flatten(), *head)


def bare_step(start: Network, layout: torch.memory_format) -> Callable[[], None]:
    """Return a stock training step on a batch in memory, starting from the weights of ``start``."""
    network = stock_network()
    network.load_state_dict(
        dict(zip(network.state_dict(), copy.deepcopy(start).state_dict().values(), strict=True))
    )
    network.to(memory_format=layout)
    optimizer = torch.optim.Adam(network.parameters())
    images = torch.randn(2 * BATCH, *SHAPE).contiguous(memory_format=layout)
    labels = torch.arange(BATCH) % 2

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(network(images)[:BATCH], labels).backward()
        optimizer.step()

    return step


def dakit_step(trainer: Trainer) -> Callable[[], None]:
    """Return one step of the trainer, gathering its batch included."""
    batches = full_batches(trainer)
    trainer.objective.train()
    trainer.objective.on_epoch_start(trainer.views.epoch(1, 0.0))

    def step() -> None:
        trainer.train_step(*next(batches))

    return step


def full_batches(trainer: Trainer) -> Iterator[tuple[Step, InputBatch]]:
    """Yield the batches of 128 + 128 of epoch after epoch, each gathered when asked for."""
    for epoch in range(1, 10**6):
        steps = steps_of(trainer.spec, trainer.schedule, epoch, trainer.batches.steps_per_epoch)
        for step, batch in zip(steps, trainer.batches.epoch(epoch), strict=True):
            if len(batch.source_inputs) == BATCH:
                yield step, batch


MMD = {"transfer": "mmd"}


def spec_of(folder: str, objective: Mapping[str, Any] = MMD) -> RunSpec:
    """Return the spec of a run on noise with the methods of ``objective``."""
    return RunSpec.model_validate(
        {
            "schema_version": 1,
            "name": "step_time",
            "data": Noise(folder=folder),
            "model": {"backbone": "deepmerge", "head": {"hidden": [64, 32]}},
            "objective": {"task": "cross_entropy", **objective},
            "training": {"epochs": 1000, "batch_size": BATCH},
        }
    )


@cache
def data_in(folder: str) -> PreparedData:
    """Return the noise, written to ``folder`` once."""
    noise = Noise(folder=folder)
    return prepare(noise.build(BuildContext(seed=0)), noise, seed=0)


def trainer_of(spec: RunSpec, data: PreparedData) -> Trainer:
    context = BuildContext(
        seed=0,
        input_shape=SHAPE,
        num_classes=2,
        class_counts=tuple(np.bincount(data.pair.source.labels[data.split.source.train])),
        source_size=len(data.split.source.train),
        target_size=len(data.split.target.train),
        num_source_domains=2,
    )
    objective = build_objective(spec, context)
    return Trainer(spec, data, objective, torch.device("cpu"), SilentReporter())


def interleaved(
    steps: dict[str, Callable[[], None]],
    repetitions: int,
    warm_up: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Return the seconds of each step, the steps taking turns."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for repetition in range(warm_up + repetitions):
        for name, step in steps.items():
            begun = clock()
            step()
            if repetition >= warm_up:
                times[name].append(clock() - begun)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=31)
    parser.add_argument("--all", nargs="*", metavar="NAME", help="time the step of every method")
    arguments = parser.parse_args()
    if arguments.all is not None:
        time_methods(arguments.all, arguments.repetitions)
        return
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(spec_of(folder), data_in(folder))
        network = trainer.objective.network
        steps = {
            "bare, contiguous": bare_step(network, torch.contiguous_format),
            "bare, channels-last": bare_step(network, torch.channels_last),
            "dakit, MMD": dakit_step(trainer),
        }
        times = interleaved(steps, arguments.repetitions)
    report(times)


def report(times: dict[str, list[float]]) -> None:
    print(f"{BATCH}+{BATCH} images {SHAPE}, {torch.get_num_threads()} threads")
    for name, seconds in times.items():
        low, median, high = (1e3 * s for s in statistics.quantiles(seconds, n=4))
        print(f"{name:>20}: {median:7.1f} ms (median; quartiles {low:.1f} to {high:.1f})")
    *bare, ours = (statistics.median(seconds) for seconds in times.values())
    print(f"dakit / fastest bare: {ours / min(bare):.2f} (wanted: at most {WANTED})")


def time_methods(names: list[str], repetitions: int) -> None:
    """Print a Markdown table of the methods' steps, the slowest first."""
    torch.set_num_threads(1)
    steps, refused = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name, objective in {"mmd": MMD, **objectives(names)}.items():
            try:
                steps[name] = dakit_step(trainer_of(spec_of(folder, objective), data_in(folder)))
            except InputError as reason:
                refused.append(f"`{name}`: {reason}")
        times = interleaved(steps, repetitions, 1, time.process_time)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    print(f"{BATCH}+{BATCH} images {SHAPE}, one thread\n| method | ms | x mmd |\n|---|---|---|")
    for name, seconds in sorted(medians.items(), key=lambda item: -item[1]):
        ratio = seconds / medians["mmd"]
        print(f"| `{name}` | {1e3 * seconds:.0f} | {ratio:.2f} |")
    print(f"wanted: at most {WANTED_OF_METHODS}, but for those that pass the network again")
    print("\n".join(refused))


if __name__ == "__main__":
    main()
