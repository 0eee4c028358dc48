"""The spec of the validator ``snd``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from pydantic import Field

from dakit import ValidatorSpec


@final
class SNDSpec(ValidatorSpec):
    """Soft neighbourhood density: target rows have many neighbours that are predicted alike.

    The mean over target rows i of the entropy of ``softmax_j(p_i . p_j / (|p_i| |p_j| T))``, j
    other than i, with the predicted probabilities ``p``; between 0 and ``log(M - 1)`` of M rows, so
    compare it on the same rows only. It is highest where all rows are predicted alike: the paper
    asks to leave out models whose accuracy on the source has fallen, and here nothing does.
    """

    paper: ClassVar[str] = "Saito et al. 2021, arXiv:2108.10860"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".snd_score:SND"
    waives: ClassVar[Mapping[str, str]] = {
        "prefers_the_better_model": "equal predictions are densest, however wrong they are"
    }

    name: Literal["snd"] = "snd"
    temperature: float = Field(0.05, gt=0, description="T, by which similarities are divided.")
