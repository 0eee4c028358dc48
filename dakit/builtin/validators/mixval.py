"""The spec of the validator ``mixval``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ValidatorSpec


@final
class MixValSpec(ValidatorSpec):
    """Mixed target inputs are predicted as the input that has the larger share.

    ``x = s x_a + (1 - s) x_b`` of two target rows should be predicted as ``x_a`` is. The share of
    the pairs for which it is so, once among pairs of one predicted class (the network is sure
    there) and once among pairs of two (the border lies between them); the mean of both, in [0, 1].

    Each row is paired once for either, in an order that follows from the seed. The paper ranks
    models by either share and averages the ranks; here the shares are averaged, and where there are
    no pairs of one kind the other counts alone.

    Raises:
        InputError: the inputs are whole numbers, which cannot be mixed.
    """

    paper: ClassVar[str] = "Hu et al. 2023, NeurIPS (Mixed Samples as Probes)"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".mixval_score:MixVal"
    needs: ClassVar[frozenset[str]] = frozenset({"inputs", "network"})

    name: Literal["mixval"] = "mixval"
    share: float = Field(0.55, gt=0.5, lt=1, description="s, the share of the first row.")
