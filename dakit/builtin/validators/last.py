"""The spec of the validator ``last``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class LastSpec(ValidatorSpec):
    """The number of the epoch: the last one is kept."""

    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".last_score:Last"
    waives: ClassVar[Mapping[str, str]] = {
        "prefers_the_better_model": "it looks at the epoch alone"
    }

    name: Literal["last"] = "last"
