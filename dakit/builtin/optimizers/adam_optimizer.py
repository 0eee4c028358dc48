"""Adam, as torch has it."""

from __future__ import annotations

from torch.optim import Adam

from dakit.builtin.optimizers.adam import AdamSpec
from dakit.contracts import BuildContext


def adam(spec: AdamSpec, context: BuildContext) -> Adam:
    """Return torch's Adam with the values of ``spec``."""
    return Adam([*context.parameters], **spec.model_dump(exclude={"name"}))
