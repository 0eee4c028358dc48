"""``dakit validate``: are these run specs fine?"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, final

import typer

from dakit.cli.completion import Overrides
from dakit.cli.tables import print_json
from dakit.errors import InputError
from dakit.spec.problems import Problem, SpecError

if TYPE_CHECKING:
    from dakit.spec.loading import LoadedSpec


def validate(
    specs: Annotated[
        list[Path], typer.Argument(help="Run specs and sweep files, JSON.", metavar="SPEC")
    ],
    overrides: Overrides = None,
    data: Annotated[
        bool, typer.Option("--data", help="Read the data too, as a run would before training.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Check specs without running them: all problems of all files, each at its place.

    What is wrong is shown with file, line, column, dotted path and the nearest valid name. A sweep
    file is known by its keys and checked with every run that it asks for. Of the data what can be
    known without reading pixels is checked: files that are missing, columns of catalogues, labels
    that are no class; with --data all of them are read, split and normalised. Ends with exit code
    2 if anything is wrong.

    Example: dakit validate examples/astro_mergers/sim_*.json

    Example: dakit validate spec.json --data --set objective.transfer=dann
    """
    checks = [_check(path, overrides or [], data) for path in specs]
    if as_json:
        print_json([c.to_dict() for c in checks])
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


def _check(path: Path, overrides: list[str], read: bool) -> _Check:
    from dakit.spec.loading import load_spec
    from dakit.spec.sweep import is_sweep_file
    from dakit.spec.sweep_runs import check_sweep

    try:
        if is_sweep_file(path):
            sweep, runs = check_sweep(path, overrides)
            name, specs = sweep.spec.name, [run.loaded for run in runs]
        else:
            specs = [load_spec(path, overrides)]
            name = specs[0].spec.name
    except SpecError as error:
        return _Check(path, None, error.problems)
    problems = tuple(_data_problems(specs, read))
    return _Check(path, None if problems else name, problems)


def _data_problems(specs: Sequence[LoadedSpec], read: bool) -> Iterator[Problem]:
    """Yield what is wrong with the data of specs and of those they start from, once for each."""
    linked = [each for spec in specs for each in _with_starts(spec)]
    different = {json.dumps(each.resolved["data"], sort_keys=True): each for each in linked}
    for each in different.values():
        try:
            _look_at_data(each, read)
        except InputError as error:
            yield Problem(str(error), "data", str(each.path))


def _with_starts(loaded: LoadedSpec | None) -> Iterator[LoadedSpec]:
    while loaded is not None:
        yield loaded
        loaded = loaded.start


def _look_at_data(loaded: LoadedSpec, read: bool) -> None:
    split = loaded.spec.data.split.file
    if split is not None and not (loaded.base_dir / split).is_file():
        raise InputError(f"data.split.file: there is no file {loaded.base_dir / split}")
    outline = loaded.spec.data.outline(loaded.base_dir)
    if outline is not None:
        from dakit.contracts import DomainPair
        from dakit.data.checks import check_parts, check_structure
        from dakit.plugins.faults import returned

        returned(outline, DomainPair, loaded.spec.data, "outline")
        check_parts(outline, loaded.spec.data, "outline")
        check_structure(outline)
    if read:
        from dakit.data.prepare import prepare
        from dakit.workflows.train import build_data

        spec = loaded.spec
        whole = spec.model.backbone.takes_whole_numbers
        prepare(build_data(loaded), spec.data, spec.seed, whole=whole)


def _print(checks: list[_Check]) -> None:
    for check in checks:
        if check.name is not None:
            sys.stdout.write(f"ok: {check.name} ({check.file})\n")
        sys.stderr.writelines(f"{problem}\n" for problem in check.problems)
