"""The spec of the transfer loss ``dann``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit.builtin.transfer.adversarial import AdversarialSpec


@final
class DANNSpec(AdversarialSpec):
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

    short: ClassVar[str] = "ADA"
    paper: ClassVar[str] = "Ganin et al. 2016, JMLR 17, 59"
    oracle: ClassVar[str] = "dalib, half of skada's; scikit-learn's log loss"
    measured: ClassVar[str] = (
        "-0.008 in the mean of 5 small tasks, 1 seed, harm on sdss -0.046; published reversal "
        "1: -0.04 on digits_shift, +0.20 on large images of galaxies"
    )
    implementation: ClassVar[str] = ".dann_loss:DANN"

    name: Literal["dann"] = "dann"
