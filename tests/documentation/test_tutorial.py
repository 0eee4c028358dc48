"""The tutorial, followed word by word in an empty folder, works and gives the committed package.

Its environment is a fresh one that sees this one's libraries, so that pip, without a network,
installs nothing but the package that the reader writes.
"""

from __future__ import annotations

import ast
import filecmp
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass, field
from pathlib import Path

import documentation_pages as pages
import pytest
from documentation_pages import ROOT, SHELLS, Block

from tests.warm import WarmPython

PAGE = ROOT / "docs" / "tutorial.md"
COMMITTED = ROOT / "docs" / "examples_third_party" / "dakit-deep-coral"
MADE = {"dist", "build", "runs", "__pycache__", ".pytest_cache", ".ruff_cache"}
"""What is left by running and building; git ignores it."""


@dataclass
class Reader:
    """Somebody who does what the tutorial says, in an environment of their own."""

    environment: Path
    folder: Path
    warm: WarmPython
    printed: list[str] = field(default_factory=list)

    def run(self, block: Block) -> str:
        """Carry out a shell block; return what it printed."""
        lines = [shlex.split(line) for line in block.text.splitlines()]
        if all(line[0] in ("dakit", "pytest") for line in lines):
            done = [self._warm(*line, more=block.comments.get("with", "")) for line in lines]
            output = "".join(each.stdout + each.stderr for each in done)
            wrong = any(each.returncode for each in done)
            assert wrong == ("fails" in block.comments), f"{block.place}:\n{output}"
            return output
        where, wrong = self.environment / "where", self.environment / "wrong"
        wrong.unlink(missing_ok=True)
        done = self._bash(f"trap 'touch {wrong}' ERR\n{block.text}\npwd > {where}")
        output = done.stdout + done.stderr
        assert wrong.exists() == ("fails" in block.comments), f"{block.place}:\n{output}"
        self.folder = Path(where.read_text().strip())
        return output

    def write(self, block: Block) -> None:
        """Write the file that the block is."""
        file = self.folder / block.title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def change(self, block: Block) -> None:
        """Change the lines that begin with - to those that begin with +."""
        file = self.folder / block.title
        sides = [
            "".join(line[1:] for line in block.text.splitlines(keepends=True) if line[0] == sign)
            for sign in "-+"
        ]
        text = file.read_text(encoding="utf-8")
        assert text.count(sides[0]) == 1, f"{block.place}: {block.title} has no such lines"
        file.write_text(text.replace(*sides), encoding="utf-8")

    def _warm(self, program: str, *words: str, more: str) -> subprocess.CompletedProcess[str]:
        """Carry out a line in Python that has imported torch already."""
        site = next(self.environment.glob("lib/python*/site-packages"))
        options = {
            "dakit": more.split() if words[0] == "run" else [],
            "pytest": ["-p", "no:cacheprovider"],
        }
        return self.warm.run(
            ["-m", program, *words, *options[program]],
            cwd=self.folder,
            env=self._environ,
            prepare=f"import site; site.addsitedir({str(site)!r})",
        )

    @property
    def _environ(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("DAKIT_", "PYTHON"))}
        path = f"{self.environment / 'bin'}:{os.environ['PATH']}"
        return {**clean, "PATH": path, "COLUMNS": "200", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}

    def _bash(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            env=self._environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, warm_python: WarmPython) -> Path:
    """The folder of the package after all blocks were carried out; printed lines are compared."""
    environment = _environment(tmp_path_factory.mktemp("venv"))
    reader = Reader(environment, tmp_path_factory.mktemp("empty"), warm_python)
    output = ""
    for block in pages.blocks(PAGE):
        if block.not_run:
            continue
        if block.language in SHELLS:
            output = reader.run(block)
        elif block.language == "diff":
            reader.change(block)
        elif block.title:
            reader.write(block)
        elif block.language == "text" and output:
            _check_printed(block, output)
    return reader.folder


def _environment(folder: Path) -> Path:
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    shared = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    lines = [f"import site; site.addsitedir({path!r})\n" for path in shared]
    (site / "shared.pth").write_text("".join(lines))
    python = folder / "bin" / "python"
    offline = "--no-deps --no-build-isolation --no-index --quiet"
    commands = {
        "pip": f'what=$1; shift; exec {python} -m pip "$what" {offline} "$@"',
        "dakit": f'exec {python} -m dakit "$@"',
        "pytest": f'exec {python} -m pytest -p no:cacheprovider "$@"',
    }
    for name, line in commands.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / "bin" / name).chmod(0o755)
    return folder


def _check_printed(block: Block, output: str) -> None:
    """Each line of the block is in the output; blanks count as one, ``...`` as anything."""
    printed = re.sub(r"\s+", " ", output)
    for line in filter(None, block.text.splitlines()):
        wanted = ".*".join(re.escape(part) for part in re.sub(r"\s+", " ", line).split("..."))
        assert re.search(wanted, printed), f"{block.place} is not printed: {line}\n\n{output}"


def test_the_committed_package_is_what_the_tutorial_gives(followed: Path) -> None:
    copy = f"if the tutorial is right: rm -r {COMMITTED} && cp -r {followed} {COMMITTED}"
    assert _files(followed) == _files(COMMITTED), copy
    for name in _files(COMMITTED):
        same = filecmp.cmp(followed / name, COMMITTED / name, shallow=False)
        assert same, f"{name} is not what the tutorial gives: {copy}"


def _files(folder: Path) -> set[str]:
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in files if not MADE & set(path.parts)}


def test_the_package_is_clean(tmp_path: Path) -> None:
    for check in (["check", "--extend-select", "I"], ["format", "--check"]):
        line = [sys.executable, "-m", "ruff", *check, "--no-cache", str(COMMITTED)]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_messages_of_the_last_table_are_real() -> None:
    table = PAGE.read_text(encoding="utf-8").rpartition("| mistake | message |")[2]
    rows = [line.split(" | ")[-1] for line in table.splitlines() if line.startswith("| ")]
    assert len(rows) > 5
    known = list(_messages())
    for row in rows:
        told = row.partition("`")[2].rpartition("`")[0]
        pieces = [piece.strip() for piece in re.split(r"\.\.\.", told) if piece.strip()]
        for piece in pieces:
            said = any(
                piece in plain for _, plain in known
            )  # of a thousand patterns few are needed
            assert said or any(re.search(message, piece) for message, _ in known), (
                f"dakit never says {piece!r}"
            )


def _messages() -> list[tuple[str, str]]:
    """Every text in dakit's code, as a pattern whose gaps take anything, and without its gaps."""
    found = []
    for file in (ROOT / "dakit").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            values = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = [v.value if isinstance(v, ast.Constant) else None for v in values]
            if any(isinstance(text, str) and len(text) > 12 for text in texts):
                pattern = "".join(".+" if t is None else re.escape(str(t)) for t in texts)
                found.append((pattern, "".join(str(t or "") for t in texts)))
    return found
