"""The spec of the transfer method ``subspace_alignment``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit_shallow.mapping import ComponentsSpec


@final
class SubspaceAlignment(ComponentsSpec):
    """Subspace alignment: the principal axes of the source are turned to those of the target.

    With the first ``k`` principal axes ``P_S, P_T (D, k)`` of the centred domains
    (Fernando et al. 2013, section 3), a classifier learns from the source rows and predicts target
    rows as::

        (x - mean x) P_S P_S^T P_T,    (y - mean y) P_T

    It is fitted at the end of an epoch and has no loss: ``weight`` and ``ramp`` do nothing. Rows of
    the source that are predicted later pass as rows of the target do.
    """

    paper: ClassVar[str] = "Fernando et al. 2013, ICCV, 2960 (SA)"
    oracle: ClassVar[str] = "skada, and two analyses of scikit-learn's PCA"
    measured: ClassVar[str] = "47.4 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".subspace_alignment_loss:SubspaceAlignmentMethod"

    name: Literal["subspace_alignment"] = "subspace_alignment"
