"""The spec of the transfer loss ``nrc``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from pydantic import Field, PositiveInt

from dakit import TransferLossSpec


@final
class NRCSpec(TransferLossSpec):
    """NRC: a model trained earlier adapts to the target alone, by what neighbours predict.

    The features (at length 1) and predictions ``S`` of all target rows stand in a memory, filled
    before the first epoch and renewed by every batch. For a row ``i`` with prediction ``p_i``, its
    ``neighbours`` nearest rows ``k`` by cosine, and each of theirs, ``m``, of which there are
    ``expanded`` (Yang et al. 2021, neighbourhood reciprocity clustering)::

        L = -mean_i sum_k A_ik S_k . p_i  -  mean_i sum_k sum_m r S_m . p_i  -  mean_i S_i . p_i
            + diversity sum_c q_c log q_c,           q = mean_i p_i

    ``A_ik`` is 1 where ``i`` is among the ``expanded`` nearest of ``k`` (reciprocal), else ``r``;
    no row is a neighbour of itself. The memory has no gradient. The last term is, but for a
    constant, the divergence of the mean prediction from equal shares. The published code writes the
    products as divergences without a logarithm, which have the same gradients, leaves the third
    term out, and lets the first ones grow as the last one fades. Start from a run on the source,
    with ``"task": null``. The paper trains all but the classifier at a tenth of its rate.
    """

    short: ClassVar[str] = "NRC"
    paper: ClassVar[str] = "Yang et al. 2021, NeurIPS (NRC)"
    oracle: ClassVar[str] = "a numpy loop from the paper"
    measured: ClassVar[str] = (
        "target accuracy of its start: MNIST -> USPS +.15, back +.16, digits_shift +.08"
    )
    implementation: ClassVar[str] = ".nrc_loss:NRC"

    name: Literal["nrc"] = "nrc"
    neighbours: PositiveInt = Field(3, description="Nearest rows of each row.")
    expanded: PositiveInt = Field(2, description="Nearest rows of each of these.")
    affinity: float = Field(
        0.1, ge=0, le=1, description="r, of neighbours that are not reciprocal, and of theirs."
    )
    diversity: float = Field(1.0, ge=0, description="Weight of the divergence from equal shares.")
