"""The options that every command takes, anywhere on the line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dakit.errors import InputError
from dakit.plugins.options import PluginOptions

HELP = """\
Options of every command, anywhere on the line:

--disable-plugin NAME: do not import this plugin (a plugin's or a distribution's name; repeatable; \
DAKIT_DISABLE_PLUGINS=a,b does the same).

--no-plugins: import no plugin but dakit's own (DAKIT_PLUGINS=a,b allows those named, empty: none).

--plugin-module FILE: load a Python file as a plugin without installing it (repeatable).

--quiet: errors and results only, no progress and no notes on it.

--debug: print tracebacks (DAKIT_DEBUG_PLUGINS=1: of plugins; DAKIT_STRICT_PLUGINS=1: stop at the \
first broken plugin).
"""

_WITH_VALUE = ("--disable-plugin", "--plugin-module")


def extract(
    arguments: Sequence[str], environ: Mapping[str, str]
) -> tuple[PluginOptions, list[str]]:
    """Split a command line into the global options and what is left for the command.

    Nothing after ``--`` is touched.

    Raises:
        InputError: an option lacks its value.
    """
    options = PluginOptions.from_environment(environ)
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        option, equals, value = word.partition("=")
        if word == "--":
            return options, [*rest, word, *waiting]
        if word == "--no-plugins":
            options = replace(options, allowed=())
        elif word == "--debug":
            options = replace(options, debug=True)
        elif word == "--quiet":
            options = replace(options, quiet=True)
        elif option in _WITH_VALUE:
            options = _with_value(options, option, value if equals else _next(option, waiting))
        else:
            rest.append(word)
    return options, rest


def _next(option: str, waiting: list[str]) -> str:
    if not waiting or waiting[0].startswith("-"):
        raise InputError(f"{option} needs a value; see `dakit --help`")
    return waiting.pop(0)


def _with_value(options: PluginOptions, option: str, value: str) -> PluginOptions:
    if option == "--disable-plugin":
        return replace(options, disabled=(*options.disabled, value))
    return replace(options, modules=(*options.modules, Path(value)))
