"""AdamW, as torch has it."""

from __future__ import annotations

from torch.optim import AdamW

from dakit.builtin.optimizers.adamw import AdamWSpec
from dakit.contracts import BuildContext


def adamw(spec: AdamWSpec, context: BuildContext) -> AdamW:
    """Return torch's AdamW with the values of ``spec``."""
    return AdamW([*context.parameters], **spec.model_dump(exclude={"name"}))
