"""What Ctrl-C says before it ends a command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def told_how_to_go_on(how: str) -> Iterator[None]:
    """Say on the standard error ``how`` to go on where the block is interrupted."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: {how}\n")
        raise
