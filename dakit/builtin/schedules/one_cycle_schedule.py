"""One cycle over the whole training."""

from __future__ import annotations

from typing import final

from dakit.builtin.schedules.cosine_schedule import cosine_between
from dakit.builtin.schedules.one_cycle import OneCycleSpec
from dakit.contracts import BuildContext


@final
class OneCycle:
    """One cycle (Smith & Topin 2019), cosine-shaped: start -> 1 -> start * final.

    The same sequence as torch's ``OneCycleLR`` with ``div_factor = 1 / start_factor`` and
    ``final_div_factor = 1 / final_factor``, without its state; but two or three steps, where
    ``warmup`` may leave none near the peak, are peak and end, or start, peak and end.
    """

    def __init__(self, spec: OneCycleSpec, context: BuildContext) -> None:
        self._spec = spec

    def __call__(self, step: int, total: int, per_epoch: int) -> float:
        """Return the factor at ``step``."""
        spec = self._spec
        top = spec.warmup * total - 1 if total > 3 else (total - 1) // 2
        if step < top:
            return cosine_between(spec.start_factor, 1.0, step / top)
        fall = (step - top) / (total - 1 - top)
        return cosine_between(1.0, spec.start_factor * spec.final_factor, min(1.0, fall))
