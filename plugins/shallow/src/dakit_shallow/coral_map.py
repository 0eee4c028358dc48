"""The spec of the transfer method ``coral_map``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit_shallow.mapping import MappingSpec


@final
class CoralMap(MappingSpec):
    """Correlation alignment: source features get the covariance of the target's.

    With the covariances ``C_S, C_T (D, D)`` (Sun et al. 2016, algorithm 1), a classifier learns
    from the source rows::

        x (C_S + r I)^{-1/2} (C_T + r I)^{1/2}

    and predicts target rows as they are. Means are left to the normalisation of the data, which is
    each domain's own by default, as published. It is fitted at the end of an epoch and has no loss:
    ``weight`` and ``ramp`` do nothing. Rows of the source that are predicted later are not mapped.
    """

    paper: ClassVar[str] = "Sun et al. 2016, AAAI, arXiv:1511.05547 (CORAL)"
    oracle: ClassVar[str] = "skada; its covariance is the target's"
    measured: ClassVar[str] = "47.0 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".coral_map_loss:CoralMapMethod"

    name: Literal["coral_map"] = "coral_map"
    regularization: float = Field(1.0, gt=0, description="r, added to the variances.")
