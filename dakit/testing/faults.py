"""Where in a plugin an exception comes from."""

from __future__ import annotations

import inspect
import sys
import traceback
from pathlib import Path

from dakit.components import ComponentSpec

_KIT = Path(__file__).parent


def place_of(error: BaseException, spec_class: type[ComponentSpec]) -> str:
    """Return ``file.py:line`` of the innermost frame in the package of ``spec_class``.

    Empty where no frame of the exception, or of its causes, is there.
    """
    root = _root(spec_class)
    while True:
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            file = Path(frame.filename)
            if root in (file, *file.parents) and _KIT not in file.parents:
                shown = file.name if file == root else file.relative_to(root).as_posix()
                return f"{shown}:{frame.lineno}"
        if error.__cause__ is None:
            return ""
        error = error.__cause__


def _root(spec_class: type[ComponentSpec]) -> Path:
    """Return the folder of the package that a spec class belongs to, or its file without one."""
    file = Path(inspect.getfile(spec_class))
    package = sys.modules.get(spec_class.__module__.partition(".")[0])
    folders = map(Path, getattr(package, "__path__", ()))
    return next((folder for folder in folders if folder in file.parents), file)
