"""Errors a user meets. Each knows the exit code it ends the command line with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from functools import lru_cache
from itertools import islice

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which no file in UTF-8 can hold."""


class DakitError(Exception):
    """Something went wrong that the user can understand and act on."""

    exit_code = 1


class InputError(DakitError):
    """The user's input is wrong: a spec, an option, a data file."""

    exit_code = 2


class RunError(DakitError):
    """A run could not be completed: a loss became NaN, the disk is full."""


def printable(text: str) -> str:
    """Return ``text`` for a terminal: what that would obey or cannot show is spelt out.

    For what others wrote: servers, plugins, files. Line ends stay.

    >>> printable("no \\x1b[31mred\\u202e")
    'no \\\\x1b[31mred\\\\u202e'
    """
    lines = text.split("\n")
    return "\n".join(s if s.isprintable() else "".join(map(_shown, s)) for s in lines)


def not_text(values: Iterable[str]) -> list[str]:
    """Return, spelt out, those that no file in UTF-8 can hold: names of files in other encodings.

    >>> not_text(["caf\\xe9", "caf\\udce9"])
    ['caf\\\\udce9']
    """
    return [printable(value) for value in values if SURROGATE.search(value)]


def did_you_mean(word: object, known: Iterable[str], most: int = 1) -> str:
    """Return, to end a message with, the known names that ``word`` is a near miss of, if any.

    The nearest one, or the ``most`` nearest where several may well be meant.

    >>> did_you_mean("mdm", ["mmd", "coral"])
    "; did you mean 'mmd'?"
    >>> did_you_mean("fisher", ["mmd", "coral"])
    ''
    """
    near = _near(str(word), tuple(known), most)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


@lru_cache
def _near(word: str, known: tuple[str, ...], most: int) -> list[str]:
    return get_close_matches(word, known, most)


def first_few(values: Collection[object], most: int = 5) -> str:
    """Return the first of ``values`` in one line, with dots where there are more.

    >>> first_few([3, 1, 2], most=2)
    '3, 1, ...'
    """
    shown = ", ".join(map(str, islice(values, most)))
    return f"{shown}, ..." if len(values) > most else shown


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape").decode("ascii")


def install_extra(name: str) -> str:
    """Return what to do: by the clone, as a package called ``dakit`` on the index is another's."""
    return f"install the extra '{name}' (pip install -e \".[{name}]\" in the clone)"
