"""The specs of the optimal-transport losses: what a user may write, and how they are built."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from pydantic import Field

from dakit import TransferLossSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, LossTerm


@final
class Sinkhorn(TransferLossSpec):
    """Sinkhorn divergence between source and target features, blur and weights as in SIDDA.

    With the entropic transport cost ``OT`` of the cost ``|a - b|^2 / 2`` at the blur ``sigma``
    (regularization ``sigma^2``), source features ``x (n, D)`` and target features ``y (m, D)``::

        S(x, y) = OT(x, y) - OT(x, x) / 2 - OT(y, y) / 2

    (Feydy et al. 2019, AISTATS, eq. 3; computed by geomloss). It is never negative but for
    rounding and 0 on equal samples; small blurs give half the squared Wasserstein distance, large
    ones half the squared distance of the means. ``dynamic`` blur (SIDDA, Pandya et al. 2025):
    ``sigma = max(least_blur, blur_fraction max_ij |x_i - y_j|)``, as a constant without gradient;
    ``fixed``: ``sigma = least_blur``.

    Dynamic weights, also SIDDA's (after Kendall et al. 2018, eq. 7): with learned ``a, b`` that
    begin at 1, ``a >= 0.001`` and ``b >= a / 4``, the total of task ``T`` and divergence is::

        T / (2 a^2) + S / (2 b^2) + log(a b)

    The first part reaches the task through the weights of the source rows, so the task must be
    one that honours them; ``a`` learns from the batch's plain cross entropy. Leave ``weight`` at 1
    for just this form. The published code clamps ``a, b`` before the optimizer's step, here after.
    """

    paper: ClassVar[str] = "Feydy et al. 2019, AISTATS; Pandya et al. 2025 (SIDDA)"
    discrepancy: ClassVar[bool] = True

    name: Literal["sinkhorn"] = "sinkhorn"
    blur: Literal["dynamic", "fixed"] = Field(
        "dynamic", description="Whether the blur follows the spread of the features in the batch."
    )
    blur_fraction: float = Field(
        0.05, gt=0, description="dynamic: the blur as a fraction of the largest distance."
    )
    least_blur: float = Field(
        0.01, gt=0, description="dynamic: the lower bound of the blur; fixed: the blur itself."
    )
    scaling: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Ratio of successive blurs in the annealing: nearer to 1 is slower, exacter.",
    )

    dynamic_weights: bool = Field(
        True, description="Whether task and divergence are weighed by what is learned of both."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit_optimal_transport.dynamic_weights import DynamicWeights
        from dakit_optimal_transport.sinkhorn import SinkhornLoss

        fraction = self.blur_fraction if self.blur == "dynamic" else 0.0
        weights = DynamicWeights() if self.dynamic_weights else None
        return SinkhornLoss(fraction, self.least_blur, self.scaling, weights)


@final
class DeepJDOT(TransferLossSpec):
    """Joint transport of features and labels: a target row should be classified as its partner.

    With source features ``x_i``, labels ``y_i``, target features ``z_j`` and target probabilities
    ``p_j = softmax(logits_j)`` (Damodaran et al. 2018, ECCV, eq. 6)::

        C_ij = feature_weight |x_i - z_j|^2 - label_weight log p_j[y_i]
        L = min_gamma sum_ij gamma_ij C_ij

    over the couplings ``gamma`` of uniform weights, found exactly (network simplex, POT) for the
    batch and held fixed for the gradient; by the envelope theorem that is the gradient of ``L``.
    The sizes of the batches may differ.
    """

    paper: ClassVar[str] = "Damodaran et al. 2018, ECCV (DeepJDOT)"

    name: Literal["deepjdot"] = "deepjdot"
    feature_weight: float = Field(
        0.001, ge=0, description="Weight of the squared feature distance (the paper's alpha)."
    )
    label_weight: float = Field(
        0.0001, ge=0, description="Weight of the label loss (the paper's lambda_t)."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit_optimal_transport.deepjdot import DeepJDOTLoss

        return DeepJDOTLoss(self.feature_weight, self.label_weight)


@final
class SlicedWasserstein(TransferLossSpec):
    """Sliced Wasserstein distance of order 2, squared, between source and target features.

    With directions ``t`` drawn uniformly on the sphere, anew at every step, and ``W_2`` between
    the samples projected on them, which is exact in one dimension (Bonneel et al. 2015, J. Math.
    Imaging Vis. 51, eq. 13; computed by POT, also for batches of different sizes)::

        L = mean_t W_2(x t, y t)^2

    The square is taken because the root has no gradient at 0. Lee et al. 2019 (CVPR) compare the
    outputs of two classifiers by it; here it compares the features of the domains.
    """

    paper: ClassVar[str] = "Bonneel et al. 2015, J. Math. Imaging Vis. 51, 22; Lee et al. 2019"
    discrepancy: ClassVar[bool] = True

    name: Literal["sliced_wasserstein"] = "sliced_wasserstein"
    projections: int = Field(128, ge=1, description="Number of random directions per step.")

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit_optimal_transport.sliced_wasserstein import SlicedWassersteinLoss

        return SlicedWassersteinLoss(self.projections)
