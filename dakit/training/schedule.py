"""The learning rate as a pure function of the step: nothing to store, nothing to restore."""

from __future__ import annotations

import math

from dakit.spec.optimizer import (
    CosineSpec,
    InverseSpec,
    OneCycleSpec,
    ScheduleSpec,
    TriangularSpec,
)


def factor(schedule: ScheduleSpec, step: int, total_steps: int, steps_per_epoch: int) -> float:
    """Return the factor on the peak learning rate at ``step`` = 0 ... ``total_steps`` - 1.

    A training of one step takes it at the peak, whatever the schedule.
    """
    if total_steps == 1:
        return 1.0
    match schedule:
        case OneCycleSpec():
            return one_cycle(schedule, step, total_steps)
        case TriangularSpec():
            return triangular(schedule, step, steps_per_epoch)
        case CosineSpec():
            return cosine(schedule, step, total_steps)
        case InverseSpec():
            return float((1 + schedule.gamma * step) ** -schedule.power)
        case _:
            return 1.0


def one_cycle(spec: OneCycleSpec, step: int, total_steps: int) -> float:
    """One cycle (Smith & Topin 2019), cosine-shaped: start -> 1 -> start * final.

    The same sequence as torch's ``OneCycleLR`` with ``div_factor = 1 / start_factor`` and
    ``final_div_factor = 1 / final_factor``, without its state; but two or three steps, where
    ``warmup`` may leave none near the peak, are peak and end, or start, peak and end.
    """
    top = spec.warmup * total_steps - 1 if total_steps > 3 else (total_steps - 1) // 2
    if step < top:
        return _cosine_between(spec.start_factor, 1.0, step / top)
    fall = (step - top) / (total_steps - 1 - top)
    return _cosine_between(1.0, spec.start_factor * spec.final_factor, min(1.0, fall))


def triangular(spec: TriangularSpec, step: int, steps_per_epoch: int) -> float:
    """The repeating triangle of DeepMerge II: floor -> 1 -> floor, linear, over and over.

    Its period is ``int(0.9 * cycle_length * steps_per_epoch)`` steps. The published code calls
    it one-cycle and means to fall far below the floor in the last tenth of each cycle, but never
    reaches that branch. A period has two steps at least, the floor and the peak.
    """
    period = max(2, int(0.9 * spec.cycle_length * steps_per_epoch))
    position = (step % period) / period
    height = 1 - abs(2 * position - 1)
    return spec.floor_factor + (1 - spec.floor_factor) * height


def cosine(spec: CosineSpec, step: int, total_steps: int) -> float:
    """Linear warm-up to 1, then half a cosine down to the floor at the last step."""
    warmup_steps = int(spec.warmup * total_steps)
    if step < warmup_steps:
        return (step + 1) / (warmup_steps + 1)
    fall = (step - warmup_steps) / max(1, total_steps - 1 - warmup_steps)
    return _cosine_between(1.0, spec.floor_factor, min(1.0, fall))


def _cosine_between(start: float, end: float, fraction: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * fraction))
