"""Writes a new plugin package from the templates: complete, or not at all."""

from __future__ import annotations

import keyword
import os
import re
import secrets
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template
from typing import final

import dakit
from dakit.components import SPEC_BASES
from dakit.errors import InputError
from dakit.files.writing import doing
from dakit.plugins import catalog

TEMPLATES = Path(__file__).with_name("templates")
SUFFIX = ".template"
COMMON = "common"
PREFIX = "dakit-"
PATHS = {"PACKAGE": "package", "COMPONENT": "component"}
"""What stands for a name in the paths of the templates."""
TAKEN = ("dakit", "plugin")
"""Names that modules of the package have already."""
_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
LONGEST = 60
RESERVED = {*dakit.__all__, "Backbone", "Batch", "BuildContext", "ClassVar", "Domain"} | {
    *("AmongTheFirst", "Any", "Confidences", "DomainPair", "DrawnRun", "FarBelowTheBest"),
    *("Field", "Figure", "History", "Job", "JobUpdate", "Launcher", "Literal", "LossTerm"),
    *("NDArray", "OneByOne", "Provenance", "SignOfTheAverage", "Staircase", "Tensor"),
    *("TextFile", "TrackedRun", "Tracker", "Validator"),
}
"""Class names that the templates use for something else."""


@final
@dataclass(frozen=True)
class PluginNames:
    """What a plugin and its parts are called, and what else the templates ask for."""

    distribution: str
    """As pip knows it: ``dakit-mean-shift``."""
    package: str
    """As Python imports it: ``dakit_mean_shift``."""
    component: str
    """As specs and the entry point have it: ``mean_shift``."""
    class_name: str
    """The spec class: ``MeanShift``."""
    kind: str
    kind_label: str
    part: str
    """What the working object is called in the name of its module: ``loss``."""
    dakit_version: str
    command: str
    """What ``example.json`` is for: ``dakit run``, or ``dakit sweep`` for launchers."""
    example: str
    """What ``example.json`` is."""


def plugin_names(name: str, kind: str) -> PluginNames:
    """Return the names of a plugin that is to be called ``name``, with or without ``dakit-``.

    Raises:
        InputError: they would not be valid, or the component's name is taken.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST:
        raise InputError(
            f"{name!r} is no name for a plugin: use lower-case letters and digits, begin with a "
            f"letter, part words by single - or _, and stay within {LONGEST} characters"
        )
    component = name.replace("-", "_").removeprefix("dakit_")
    class_name = "".join(word.capitalize() for word in component.split("_"))
    if not component.isidentifier() or keyword.iskeyword(component) or component in TAKEN:
        raise InputError(f"{name!r} is no name for a plugin: {component!r} means something else")
    if class_name in RESERVED:
        raise InputError(f"{name!r} is no name for a plugin: {class_name} means something else")
    _check_free(component, kind)
    base = SPEC_BASES[kind]
    return PluginNames(
        distribution=PREFIX + component.replace("_", "-"),
        package=f"dakit_{component}",
        component=component,
        class_name=class_name,
        kind=kind,
        kind_label=base.kind_label,
        part=base.kind_part,
        dakit_version=".".join(dakit.__version__.split(".")[:2]),
        command=base.kind_file.split()[0],
        example=base.kind_file,
    )


def write_plugin(names: PluginNames, out: Path) -> Path:
    """Write the package into a new folder in ``out`` and return the folder.

    Raises:
        InputError: the folder exists, or ``out`` is not a folder that can be written to.
        RunError: the disk fails; nothing is left behind then.
    """
    folder = out / names.distribution
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists already; choose another name or another --out")
    texts = rendered(names)
    temporary = out / f".{names.distribution}.{secrets.token_hex(4)}.part"
    with doing("write to", out, InputError):
        temporary.mkdir(parents=True)
    try:
        with doing("write", folder):
            for path, text in texts.items():
                file = temporary / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def rendered(names: PluginNames) -> dict[Path, str]:
    """Return the text of each file of the package, by its path in the package's folder."""
    values = asdict(names)
    texts: dict[Path, str] = {}
    for root in (TEMPLATES / COMMON, TEMPLATES / names.kind):
        for template in sorted(root.rglob(f"*{SUFFIX}")):
            path = str(template.relative_to(root)).removesuffix(SUFFIX)
            for placeholder, name in PATHS.items():
                path = path.replace(placeholder, values[name])
            text = template.read_text(encoding="utf-8")
            texts[Path(path)] = Template(text).substitute(values)
    return texts


def _check_free(component: str, kind: str) -> None:
    for taken in catalog.current().components(kind):
        if taken.name == component:
            raise InputError(
                f"there is a {SPEC_BASES[kind].kind_label} {component!r} already, from plugin "
                f"{taken.plugin}; choose another name"
            )
    for plugin in catalog.current().plugins:
        if plugin.name == component:
            raise InputError(f"there is a plugin {plugin} already; choose another name")
