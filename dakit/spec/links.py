"""A spec that names another file: where it is, and that no chain of files is a circle."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from dakit.errors import did_you_mean, not_text
from dakit.spec.positions import Mark
from dakit.spec.problems import SpecError, Steps

Chain = tuple[tuple[Path, str], ...]
"""The files being read, outermost first, each with the name it is shown by."""

LONGEST_CHAIN = 50
"""Files one behind the other. Nobody writes so many, and Python's stack has an end."""

IMPOSSIBLE = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ELOOP}
"""What the system says of a path that can lead to no file."""


def full_path(folder: Path, text: str) -> Path:
    """Return a path as users write it, ``~`` for home, made absolute from ``folder``.

    Raises:
        ValueError: There can be no such file; the message goes on after the path's name.
    """
    try:
        path = Path(os.path.normpath(folder / Path(text).expanduser()))
        os.lstat(path)
    except RuntimeError:
        raise ValueError(f"there is no home of {Path(text).parts[0]}") from None
    except UnicodeEncodeError:
        raise ValueError("is no path: half a character (a lone surrogate) stands in it") from None
    except ValueError:
        raise ValueError("is no path: a NUL character stands in it") from None
    except OSError as error:
        if error.errno in IMPOSSIBLE:
            raise ValueError(f"is no path: {os.strerror(error.errno).lower()}") from None
    if strange := not_text([str(path)]):
        raise ValueError(
            f"leads to a folder or file whose name is no UTF-8, {strange[0]}; rename it"
        )
    return path


def linked(text: str, mark: Mark, steps: Steps, chain: Chain) -> tuple[Path, str]:
    """Return the file that is named at ``mark``, and the name to show it by.

    Raises:
        SpecError: It is not there, or what names it is the end of a circle or a very long chain.
    """
    try:
        path = full_path(mark.folder, text)
    except ValueError as error:
        raise SpecError([mark.problem(steps, str(error))]) from None
    parent, parent_shown = chain[-1] if chain else (mark.folder / "x", "")
    beside = os.path.relpath(path, parent.parent)
    shown = os.path.normpath(os.path.join(os.path.dirname(parent_shown), beside))
    seen, message = [known for known, _ in chain], ""
    if path.resolve() in seen:
        circle = [name for _, name in chain[seen.index(path.resolve()) :]] + [shown]
        message = f"goes in a circle: {' -> '.join(circle)}"
    elif len(chain) > LONGEST_CHAIN:
        message = f"a chain of more than {LONGEST_CHAIN} files ends here"
    elif not path.is_file():
        message = f"there is no file {shown}{similar_file(path)}"
    if message:
        raise SpecError([mark.problem(steps, message)])
    return path, shown


def similar_file(path: Path) -> str:
    """Return the name of a JSON file beside ``path`` that may be meant, as a suggestion."""
    return did_you_mean(path.name, sorted(p.name for p in path.parent.glob("*.json")))
