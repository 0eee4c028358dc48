"""Whether losses and inputs are of a scale that a training can live with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan

import numpy as np
import torch

from dakit.contracts import SIDES
from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.runs.records import EpochRow, Resolved
from dakit.runs.results import InputScale, Results

ROWS = 64
"""Inputs of each domain whose scale is looked at."""
DROWNING = 0.95
"""A term with this share of the gradient, in three epochs of four, leaves the others nothing."""
ANOTHER_SCALE = 1e3
"""A term so many times larger than the task ever was is of another scale, whatever is learned."""
LEARNED = 0.8
"""A task is learned from this skill on: 0 is chance, 1 is faultless."""
SMALLEST, LARGEST = 0.01, 10.0
"""Between these the standard deviation of normalised inputs is ordinary."""


def input_scale(data: PreparedData) -> dict[str, InputScale]:
    """Return mean and standard deviation of what the network is given, by domain."""
    scale: dict[str, InputScale] = {}
    for side in SIDES:
        train = getattr(data.split, side).train
        if not len(train) or getattr(data.normalization, side).stretch == "whole":
            continue
        rows = train[np.linspace(0, len(train) - 1, min(ROWS, len(train)), dtype=np.int64)]
        inputs = reader_of(data, side, torch.device("cpu"))(rows).double()
        scale[side] = InputScale(mean=float(inputs.mean()), sd=float(inputs.std(correction=0)))
    return scale


def scale_cautions(results: Results, spec: Resolved, history: Sequence[EpochRow]) -> Iterator[str]:
    """Yield what must be said of a finished run: which term drowns the task, which inputs do."""
    skill = _skill(results)
    task = spec.objective.task
    if task is not None and skill is not None:
        yield from _drowned(history, task.name, learned=skill >= LEARNED)
    far = {side: found for side, found in results.inputs.items() if _is_far(found)}
    if far:
        numbers = "; ".join(
            f"those of the {side} have a mean of {found.mean:.3g} and a standard deviation of "
            f"{found.sd:.3g}"
            for side, found in far.items()
        )
        yield (
            f"Inputs of this scale: {numbers}, where the network gets them (data.normalize.method "
            f"is {spec.data.normalize.method!r}). First weights, learning rates and kernel widths "
            "are made for numbers around 1: normalise them."
        )


def _is_far(scale: InputScale) -> bool:
    too_far = abs(scale.mean) > LARGEST * max(1.0, scale.sd)
    return not SMALLEST <= scale.sd <= LARGEST or too_far


def _drowned(history: Sequence[EpochRow], task: str, *, learned: bool) -> Iterator[str]:
    logged = [row for row in history if any(row.gradient_shares.values())]
    names = dict.fromkeys(name for row in logged for name in row.gradient_shares)
    of_task = max((_size(row, task) for row in logged), default=nan)
    for name in names:
        shares = [row.gradient_shares.get(name) or 0.0 for row in logged]
        usual = float(np.quantile(shares, 0.25))
        size = float(np.quantile([_size(row, name) for row in logged], 0.25))
        if (
            name == task
            or usual < DROWNING
            or (learned and not size >= ANOTHER_SCALE * of_task > 0)
        ):
            continue
        last, outcome = logged[-1], f"{task} teaches next to nothing"
        if learned:
            outcome = f"though {task} is learned, it is {size / of_task:.2g} times smaller"
        yield (
            f"One term drowns the others: in three epochs of four at least {usual:.1%} of the "
            f"gradient is of {name} (weight {_number(last.weights, name):g} x "
            f"{_number(last.losses, name):.4g}, a total of {_number(last.losses, 'total'):.4g}), "
            f"and {outcome}. Lower the weight, or bring the term to the scale of the others."
        )


def _size(row: EpochRow, name: str) -> float:
    return abs(_number(row.weights, name) * _number(row.losses, name))


def _number(values: Mapping[str, float | None], name: str) -> float:
    value = values.get(name)
    return nan if value is None else value


def _skill(results: Results) -> float | None:
    """Return how far the source test is from chance (0) to faultless (1)."""
    source = results.test("source")
    if source is None or source.balanced_accuracy is None:
        return None
    chance = 1 / len(results.data.class_names)
    return (source.balanced_accuracy - chance) / (1 - chance)
