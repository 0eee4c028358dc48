"""The spec of the validator ``transfer_score``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class TransferScoreSpec(ValidatorSpec):
    """Transfer Score: uniform classifier, clustered target features, sure, diverse predictions.

    ``-U + H + |M| / log C``. ``U`` is the mean over pairs of classes of ``(theta - acos(-1/(C -
    1)))^2``, with the angles ``theta`` between the weights of the head's last layer; ``H`` the
    Hopkins statistic of the target features, ``sum u / (sum u + sum w)`` with the distances of
    uniform points in their bounding box (u) and of rows (w) to the nearest row; ``M`` the mutual
    information of target inputs and predictions.

    ``H`` draws 200 points and rows (as many as there are, where fewer) that follow from the seed,
    and is 0 below 20 rows. The published code draws 5 % of the rows, anew each time.
    """

    paper: ClassVar[str] = "Yang et al. 2024, arXiv:2305.18712"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".transfer_score_score:TransferScore"

    name: Literal["transfer_score"] = "transfer_score"
