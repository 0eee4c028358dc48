"""The spec of the validator ``source_accuracy``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class SourceAccuracySpec(ValidatorSpec):
    """Accuracy on the source: the share of rows whose largest logit is that of the label."""

    implementation: ClassVar[str] = ".source_accuracy_score:SourceAccuracy"

    name: Literal["source_accuracy"] = "source_accuracy"
