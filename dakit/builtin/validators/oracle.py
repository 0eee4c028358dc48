"""The spec of the validator ``oracle``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class OracleSpec(ValidatorSpec):
    """Accuracy on the labelled target: an upper bound, not a method; runs it chooses are stamped.

    Raises:
        InputError: the target has no labels.
    """

    uses_target_labels: ClassVar[bool] = True
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".oracle_score:Oracle"

    name: Literal["oracle"] = "oracle"
