"""The transfer losses that dakit ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, final

from pydantic import Field, PositiveFloat, PositiveInt

from dakit import TransferLossSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, LossTerm

Positives = Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]

PUBLISHED_VARIANCES = (
    *(1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1),
    *(1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0),
    *(1e2, 1e3, 1e4, 1e5, 1e6),
)
"""The bank of 19 of Bousmalis et al. 2016, used by DeepMerge II."""


@final
class MMDSpec(TransferLossSpec):
    """Maximum mean discrepancy between source and target features, with Gaussian kernels.

    The value is the squared MMD (no root). With source features ``x (n, D)``, target features
    ``y (m, D)`` and ``k(a, b) = sum_s exp(-|a - b|^2 / (2 s))`` over the bank of variances ``s``
    (Gretton et al. 2012, JMLR 13):

    - biased (eq. 5): ``mean_ij k(x_i, x_j) + mean_ij k(y_i, y_j) - 2 mean_ij k(x_i, y_j)``;
      never negative, 0 on equal batches, at most 2 a kernel (38 for the bank of 19);
    - unbiased (eq. 3): the first two means over ``i != j``; may be negative;
    - linear (lemma 14): the mean over ``i`` of ``k(x_2i, x_2i+1) + k(y_2i, y_2i+1) -
      k(x_2i, y_2i+1) - k(x_2i+1, y_2i)``, over the first ``min(n, m) // 2`` pairs; cheap, noisy,
      may be negative.

    A heuristic bandwidth gives the variances ``s = f h`` for each factor ``f``, where ``h`` is the
    median (the lower of the middle two) or mean of ``|a - b|^2`` over the pairs of distinct rows
    that the estimator compares, source and target together, as a constant without gradient.

    Published DeepMerge II: biased, the sum of 19 fixed variances, and a clamp at 1e-4 below which
    there is no gradient; here nothing is clamped unless asked for.
    """

    paper: ClassVar[str] = "Gretton et al. 2012, JMLR 13, 723; Long et al. 2015 (DAN)"
    discrepancy: ClassVar[bool] = True

    name: Literal["mmd"] = "mmd"
    estimator: Literal["biased", "unbiased", "linear"] = Field(
        "biased", description="How the squared MMD is estimated from the batch."
    )
    bandwidth: Literal["fixed", "median", "mean"] = Field(
        "fixed",
        description=(
            "fixed: the variances given; median, mean: factors times the median or mean squared "
            "distance in the batch."
        ),
    )
    variances: Positives = Field(
        PUBLISHED_VARIANCES,
        description="fixed: the kernels' variances s in exp(-d^2 / (2 s)), one kernel each.",
    )
    factors: Positives = Field(
        (0.25, 0.5, 1.0, 2.0, 4.0),
        description="median, mean: multiples of the bandwidth, one kernel each.",
    )
    kernels: Literal["sum", "mean"] = Field(
        "sum", description="Whether the kernels are added up (as published) or averaged."
    )
    clamp: float | None = Field(
        None,
        ge=0,
        description=(
            "Lower bound of the value, without gradient below it (published: 1e-4); null: none."
        ),
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit.builtin.transfer.mmd import MMD

        scales = self.variances if self.bandwidth == "fixed" else self.factors
        return MMD(self.estimator, self.bandwidth, scales, self.kernels, self.clamp)


class _AdversarialSpec(TransferLossSpec):
    """What all losses with a domain classifier behind a gradient reversal may be told."""

    schedule: Literal["ganin", "constant"] = Field(
        "ganin", description="How the strength of the reversal goes with training progress."
    )
    reversal: float = Field(
        1.0, gt=0, description="Strength of the reversal: constant, or what ganin rises to."
    )
    hidden: tuple[PositiveInt, ...] = Field(
        (1024, 1024), description="Widths of the discriminator's hidden layers."
    )
    dropout: float = Field(
        0.5, ge=0, lt=1, description="Dropout after each hidden layer of the discriminator."
    )
    lr_multiplier: float = Field(
        1.0,
        gt=0,
        description=(
            "Factor on the learning rate of the discriminator (DeepMerge II: 0.1 by default, 0.01 "
            "in its example)."
        ),
    )


@final
class DANNSpec(_AdversarialSpec):
    """Domain-adversarial training: features that a domain classifier cannot tell apart.

    A discriminator ``d`` sees the features through a gradient reversal ``R`` (identity forwards,
    the gradient times ``-lambda`` backwards) and learns source = 1 against target = 0::

        L = 1/2 mean_i -log sigmoid(d(R(x_i))) + 1/2 mean_j -log(1 - sigmoid(d(R(y_j))))

    Each domain weighs half, whatever its batch size; for equal sizes this is the mean over the
    joint batch, as published. ``ganin``: ``lambda = reversal (2 / (1 + exp(-10 p)) - 1)`` with
    training progress ``p`` (Ganin et al. 2016, section 5.2.2); ``constant``: ``lambda =
    reversal``, which is what DeepMerge II does with 1. The discriminator itself always learns at
    full strength times ``lr_multiplier``.
    """

    paper: ClassVar[str] = "Ganin et al. 2016, JMLR 17, 59"

    name: Literal["dann"] = "dann"

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its discriminator, initialised from the seed of the run."""
        from dakit.builtin.transfer.dann import DANN

        return DANN(self, context.feature_dim, context.seed)


@final
class DAANSpec(_AdversarialSpec):
    """Dynamic adversarial adaptation: one domain classifier for all, one for each class.

    With the discriminator losses of :class:`DANNSpec` written ``D(d; x, y)``, features ``x``,
    ``y`` of source and target and the predicted probabilities ``p_c`` of class ``c``::

        L_g = D(d; x, y)                                   global
        L_l = mean_c D(d_c; p_c(x) x, p_c(y) y)            local
        L   = (1 - omega) L_g + omega L_l

    After each epoch ``omega = A_l / (A_g + A_l)`` from the proxy A-distances ``A = 2 (1 - 2 e)``,
    held at 0 where negative, of the global classifier and of the local ones (their mean); ``e``
    is the balanced error on both whole training parts, where row i counts ``p_c(i)`` for class
    ``c``. It starts at 0.5, as in the published code, and keeps its value where both are 0.

    Departures: the published code takes the discriminators' mean losses for ``e``, so that its
    distances are negative near chance, and reverses only the gradient of the features, not that
    of ``p_c``; DeepDA's labels target samples as source in every local classifier.
    """

    paper: ClassVar[str] = "Yu et al. 2019, ICDM (DAAN)"

    name: Literal["daan"] = "daan"

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its discriminators, initialised from the seed of the run."""
        from dakit.builtin.transfer.daan import DAAN

        return DAAN(self, context)


@final
class PADASpec(_AdversarialSpec):
    """Partial domain adaptation: classes that the target lacks count less, or not at all.

    At the start of each epoch every class gets the weight of its mean prediction over the whole
    target training part, divided by the largest (Cao et al. 2018, eq. 3)::

        g = mean_j softmax(z_j),    g <- g / max_c g_c

    The source row i then counts ``g_{y_i}`` in the task loss and in the domain loss, which is
    that of :class:`DANNSpec` (eq. 4). The published code divides by the mean instead.
    """

    paper: ClassVar[str] = "Cao et al. 2018, ECCV (PADA)"

    name: Literal["pada"] = "pada"

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its discriminator, initialised from the seed of the run."""
        from dakit.builtin.transfer.pada import PADA

        return PADA(self, context)


@final
class MDDSpec(TransferLossSpec):
    """Margin disparity discrepancy: where could a second classifier disagree with the first?

    An adversarial head ``f'``, built like the model's, sees the features through a gradient
    reversal ``R`` and learns to agree with the model's own choice ``h = argmax z`` on the source
    and to disagree on the target (Zhang et al. 2019, section 5)::

        L = gamma mean_i -log p'_i(h_i) + mean_j -log(1 - p'_j(h_j)),   p' = softmax(f'(R(x)))

    ``h`` is a constant. ``log(1 - p)`` is the log-sum-exp over the other classes less that over
    all: exact, where the published code overflows to NaN. The published strength of the
    reversal rises to 0.1 over 1000 steps; here by training progress.
    """

    paper: ClassVar[str] = "Zhang et al. 2019, ICML, PMLR 97, 7404 (MDD)"

    name: Literal["mdd"] = "mdd"
    gamma: float = Field(4.0, gt=0, description="Weight of the source: exp of the margin.")
    schedule: Literal["ganin", "constant"] = Field(
        "ganin", description="How the strength of the reversal goes with training progress."
    )
    reversal: float = Field(
        0.1, gt=0, description="Strength of the reversal: constant, or what ganin rises to."
    )
    lr_multiplier: float = Field(
        1.0, gt=0, description="Factor on the learning rate of the adversarial head."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its head, initialised from the seed of the run."""
        from dakit.builtin.transfer.mdd import MDD

        return MDD(self, context)


@final
class WDGRLSpec(TransferLossSpec):
    """Wasserstein distance of the features, estimated by a critic with a gradient penalty.

    The critic ``f`` is trained apart, ``critic_steps`` steps before each step of the network, on
    features held fixed (Shen et al. 2018, algorithm 1)::

        W = mean_i f(x_i) - mean_j f(y_j)
        critic: maximise W - penalty mean_k (|grad f(h_k)| - 1)^2,   network: minimise W

    ``h`` are all features of both domains and one random point between each source row and a
    target row. Where the domains differ in size, the rows of the smaller one are repeated.
    """

    paper: ClassVar[str] = "Shen et al. 2018, AAAI (WDGRL)"

    name: Literal["wdgrl"] = "wdgrl"
    hidden: tuple[PositiveInt, ...] = Field(
        (100,), description="Widths of the critic's hidden layers."
    )
    critic_steps: PositiveInt = Field(5, description="Steps of the critic before each other step.")
    critic_lr: float = Field(1e-4, gt=0, description="Learning rate of the critic's Adam.")
    penalty: float = Field(10.0, ge=0, description="Factor of the gradient penalty.")

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its critic, initialised from the seed of the run."""
        from dakit.builtin.transfer.wdgrl import WDGRL

        return WDGRL(self, context)


@final
class SemanticAlignmentSpec(TransferLossSpec):
    """Alignment of class centroids: those of the source and of the pseudo-labelled target.

    With the labels ``y_i`` of the source and ``argmax z_j`` of the target, each class's centroid
    is a moving average over the steps, and they are drawn together (MSTN, Xie et al. 2018,
    algorithm 1)::

        C_k <- theta C_k + (1 - theta) mean of the batch's features of class k
        L = sum_k |C_k^source - C_k^target|^2

    The gradient goes through the batch's share. A class absent from the batch keeps its
    centroid, and the first batch that has it starts it; one that either domain never had is
    left out. The published code starts from 0 and lets absent classes fall back to it.
    MSTN takes this beside a domain-adversarial loss.
    """

    paper: ClassVar[str] = "Xie et al. 2018, ICML, PMLR 80, 5423 (MSTN)"

    name: Literal["semantic_alignment"] = "semantic_alignment"
    memory: float = Field(
        0.7, ge=0, lt=1, description="theta: share of the centroid before this step."
    )

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit.builtin.transfer.semantic_alignment import SemanticAlignment

        return SemanticAlignment(self.memory, context)


@final
class MomentMatchingSpec(TransferLossSpec):
    """Moment matching of several sources with the target, and with one another.

    With source domains ``i = 1 ... N`` of features ``x_i``, the target's ``y``, powers taken
    entry by entry and the Euclidean norm (M3SDA, Peng et al. 2019, eq. 1)::

        L = sum_k [ 1/N sum_i |mean x_i^k - mean y^k|
                    + 1/C(N,2) sum_{i<j} |mean x_i^k - mean x_j^k| ],   k = 1 ... moments

    A domain that is absent from the batch is left out of both averages. Eq. 1 is not defined for
    one source (``C(1, 2) = 0``): such data are refused.
    """

    paper: ClassVar[str] = "Peng et al. 2019, ICCV (M3SDA)"

    name: Literal["moment_matching"] = "moment_matching"
    moments: PositiveInt = Field(2, le=5, description="The highest power that is matched.")

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss."""
        from dakit.builtin.transfer.moment_matching import MomentMatching

        return MomentMatching(self.moments, context.num_source_domains)


SPECS: tuple[type[TransferLossSpec], ...] = (
    MMDSpec,
    DANNSpec,
    DAANSpec,
    PADASpec,
    MDDSpec,
    WDGRLSpec,
    SemanticAlignmentSpec,
    MomentMatchingSpec,
)
