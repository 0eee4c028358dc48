"""Whether losses and inputs are of a scale that a training can live with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

import numpy as np
import torch

from dakit.data.batches import reader_of
from dakit.data.prepare import PreparedData
from dakit.network import ROLES

ROWS = 64
"""Inputs of each domain whose scale is looked at."""
DROWNING = 0.95
"""A term with this share of the gradient, in three epochs of four, leaves the others nothing."""
LEARNED = 0.8
"""A task is learned from this skill on: 0 is chance, 1 is faultless."""
SMALLEST, LARGEST = 0.01, 10.0
"""Between these the standard deviation of normalised inputs is ordinary."""


def input_scale(data: PreparedData) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation of what the network is given, by domain."""
    scale: dict[str, dict[str, float]] = {}
    for side in ROLES:
        train = getattr(data.split, side).train
        rows = train[np.linspace(0, len(train) - 1, min(ROWS, len(train)), dtype=np.int64)]
        inputs = reader_of(data, side, torch.device("cpu"))(rows).double()
        scale[side] = {"mean": float(inputs.mean()), "sd": float(inputs.std(correction=0))}
    return scale


def scale_cautions(
    results: Mapping[str, Any], spec: Mapping[str, Any], history: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what must be said of a finished run: which term drowns the task, which inputs do."""
    skill = _skill(results)
    task = (spec["objective"].get("task") or {}).get("name") if "objective" in spec else None
    if task is not None and skill is not None and skill < LEARNED:
        yield from _drowned(history, task)
    far = {side: found for side, found in results.get("inputs", {}).items() if _is_far(**found)}
    if far:
        numbers = "; ".join(
            f"those of the {side} have a mean of {found['mean']:.3g} and a standard deviation of "
            f"{found['sd']:.3g}"
            for side, found in far.items()
        )
        method = spec["data"].get("normalize", {}).get("method")
        yield (
            f"Inputs of this scale: {numbers}, where the network gets them (data.normalize.method "
            f"is {method!r}). First weights, learning rates and kernel widths are made for numbers "
            "around 1: normalise them."
        )


def _is_far(mean: float, sd: float) -> bool:
    return not SMALLEST <= sd <= LARGEST or abs(mean) > LARGEST * max(1.0, sd)


def _drowned(history: Sequence[Mapping[str, Any]], task: str) -> Iterator[str]:
    logged = [row for row in history if any(row.get("gradient_shares", {}).values())]
    names = dict.fromkeys(name for row in logged for name in row["gradient_shares"])
    for name in names:
        shares = [row["gradient_shares"].get(name) or 0.0 for row in logged]
        usual = float(np.quantile(shares, 0.25))
        if name != task and usual >= DROWNING:
            numbers = [
                logged[-1]["weights"].get(name),
                *map(logged[-1]["losses"].get, (name, "total")),
            ]
            weight, loss, total = (nan if number is None else number for number in numbers)
            yield (
                f"One term drowns the others: in three epochs of four at least {usual:.1%} of the "
                f"gradient is of {name} (weight {weight:g} x {loss:.4g}, a total of {total:.4g}), "
                f"and {task} teaches next to nothing. Lower the weight, or bring the term to the "
                "scale of the others."
            )


def _skill(results: Mapping[str, Any]) -> float | None:
    """Return how far the source test is from chance (0) to faultless (1)."""
    measured = (results["metrics"].get("source_test") or {}).get("balanced_accuracy")
    chance = 1 / len(results["data"]["class_names"])
    return None if measured is None else (measured - chance) / (1 - chance)
