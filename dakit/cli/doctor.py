"""``dakit doctor``: is this installation in order?"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import typer

import dakit
from dakit.cli.tables import print_table
from dakit.errors import DakitError
from dakit.plugins import catalog

if TYPE_CHECKING:
    from packaging.requirements import Requirement

State = Literal["ok", "note", "broken"]
STYLES: dict[State, str] = {"ok": "", "note": "yellow", "broken": "red"}


class Finding(NamedTuple):
    """What one check found."""

    subject: str
    state: State
    text: str


def doctor() -> None:
    """Check this installation: Python, torch and its devices, plugins, extras, the folder.

    Ends with exit code 1 if something is broken.

    Example: dakit doctor
    """
    findings = [finding for check in CHECKS for finding in _carried_out(check)]
    rows = [(f.subject, f.state, f.text) for f in findings]
    print_table(("what", "state", "detail"), rows, [STYLES[f.state] for f in findings])
    broken = [finding.subject for finding in findings if finding.state == "broken"]
    if broken:
        sys.stdout.write(f"\nBroken: {', '.join(broken)}\n")
        raise typer.Exit(1)
    sys.stdout.write("\nAll is in order.\n")


def _carried_out(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (Exception, SystemExit) as error:  # a library that cannot be imported is a finding
        subject = check.__name__.strip("_").replace("_", " ")
        return [Finding(subject, "broken", f"{type(error).__name__}: {error}")]


def _python() -> Iterator[Finding]:
    yield Finding("python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield Finding("dakit", "ok", f"{dakit.__version__} at {Path(dakit.__file__).parent}")


def _dependencies() -> Iterator[Finding]:
    wrong = [problem for r in _requirements() if (problem := _unmet(r))]
    text = "; ".join(wrong) or "all there, in versions that dakit accepts"
    yield Finding("dependencies", "broken" if wrong else "ok", text)


def _torch() -> Iterator[Finding]:
    import torch

    yield Finding("torch", "ok", f"{torch.__version__}, {torch.get_num_threads()} threads")
    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append("mps")
    yield Finding("devices", "ok", ", ".join([f"cpu ({os.cpu_count()} cores)", *devices]))


def _plugins() -> Iterator[Finding]:
    for plugin in catalog.current().plugins:
        state: State = {"active": "ok", "disabled": "note"}.get(plugin.state, "broken")  # type: ignore[assignment]
        text = f"{plugin.distribution} {plugin.version}, {plugin.state}"
        yield Finding(
            f"plugin {plugin.name}", state, f"{text}: {plugin.reason}" if plugin.reason else text
        )


def _extras() -> Iterator[Finding]:
    for extra in ("figures", "images", "fits", "parquet", "export"):
        missing = [problem for r in _requirements(extra) if (problem := _unmet(r))]
        text = f"{'; '.join(missing)}; install it for what needs it" if missing else "there"
        yield Finding(f"extra {extra}", "note" if missing else "ok", text)


def _working_folder() -> Iterator[Finding]:
    folder = Path.cwd()
    free = shutil.disk_usage(folder).free / 1e9
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield Finding("folder", "ok", f"{folder} is writable, {free:.1f} GB free")
    except OSError as error:
        yield Finding("folder", "broken", f"{folder} is not writable: {error.strerror}")


def _requirements(extra: str = "") -> list[Requirement]:
    """Return what dakit itself needs, or what one of its extras adds."""
    from packaging.requirements import Requirement

    try:
        parsed = [Requirement(text) for text in requires("dakit") or ()]
    except PackageNotFoundError as error:
        raise DakitError("dakit is not installed as a distribution") from error
    return [r for r in parsed if _applies(r, extra)]


def _applies(requirement: Requirement, extra: str) -> bool:
    marker = requirement.marker
    always = marker is None or marker.evaluate({"extra": ""})
    return (
        always if not extra else not always and bool(marker and marker.evaluate({"extra": extra}))
    )


def _unmet(requirement: Requirement) -> str:
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return f"{requirement.name} is missing"
    if requirement.specifier.contains(found, prereleases=True):
        return ""
    return f"{requirement.name} {found} is not {requirement.specifier}"


CHECKS = (_python, _dependencies, _torch, _plugins, _extras, _working_folder)
