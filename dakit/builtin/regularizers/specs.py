"""The regularizers that dakit ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from pydantic import Field

from dakit import RegularizerSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, LossTerm


@final
class FisherSpec(RegularizerSpec):
    """Fisher loss: compact classes with centres far apart, in the features of the source.

    With source features ``x (B, D)``, labels ``y`` and class centres ``c``::

        S_w = sum_i |x_i - c_{y_i}|^2          (or the mean over the batch)
        S_b = sum_k |c_k - mean_l c_l|^2       (the mean of the centres, unweighted)
        trace_ratio:       within_weight S_w / (between_weight S_b)
        trace_difference:  within_weight S_w - between_weight S_b

    What scales with the batch: with ``reduction = sum`` (as published) ``S_w`` grows in proportion
    to the batch size and ``S_b`` does not, so ``weight`` belongs to one batch size; ``mean`` is
    free of it and equals ``sum`` divided by the batch size.

    A weight that works, with ``reduction = sum``; ``mean`` takes it times the batch size::

        trace_ratio, learned:         0.01
        trace_ratio, batch:           0.001
        trace_difference, both:       0.01 / ((C - 1) D), as 4e-6 with 2 classes, 2592 features

    The difference is not divided by ``S_b``, which is about ``(C - 1) D`` for centres from
    N(0, 1), so it pulls so many times harder. Measured on 400 mock galaxies (the spec
    ``sim_sim_mmd_f``, 8 epochs of 64 rows): at these weights the term has 2 to 9 % of the
    gradient and the source is learned; at ten times that of the difference, or of the ratio in
    the batch, the entropy of the target's predictions falls from 0.68 to 0.23 and less, and all
    of the target to one class.

    The published ``lw = 0.01, lb = 1`` without outer weight is ``weight = 0.01`` here: in the
    ratio only ``weight within_weight / between_weight`` matters. Defaults are as published
    (learned centres from N(0, 1), learning rate times 10).
    """

    paper: ClassVar[str] = "Zhang et al. 2020, arXiv:2003.05636"

    name: Literal["fisher"] = "fisher"
    form: Literal["trace_ratio", "trace_difference"] = Field(
        "trace_ratio", description="Ratio or difference of the scatter within and between classes."
    )
    centres: Literal["learned", "batch"] = Field(
        "learned",
        description=(
            "learned: free parameters, as published; batch: the class means of the batch's source "
            "features, leaving out classes that are absent."
        ),
    )
    within_weight: float = Field(1.0, ge=0, description="Factor of the scatter within classes.")
    between_weight: float = Field(1.0, gt=0, description="Factor of the scatter between classes.")
    reduction: Literal["sum", "mean"] = Field(
        "sum", description="Whether S_w is the sum over the batch (as published) or its mean."
    )
    lr_multiplier: float = Field(
        10.0, gt=0, le=1e6, description="Factor on the learning rate of learned centres."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss; learned centres are drawn from the seed of the run."""
        from dakit.builtin.regularizers.fisher import Fisher

        return Fisher(self, context.num_classes, context.feature_dim, context.seed)


@final
class EntropySpec(RegularizerSpec):
    """Entropy of the predictions: few doubts, so that boundaries avoid dense regions.

    With ``p_i = softmax(z_i)`` over the rows of the logits ``(B, C)``::

        L = mean_i -sum_c p_ic log p_ic

    ``both`` averages over source and target rows together, as the published code of DeepMerge II
    does; the talk about it says target only. Exact through ``log_softmax``, where the published
    code leaves out probabilities below 1e-6.
    """

    paper: ClassVar[str] = "Grandvalet & Bengio 2005"

    name: Literal["entropy"] = "entropy"
    on: Literal["target", "source", "both"] = Field(
        "target", description="Whose predictions: target, source, or all of them together."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit.builtin.regularizers.entropy import Entropy

        return Entropy(self.on)


@final
class PseudoLabelsSpec(RegularizerSpec):
    """Pseudo-labels: the target's rows learn the class of the nearest centroid of the target.

    At the start of each epoch, from the features ``y_j`` and predictions ``q_j = softmax(z_j)``
    of the whole target training part (Liang et al. 2020, self-supervised pseudo-labelling, with
    the cosine distance)::

        c_k = sum_j q_jk y_j / sum_j q_jk,    l_j = argmax_k cos(y_j, c_k)
        c_k = sum_j [l_j = k] y_j / sum_j [l_j = k],    l_j = argmax_k cos(y_j, c_k)

    and then in each step ``L = mean_j -log softmax(z_j)_{l_j}``. Beside it SHOT has an
    information-maximisation term and holds the head fixed. A class without rows has no second
    centroid. The published code appends a 1 to the features before it compares angles; the
    paper does not, nor does this.
    """

    paper: ClassVar[str] = "Liang et al. 2020, ICML (SHOT)"

    name: Literal["pseudo_labels"] = "pseudo_labels"
    weight: float = Field(
        0.3, ge=0, description="Factor of this term in the total loss (published: 0.3)."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss for the target training rows of the run."""
        from dakit.builtin.regularizers.pseudo_labels import PseudoLabels

        return PseudoLabels(context)


@final
class ConsistencySpec(RegularizerSpec):
    """Consistency under augmentation: what is plain in an image must hold for its distorted copy.

    With the predictions ``q_j = softmax(z_j)`` of the first view of ``n`` target images, augmented
    as all are in training, and the logits ``s_j`` of their second view, strongly augmented
    (``data.augment.strong``; FixMatch, Sohn et al. 2020, eq. 4)::

        L = 1/n sum_j [max_c q_jc >= threshold] (-log softmax(s_j)_{argmax_c q_jc})

    ``q`` is a constant without gradient. 0 where no image is plain enough. FixMatch's unlabelled
    set is here the target; its seven times larger unlabelled batch is not taken over.
    """

    paper: ClassVar[str] = "Sohn et al. 2020, NeurIPS (FixMatch)"

    name: Literal["consistency"] = "consistency"
    threshold: float = Field(
        0.95, ge=0, le=1, description="Least probability that makes a prediction a label."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit.builtin.regularizers.consistency import Consistency

        return Consistency(self.threshold)


SPECS: tuple[type[RegularizerSpec], ...] = (
    FisherSpec,
    EntropySpec,
    PseudoLabelsSpec,
    ConsistencySpec,
)
