"""The spec of the backbone ``vectors``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, final

from dakit import BackboneSpec


@final
class Vectors(BackboneSpec):
    """Features are the inputs themselves, flattened and normalised: nothing to learn."""

    waives: ClassVar[Mapping[str, str]] = {
        "learns": "it has nothing to learn",
        "is_finite": "without weights there are no gradients",
    }
    implementation: ClassVar[str] = ".vectors_backbone:VectorsBackbone"

    name: Literal["vectors"] = "vectors"
