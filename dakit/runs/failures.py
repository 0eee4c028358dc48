"""Why a run failed, left in its folder for ``dakit runs``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dakit.errors import DakitError, InputError, RunError, printable
from dakit.files.lock import locked
from dakit.files.writing import plain, read_json, remove, write_json
from dakit.plugins.faults import reason_of
from dakit.runs.folder import RunFolder


@contextmanager
def failure_recorded(folder: RunFolder) -> Iterator[None]:
    """Leave the reason of a failure of the block in ``folder``, whose lock is held.

    Whatever is raised ends as an error of dakit's; the exception itself stays as the cause.
    """
    try:
        remove(folder.error)
        yield
    except Exception as error:
        told = error if isinstance(error, DakitError) else RunError(reason_of(error))
        _record(folder, error)
        raise told from (error if told is not error else error.__cause__)


@contextmanager
def failure_marked(begun: Iterable[RunFolder]) -> Iterator[None]:
    """Mark the runs ``begun`` as failed where the block fails, so that none can go on."""
    try:
        yield
    except Exception as error:
        mark_failed(begun, error)
        raise


def mark_failed(begun: Iterable[RunFolder], error: Exception) -> None:
    """Leave the reason in those of ``begun`` that are there, not finished, and not at work."""

    def leave_alone(who: str) -> None:
        raise InputError(who)

    for folder in begun:
        with suppress(DakitError), locked(folder.lock, leave_alone, lambda _: None):
            if folder.state != "finished":
                _record(folder, error)


def begun_with(
    out: Path, resolved: Mapping[str, Any], *, any_start: bool = False
) -> Iterator[RunFolder]:
    """Yield the runs in ``out`` with the spec ``resolved`` that are not finished.

    For where their data cannot be read, so that the id is not known. With ``any_start`` it does
    not matter which run they start from: a sweep stores its folder where its file names a spec.
    """
    same = _comparable(plain(resolved), any_start)
    for path in out.glob("*") if out.is_dir() else ():
        folder = RunFolder(path)
        with suppress(InputError):
            if folder.results.exists():
                continue
            if _comparable(read_json(folder.resolved), any_start) == same:
                yield folder


def _comparable(resolved: Any, any_start: bool) -> Any:
    start = resolved.get("init_from") if isinstance(resolved, dict) else None
    if not (any_start and isinstance(start, dict)):
        return resolved
    return {**resolved, "init_from": {**start, "spec": None, "run": None}}


def _record(folder: RunFolder, error: Exception) -> None:
    message = {"kind": type(error).__name__, "message": printable(reason_of(error))}
    with suppress(DakitError):  # a full disk takes this file too
        write_json(folder.error, message)
