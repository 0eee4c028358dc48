"""Every code block in the documents runs, or says just above why it is not run.

The blocks of a page are carried out in order, in an empty folder with the repository's
`examples`. Commands of dakit are called in this process, others by bash; `pip install` is only
checked. The tutorial is carried out by test_tutorial.py, in an environment of its own.
"""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import documentation_checks as checks
import documentation_pages as pages
import pytest
from documentation_pages import ROOT, SHELLS, Block

from dakit.cli.app import main
from dakit.plugins import catalog
from dakit.plugins.options import PluginOptions

LONGEST = 60
"""Seconds that a block may take: what takes longer is no example for a test."""
PAGES = [page for page in pages.pages() if page.name != "tutorial.md"]
WAY_OUT = """
Make the block work in an empty folder in which the blocks of the page above it have run, or say
why it cannot run, for readers of the source, just above it: <!-- not run: needs 5.8 GB of data -->.
Hidden preparations, `finished_run("RUN")` among them, go there too: <!-- first ... -->.
All that can be said to this test stands in tests/documentation/pages.py."""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder with the examples, in which pages may do what they like."""
    for name in [name for name in os.environ if name.startswith("DAKIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]
    catalog.configure(PluginOptions.from_environment())


@pytest.mark.usefixtures("svg_alone")
@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_code_block_runs(
    page: Path,
    workplace: Path,
    finished_run: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names: dict[str, Any] = {"__name__": page.stem, "finished_run": finished_run}
    for block in pages.blocks(page):
        try:
            with _in_time(block):
                _carry_out(block, names, monkeypatch, run=not block.not_run)
        except (Exception, SystemExit) as error:
            told = capsys.readouterr()
            reason = f"{block.place}: {type(error).__name__}: {error}"
            pytest.fail("\n".join([reason, *told, WAY_OUT]), pytrace=False)


@pytest.mark.parametrize("page", pages.pages(), ids=lambda p: str(p.relative_to(ROOT)))
def test_what_is_not_run_has_a_reason_and_its_commands_exist(page: Path) -> None:
    for block in pages.blocks(page):
        if block.language in SHELLS:
            checks.check_commands(block)
        reason = block.comments.get("not run", "it runs")
        assert len(reason.split()) > 1, f"{block.place}: why is it not run? {WAY_OUT}"


@contextmanager
def _in_time(block: Block) -> Iterator[None]:
    def too_long(*arguments: object) -> None:
        raise TimeoutError(f"it takes more than {LONGEST} s: {block.text}")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _carry_out(
    block: Block, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, *, run: bool
) -> None:
    if run and "first" in block.comments:
        exec(compile(block.comments["first"], block.place, "exec"), names)
    if block.language in SHELLS:
        checks.check_commands(block)
        if run:
            _run_commands(block, monkeypatch)
    elif block.language == "python":
        checks.check_python(block)
        if block.title:
            _write(block, block.title)
        elif run:
            exec(compile(block.text, block.place, "exec"), names)
    elif block.language == "json":
        value = checks.check_json(block)
        named = value.get("name") if isinstance(value, dict) else None
        file = _write(block, block.title or f"{named or 'block'}.json")
        checks.check_extending(block, value, file)
    elif block.language == "toml":
        tomllib.loads(block.text)
    if block.title and block.language not in {"python", "json", "diff"}:
        _write(block, block.title)


def _write(block: Block, path: str) -> Path:
    file = Path(path)
    assert not file.is_absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")
    return file


def _run_commands(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = [_run(line, block, monkeypatch) for line in block.commands()]
    failed = [line for line, code in zip(block.commands(), codes, strict=True) if code]
    if "fails" in block.comments:
        assert failed, "nothing in it fails, as the comment above says"
    else:
        assert not failed, f"it failed: {failed}"


def _run(line: str, block: Block, monkeypatch: pytest.MonkeyPatch) -> int:
    commands = pages.parts(line)
    program, *words = commands[0]
    if len(commands) > 1 or set(line) & set("><"):
        return _by_bash(line)
    assert [program, *words[:1]] != ["dakit", "fetch"], "it needs the network"
    if program == "dakit" and line.split()[0] == "dakit":
        more = block.comments.get("with", "").split() if words[:1] in (["run"], ["sweep"]) else []
        return main([*_expanded(words), *more])
    if program == "cd":
        monkeypatch.chdir(words[0])
    elif program == "export":
        monkeypatch.setenv(*words[0].split("=", 1))
    elif program != "pip":
        return _by_bash(line)
    return 0


def _expanded(words: list[str]) -> list[str]:
    return [path for word in words for path in (sorted(glob.glob(word)) or [word])]


def _by_bash(line: str) -> int:
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, timeout=120, check=False
    )
    sys.stdout.write(done.stdout + done.stderr)
    return done.returncode
