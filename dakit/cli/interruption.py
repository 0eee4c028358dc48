"""What Ctrl-C says before it ends a command, and how a command ends with its parent."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE = 0.5


@contextmanager
def told_how_to_go_on(how: str) -> Iterator[None]:
    """Say on the standard error ``how`` to go on where the block is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: {how}\n")
        raise


def end_with_parent() -> None:
    """Let this process end with the one whose id is in ``DAKIT_PARENT``, however that ends.

    A launcher sets it, so that no run goes on unseen where it was killed. What this process
    starts does not inherit it.
    """
    parent = os.environ.pop("DAKIT_PARENT", "")
    if parent.isdecimal():
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os.kill(os.getpid(), signal.SIGTERM)
