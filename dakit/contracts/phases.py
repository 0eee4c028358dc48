"""Further updates of a batch, which a loss term may ask for beside the main one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal, final, get_args

from torch import nn
from torch.optim import Optimizer

Moved = Literal["term", "backbone", "head"]


@final
@dataclass(frozen=True)
class Phase:
    """One or more updates of what it names in every step, which lower ``phase_loss(name, batch)``.

    ``moves`` are the ``term``'s own parameters, the ``backbone``, the ``head``, or several of
    them; nothing else gets a gradient step. They come ``before`` or ``after`` the main update, in
    the order of the objective's terms. With ``graph="fresh"`` the batch passes the network again
    before each of the ``times``, with graphs; ``detached`` gives features and logits as they are,
    without. ``optimizer`` makes an optimizer of the parameters that it is given; what it holds of
    the term is then in no other, and the run's schedule does not touch its rate. None takes the
    run's own, with its state and rate.

    Raises ValueError where a part, ``when``, ``times`` or ``graph`` is none of these.
    """

    name: str
    moves: Collection[Moved]
    when: Literal["before", "after"] = "after"
    times: int = 1
    graph: Literal["fresh", "detached"] = "fresh"
    optimizer: Callable[[Sequence[nn.Parameter]], Optimizer] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", frozenset(self.moves))
        self._check("moves", get_args(Moved), *self.moves)
        self._check("when", ("before", "after"), self.when)
        self._check("graph", ("fresh", "detached"), self.graph)
        if not self.moves or self.times < 1:
            raise ValueError(f"the phase {self.name!r} moves nothing: {self}")

    def _check(self, field: str, known: Sequence[str], *values: object) -> None:
        for value in values:
            if value not in known:
                raise ValueError(
                    f"{field} of the phase {self.name!r} is {value!r}; known: {', '.join(known)}"
                )
