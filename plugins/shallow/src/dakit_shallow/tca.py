"""The spec of the transfer method ``tca``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit_shallow.mapping import ComponentsSpec


@final
class TCA(ComponentsSpec):
    """Transfer component analysis: a subspace where the means agree and the spread is kept.

    With all rows ``X (n + m, D)`` of both domains, the linear kernel ``K = X X^T``, the centring
    ``H`` and ``e`` = 1/n for source rows, -1/m for target rows, ``W (n + m, k)`` has the leading
    eigenvectors of (Pan et al. 2011)::

        (K e e^T K + regularization I)^-1 K H K

    A classifier learns from the source rows ``x X^T W`` and predicts the target rows ``y X^T W``,
    all divided by the root of their mean square. Its time grows with the third power of the number
    of rows. It is fitted at the end of an epoch and has no loss: ``weight`` and ``ramp`` do
    nothing.
    """

    paper: ClassVar[str] = "Pan et al. 2011, IEEE Trans. Neural Netw. 22, 199 (TCA)"
    oracle: ClassVar[str] = (
        "scipy's general eigenvalues; the published mean of Office-Caltech10, 46.2, with 1-NN"
    )
    measured: ClassVar[str] = "49.9 % in the mean of 12 tasks of Office-Caltech10 (SURF)"
    implementation: ClassVar[str] = ".tca_loss:TCAMethod"

    name: Literal["tca"] = "tca"
    inverse_regularization: float = Field(
        0.1, gt=0, description="logistic: C of scikit-learn, the smaller the stronger."
    )
    regularization: float = Field(0.1, gt=0, description="Keeps W small (mu).")
