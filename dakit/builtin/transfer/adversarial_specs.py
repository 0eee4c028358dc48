"""The adversarial transfer losses: a classifier or critic works against the backbone."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, LossTerm


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
        le=1e6,
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
        1.0, gt=0, le=1e6, description="Factor on the learning rate of the adversarial head."
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
    critic_lr: float = Field(1e-4, gt=0, le=1e6, description="Learning rate of the critic's Adam.")
    penalty: float = Field(10.0, ge=0, description="Factor of the gradient penalty.")

    def build(self, context: BuildContext) -> LossTerm:
        """Build the loss and its critic, initialised from the seed of the run."""
        from dakit.builtin.transfer.wdgrl import WDGRL

        return WDGRL(self, context)
