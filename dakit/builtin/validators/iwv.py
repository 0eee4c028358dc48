"""The spec of the validator ``iwv``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ValidatorSpec


@final
class IWVSpec(ValidatorSpec):
    """Importance-weighted validation: minus the source loss, weighted towards the target.

    ``-mean_i w(x_i) loss_i`` over the source validation rows, unbounded below: few rows may have
    all the weight, and `dev` controls the variance that comes of it.

    The weights are a density ratio, ``w(x) = (N_s / N_t) P(target | x) / P(source | x)``, of a
    logistic regression on standardised features of both training parts, without target labels;
    ``log w`` is kept within 30. The paper trains a small network instead, with the best of nine
    weight decays.
    """

    paper: ClassVar[str] = "Sugiyama et al. 2007, JMLR 8, 985; weights: You et al. 2019"
    implementation: ClassVar[str] = ".iwv_score:IWV"
    needs: ClassVar[frozenset[str]] = frozenset({"train_features"})

    name: Literal["iwv"] = "iwv"
    loss: Literal["cross_entropy", "error"] = Field(
        "cross_entropy", description="What is weighted: the cross entropy, or 1 where it is wrong."
    )
