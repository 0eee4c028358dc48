"""The spec of the validator ``silhouette``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class SilhouetteSpec(ValidatorSpec):
    """Silhouette of the target features by predicted class: classes are tight and lie apart.

    ``mean_j (b_j - a_j) / max(a_j, b_j)`` with the mean distance ``a`` of row j to the rows of its
    predicted class and the least mean distance ``b`` to those of another, in [-1, 1]; -1 where
    fewer than two classes are predicted.
    """

    paper: ClassVar[str] = "Rousseeuw 1987, J. Comput. Appl. Math. 20, 53"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".silhouette_score:Silhouette"

    name: Literal["silhouette"] = "silhouette"
