"""What holds of a block even where it is not run: its commands, options, files and names exist."""

from __future__ import annotations

import ast
import importlib
import json
import re
import tomllib
from typing import Any

import documentation_pages as pages
import typer
from documentation_pages import ROOT, Block

from dakit.cli.app import application
from dakit.errors import DakitError
from dakit.plugins.catalog import current
from dakit.spec.loading import load_spec, spec_from_dict
from dakit.spec.run import RunSpec

GLOBAL = {
    "--disable-plugin",
    "--plugin-module",
    "--no-plugins",
    "--quiet",
    "--debug",
    "-h",
    "--help",
}
COMMANDS = typer.main.get_command(application()).commands  # type: ignore[attr-defined]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PLACEHOLDER = re.compile(r"[A-Z_]+|.*(\.\.\.|<|\[|\{).*")
SPEC = {"schema_version": 1, "name": "x", "data": "digits_shift", "objective": {}}


def check_commands(block: Block) -> None:
    """Every dakit command and option of the block exists, and every example that it names."""
    for line in block.commands():
        for program, *words in pages.parts(line):
            if program == "dakit":
                _check_dakit(words)
            elif program == "pip" and words[:1] == ["install"]:
                _check_pip(words[1:])
            elif program == "make":
                targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M)
                assert set(words) <= set(targets), f"no such target: make {' '.join(words)}"


def _check_dakit(words: list[str]) -> None:
    options = {word.partition("=")[0] for word in words if word.startswith("-")}
    plain = [word for word in words if not word.startswith("-")]
    if not plain:
        assert options <= {*GLOBAL, "--version"}, f"no such options: dakit {' '.join(words)}"
        return
    name = next((word for word in plain if word in COMMANDS), plain[0])
    assert name in COMMANDS, f"there is no command `dakit {name}`"
    known = {o for p in COMMANDS[name].params for o in (*p.opts, *p.secondary_opts)}
    unknown = options - known - GLOBAL
    assert not unknown, f"`dakit {name}` has no option {', '.join(sorted(unknown))}"
    for word in plain:
        if word.startswith(("examples/", "plugins/")) and not PLACEHOLDER.fullmatch(word):
            assert list(ROOT.glob(word.rstrip("/"))), f"there is no {word}"


def _check_pip(words: list[str]) -> None:
    for word in words:
        path, _, extras = word.partition("[")
        if path in {".", "dakit"} and extras:
            unknown = set(extras.rstrip("]").split(",")) - set(PROJECT["optional-dependencies"])
            # a package of the reader's own has the extra `test`, as the templates have it
            assert unknown <= {"test"}, f"dakit has no extra {', '.join(unknown)}"
        if path.startswith("plugins/"):
            assert (ROOT / path / "pyproject.toml").is_file(), f"there is no {path}"


def check_python(block: Block) -> None:
    """The block is Python; what it imports from dakit exists, and every example that it names."""
    tree = ast.parse(block.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dakit":
            module = importlib.import_module(node.module or "")
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
        if isinstance(node, ast.Constant) and str(node.value).startswith("examples/"):
            assert list(ROOT.glob(str(node.value))), f"there is no {node.value}"


def check_json(block: Block) -> Any:
    """The block is JSON, or the inside of an object; a run spec, or a piece of one, is valid."""
    text = block.text
    whole = text.lstrip().startswith(("{", "["))
    value = json.loads(text if whole else f"{{{text}}}")
    if isinstance(value, dict) and _all_offered(block):
        if {"schema_version", "objective"} <= set(value) and "extends" not in value:
            assert spec_from_dict(value).spec.name == value["name"]
        elif not whole and set(value) <= set(RunSpec.model_fields):
            spec_from_dict({**SPEC, "model": {"backbone": "mlp"}, **value})
    return value


def check_extending(block: Block, value: Any, file: Any) -> None:
    """A spec that extends another one of its page is valid together with it."""
    if isinstance(value, dict) and {"schema_version", "extends"} <= set(value):
        try:
            load_spec(file)
        except DakitError as error:
            raise AssertionError(str(error)) from error


def _all_offered(block: Block) -> bool:
    """Whether the bundle is installed whose README the block stands in."""
    bundle = block.page.parent
    if bundle.parent != ROOT / "plugins":
        return True
    name = tomllib.loads((bundle / "pyproject.toml").read_text())["project"]["name"]
    return any(p.distribution == name and p.state == "active" for p in current().plugins)
