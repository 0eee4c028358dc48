"""The command ``dakit``: its subcommands, its errors and its exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

import dakit
from dakit.cli.streams import surviving_streams
from dakit.errors import DakitError, InputError
from dakit.plugins import catalog
from dakit.plugins.faults import faults_told
from dakit.plugins.options import PluginOptions

COMMANDS = (
    "run",
    "validate",
    "show",
    "runs",
    "report",
    "fetch",
    "predict",
    "evaluate",
    "export",
    "compare",
    "choose",
    "inspect",
    "sweep",
    "list-plugins",
    "info",
    "schema",
    "new-plugin",
    "check-plugin",
    "doctor",
)
"""Each is the function of its name in the module of its name, here in ``dakit.cli``."""

WRITES_RUNS = {"run", "sweep"}
"""What these are called for is in a folder, so that they succeed whatever becomes of the words."""


def application(commands: Iterable[str] = COMMANDS) -> typer.Typer:
    """Return the application with just these commands: what is not called need not be built."""
    app = typer.Typer(
        name="dakit",
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help keeps brackets as they are and is there sooner
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(epilog=HELP)(_dakit)
    for command in commands:
        function = command.replace("-", "_")
        app.command(command)(getattr(import_module(f"dakit.cli.{function}"), function))
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"dakit {dakit.__version__}\n")
        raise typer.Exit


def _dakit(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Domain adaptation: learn from labelled data of one domain, work on unlabelled of another.

    A run is a JSON file, the run spec. See what there is to put into one, try it, run it:

    Example: dakit list-plugins

    Example: dakit info mmd

    Example: dakit validate spec.json && dakit run spec.json
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code: 0 fine, 1 failed, 2 wrong input."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # sought in all distributions
    given = sys.argv[1:] if arguments is None else list(arguments)
    with surviving_streams() as faults:
        try:
            code = _carried_out(given)
        finally:
            if arguments is None:
                sys.excepthook = _told_whole  # instead of typer's
    with surviving_streams():
        for fault in faults:
            sys.stderr.write(f"error: {fault}\n")
    return code or int(bool(faults) and not WRITES_RUNS.intersection(given[:1]))


def _carried_out(given: Sequence[str]) -> int:
    try:
        options, rest = extract(given, os.environ)
        catalog.configure(options)
        called = rest[:1] if rest[:1] and rest[0] in COMMANDS else COMMANDS
        with faults_told():
            application(called)(rest, prog_name="dakit")
    except DakitError as error:
        return _told(error, debug="--debug" in given)
    except OSError as error:
        from dakit.spec.links import IMPOSSIBLE  # late: a listing is there sooner

        if error.errno not in IMPOSSIBLE or not error.filename:
            raise
        return _told(InputError(f"{error.filename}: is no path: {error.strerror}"), debug=False)
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _told_whole(_kind: type[BaseException], error: BaseException, *_: object) -> None:
    """Print the traceback of what nobody foresaw, which may hold anybody's words."""
    with surviving_streams():
        traceback.print_exception(error)


def _told(error: DakitError, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    sys.stderr.write(f"error: {error}\n")
    return error.exit_code


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
