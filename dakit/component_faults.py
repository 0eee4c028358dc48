"""Says which component an exception came out of, and where: a traceback says it to few."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dakit.errors import DakitError, RunError


@contextmanager
def faults_of(component: object, what: str) -> Iterator[None]:
    """Turn any exception but dakit's own into a RunError that names ``what`` and the line.

    The line is the innermost one in the package of ``component`` (its spec or what that built);
    the exception itself stays as the cause, for ``--debug``.
    """
    try:
        yield
    except DakitError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        raise RunError(
            f"{what} ({_package(component)}) raised {type(error).__name__}"
            f"{_place(error, component)}: {text or 'no message'}; --debug shows the traceback"
        ) from error


def _package(component: object) -> str:
    return type(component).__module__.partition(".")[0]


def _place(error: Exception, component: object) -> str:
    """Return `` at file.py:79``, or an empty string where no frame is the component's."""
    module = sys.modules.get(type(component).__module__)
    file = getattr(module, "__file__", None)
    if file is None:
        return ""
    folder = Path(file).parent
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).is_relative_to(folder)]
    return f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
