"""The spec of the validator ``dev``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ValidatorSpec


@final
class DEVSpec(ValidatorSpec):
    """Deep embedded validation: importance-weighted source loss with a control variate.

    ``-(mean_i(w_i l_i) + eta mean_i(w_i) - eta)``, ``eta = -cov(w l, w) / var(w)``, over the source
    validation rows with losses ``l``: the weights have the mean 1, and their deviation from it
    tells how far the weighted loss is off by chance. ``eta`` is 0 where all weights are equal.

    The weights are a density ratio, ``w(x) = (N_s / N_t) P(target | x) / P(source | x)``, of a
    logistic regression on standardised features of both training parts, without target labels;
    ``log w`` is kept within 30. The paper trains a small network instead, with the best of nine
    weight decays.
    """

    paper: ClassVar[str] = "You et al. 2019, ICML, PMLR 97, 7124"
    implementation: ClassVar[str] = ".dev_score:DEV"
    needs: ClassVar[frozenset[str]] = frozenset({"train_features"})

    name: Literal["dev"] = "dev"
    loss: Literal["cross_entropy", "error"] = Field(
        "cross_entropy", description="What is weighted: the cross entropy, or 1 where it is wrong."
    )
