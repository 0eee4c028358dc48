"""The command ``dakit``: its subcommands, its errors and its exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

import dakit
from dakit import catalog
from dakit.cli import global_options
from dakit.cli.check_plugin import check_plugin
from dakit.cli.compare import compare
from dakit.cli.doctor import doctor
from dakit.cli.evaluate import evaluate
from dakit.cli.export import export
from dakit.cli.fetch import fetch
from dakit.cli.info import info
from dakit.cli.inspect import inspect
from dakit.cli.list_plugins import list_plugins
from dakit.cli.new_plugin import new_plugin
from dakit.cli.predict import predict
from dakit.cli.report import report
from dakit.cli.run import run
from dakit.cli.runs import runs
from dakit.cli.schema import schema
from dakit.cli.show import show
from dakit.cli.sweep import sweep
from dakit.cli.validate import validate
from dakit.errors import DakitError

app = typer.Typer(
    name="dakit",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help keeps brackets as they are and is there sooner
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"dakit {dakit.__version__}\n")
        raise typer.Exit


@app.callback(epilog=global_options.HELP)
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


app.command("run")(run)
app.command("validate")(validate)
app.command("show")(show)
app.command("runs")(runs)
app.command("report")(report)
app.command("fetch")(fetch)
app.command("predict")(predict)
app.command("evaluate")(evaluate)
app.command("export")(export)
app.command("compare")(compare)
app.command("inspect")(inspect)
app.command("sweep")(sweep)
app.command("list-plugins")(list_plugins)
app.command("info")(info)
app.command("schema")(schema)
app.command("new-plugin")(new_plugin)
app.command("check-plugin")(check_plugin)
app.command("doctor")(doctor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command line and return its exit code: 0 fine, 1 failed, 2 wrong input."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        options, rest = global_options.extract(given, os.environ)
        catalog.configure(options)
        app(rest, prog_name="dakit")
    except DakitError as error:
        return _told(error, debug="--debug" in given)
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _told(error: DakitError, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    sys.stderr.write(f"error: {error}\n")
    return error.exit_code
