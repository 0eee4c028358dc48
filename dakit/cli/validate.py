"""``dakit validate``: are these run specs fine?"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, final

import typer

from dakit.cli.completion import Overrides
from dakit.spec.problems import Problem, SpecError


def validate(
    specs: Annotated[
        list[Path], typer.Argument(help="Run specs and sweep files, JSON.", metavar="SPEC")
    ],
    overrides: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Check specs without running them: all problems of all files, each at its place.

    What is wrong is told with file, line, column, dotted path and the nearest valid name. A sweep
    file is known by its keys and checked with every run that it asks for. Ends with exit code 2
    if anything is wrong. No data are read.

    Example: dakit validate examples/astro_mergers/sim_*.json

    Example: dakit validate spec.json --set objective.transfer=dann
    """
    checks = [_check(path, overrides or []) for path in specs]
    if as_json:
        sys.stdout.write(json.dumps([c.to_dict() for c in checks], indent=2) + "\n")
    else:
        _print(checks)
    if any(check.problems for check in checks):
        raise typer.Exit(2)


@final
@dataclass(frozen=True)
class _Check:
    file: Path
    name: str | None
    problems: tuple[Problem, ...]

    def to_dict(self) -> dict[str, Any]:
        problems = [problem.to_dict() for problem in self.problems]
        return {
            "file": str(self.file),
            "ok": not problems,
            "name": self.name,
            "problems": problems,
        }


def _check(path: Path, overrides: list[str]) -> _Check:
    from dakit.spec.loading import load_spec
    from dakit.spec.sweep import is_sweep_file
    from dakit.spec.sweep_runs import check_sweep

    try:
        if is_sweep_file(path):
            return _Check(path, check_sweep(path, overrides).spec.name, ())
        return _Check(path, load_spec(path, overrides).spec.name, ())
    except SpecError as error:
        return _Check(path, None, error.problems)


def _print(checks: list[_Check]) -> None:
    for check in checks:
        if check.name is not None:
            sys.stdout.write(f"ok: {check.name} ({check.file})\n")
        sys.stderr.writelines(f"{problem}\n" for problem in check.problems)
