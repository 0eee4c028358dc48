"""When to stop before the last epoch."""

from dakit import StoppingSpec
from dakit.builtin.stoppings.plateau import PlateauSpec
from dakit.builtin.stoppings.published import PublishedSpec

SPECS: tuple[type[StoppingSpec], ...] = (PlateauSpec, PublishedSpec)
