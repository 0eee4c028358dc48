"""The spec of the transfer loss ``daan``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit.builtin.transfer.adversarial import AdversarialSpec


@final
class DAANSpec(AdversarialSpec):
    """Dynamic adversarial adaptation: one domain classifier for all, one for each class.

    With the discriminator losses of ``dann`` written ``D(d; x, y)``, features ``x``,
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
    oracle: ClassVar[str] = "scikit-learn's log loss for each classifier; a numpy loop for omega"
    measured: ClassVar[str] = (
        "published reversal 1: -0.06 on digits_shift, 3 seeds; with the default on nothing yet"
    )
    implementation: ClassVar[str] = ".daan_loss:DAAN"

    name: Literal["daan"] = "daan"
