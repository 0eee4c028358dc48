"""What a stopping rule promises: a pure function of the history, calm while all goes well."""

from __future__ import annotations

import random
from itertools import accumulate

from dakit.contracts import History
from dakit.testing.check import checks_of, require
from dakit.testing.subject import Subject


def builds_from_its_spec(subject: Subject) -> None:
    """Its spec builds a callable from a History to True or False."""
    rule = subject.build()
    require(callable(rule), f"build returned {type(rule).__name__}, not a callable")
    found = rule(_better_and_better(3))
    require(isinstance(found, bool), f"it returned {type(found).__name__}, not True or False")


def goes_on_while_scores_rise(subject: Subject) -> None:
    """It does not stop before the first epoch, nor while every epoch is better than the last."""
    rule = subject.build()
    for epochs in (0, 1, 2, 60):
        require(not rule(_better_and_better(epochs)), f"it stops after {epochs} epochs that gain")


def is_a_function_of_the_history_alone(subject: Subject) -> None:
    """Asked again, and when built anew, it says the same: a resumed run stops where it would."""
    draw = random.Random(0)
    scores = [draw.random() for _ in range(40)]
    losses = [draw.random() for _ in range(40)]
    histories = [History(scores[:n], losses[:n], patience=3) for n in range(41)]
    rule = subject.build()
    first = [rule(history) for history in histories]
    again = [rule(history) for history in histories]
    anew = [subject.build()(history) for history in reversed(histories)][::-1]
    require(first == again == anew, "it depends on what it was asked before")


def _better_and_better(epochs: int) -> History:
    scores = list(accumulate([0.1] * epochs))
    return History(scores, [1 / (1 + score) for score in scores], patience=1)


CHECKS = checks_of(
    builds_from_its_spec, goes_on_while_scores_rise, is_a_function_of_the_history_alone
)
