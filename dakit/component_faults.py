"""Says which component an exception came out of, and where: a traceback says it to few."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dakit.errors import DakitError, RunError

_KIT = Path(__file__).parent / "testing"


@contextmanager
def faults_of(component: object, what: str) -> Iterator[None]:
    """Turn any exception but dakit's own into a RunError that names ``what`` and the line.

    ``component`` is a spec or what that built. The exception itself stays as the cause, for
    ``--debug``.
    """
    try:
        yield
    except DakitError:
        raise
    except Exception as error:
        text = " ".join(str(error).split())
        place = place_of(error, type(component))
        raise RunError(
            f"{what} ({type(component).__module__.partition('.')[0]}) raised "
            f"{type(error).__name__}{f' at {place}' if place else ''}: {text or 'no message'}; "
            "--debug shows the traceback"
        ) from error


def place_of(error: BaseException, component: type) -> str:
    """Return ``file.py:line`` of the innermost frame in the package of ``component``.

    Empty where no frame of the exception, or of its causes, is there.
    """
    root = _root(component)
    while root is not None:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            file = Path(frame.filename)
            if root in (file, *file.parents) and _KIT not in file.parents:
                shown = file.name if file == root else file.relative_to(root).as_posix()
                return f"{shown}:{frame.lineno}"
        if error.__cause__ is None:
            break
        error = error.__cause__
    return ""


def _root(component: type) -> Path | None:
    """Return the folder of its package, or its file without one; None for a class of no file."""
    try:
        file = Path(inspect.getfile(component))
    except (TypeError, OSError):
        return None
    package = sys.modules.get(component.__module__.partition(".")[0])
    folders = map(Path, getattr(package, "__path__", ()))
    return next((folder for folder in folders if folder in file.parents), file)
