"""How often a download is tried again, and how long is waited in between."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

from dakit.fetching.http import Failure

LONGEST_ASKED = 300.0
"""Seconds; a server that asks for more is not waited for."""


@final
@dataclass(frozen=True)
class Policy:
    """The bounds of patience; seconds and bytes.

    Before attempt ``n + 1`` it waits ``u * min(longest, 2**(n - 1))`` with ``u`` drawn from
    [1/2, 1], so that many clients do not come back at one moment; where the server names a time,
    that long at least.
    """

    attempts: int = 6
    """Failures in a row, without ``progress`` bytes more than ever before, that end it."""
    copies: int = 2
    """Whole copies with wrong bytes that end it: each may have cost gigabytes."""
    progress: int = 8 << 20
    longest: float = 60.0
    timeout: float = 60.0
    """Silence, or too little content, for so long counts as a broken connection."""
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


class WrongBytes(Failure):
    """A whole file came and is not the right one."""


class GivenUp(Exception):
    """Patience has ended; ``str(error)`` is the last reason and how often it was tried."""


@final
class Patience:
    """Counts the failures of one download. The sum of attempts is bounded by the file's size."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._tried = self._failures = self._copies = self._furthest = 0

    def wait(self, failure: Failure, reached: int, note: Callable[[str], None]) -> None:
        """Wait until it is time for another attempt, ``reached`` bytes being there.

        Raises GivenUp where it is time to stop.
        """
        policy, asked = self._policy, failure.retry_after or 0.0
        self._failures = 1 + self._failures * (reached < self._furthest + policy.progress)
        self._furthest = max(self._furthest, reached)
        self._tried += 1
        self._copies += isinstance(failure, WrongBytes)
        if failure.permanent:
            raise GivenUp(str(failure)) from failure
        if self._failures >= policy.attempts or self._copies >= policy.copies:
            raise GivenUp(f"{failure} (tried {self._tried} times)") from failure
        if asked > LONGEST_ASKED:
            raise GivenUp(f"{failure} and asks to come back in {asked:.0f} s") from failure
        longest = min(policy.longest, 2.0 ** (self._failures - 1))
        seconds = max(asked, policy.uniform(0.5, 1.0) * longest)
        note(f"{failure}; trying again in {seconds:.0f} s")
        policy.sleep(seconds)
