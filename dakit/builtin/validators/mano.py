"""The spec of the validator ``mano``."""

from __future__ import annotations

from typing import ClassVar, Literal, final

from dakit import ValidatorSpec


@final
class MaNoSpec(ValidatorSpec):
    """Norm of the normalised target logits: far from the decision boundaries.

    ``(mean_ic q_ic^4)^(1/4)`` of the rows' normalised logits q, in [0, 1]. ``q_i`` is ``v_i``
    divided by its sum, ``v = 1 + z + z^2 / 2`` of the logits z, less the least of the row (as the
    published code has it), where the mean of ``-log softmax(z)`` over rows and classes is at most
    5, else ``softmax(z_i)``.
    """

    paper: ClassVar[str] = "Xie et al. 2024, arXiv:2405.18979"
    uses_source: ClassVar[bool] = False
    implementation: ClassVar[str] = ".mano_score:MaNo"

    name: Literal["mano"] = "mano"
