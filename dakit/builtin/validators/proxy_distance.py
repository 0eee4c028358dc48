"""The spec of the validator ``proxy_distance``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class ProxyDistanceSpec(ValidatorSpec):
    """Minus the proxy A-distance: the domains look alike in feature space.

    ``-2 (1 - 2 e)``, with the balanced error ``e`` of a logistic regression on standardised
    features that tells source from target, at most 1/2: between -2 and 0. It learns on the even
    rows of both validation parts and is tested on the odd ones, and the other way round. Features
    that say nothing are best: watch it beside a score that sees the source.
    """

    paper: ClassVar[str] = (
        "Ben-David et al. 2007, NeurIPS, section 4; Ganin et al. 2016, arXiv:1505.07818"
    )
    implementation: ClassVar[str] = ".proxy_distance_score:ProxyDistance"

    name: Literal["proxy_distance"] = "proxy_distance"
