"""The spec of the validator ``bnm``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class BNMSpec(ValidatorSpec):
    """Nuclear norm of the target predictions: confident and diverse.

    ``||P||_* / M``, with the probabilities ``P (M, C)`` of the target and the sum of its singular
    values, between ``1 / sqrt(M)`` and ``sqrt(min(M, C) / M)``: compare it on the same rows only.
    """

    paper: ClassVar[str] = (
        "Cui et al. 2020, arXiv:2003.12237; as a validator Musgrave et al. 2022, arXiv:2208.07360"
    )
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".bnm_score:BNM"

    name: Literal["bnm"] = "bnm"
