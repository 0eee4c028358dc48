"""The documentation builds without a warning, from the code as it is, and loads nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import dakit
from dakit import contracts, testing
from dakit.plugins.checks import BASES

pytest.importorskip("material", reason="needs the extra 'docs'")
pytest.importorskip("mkdocstrings", reason="needs the extra 'docs'")
pytest.importorskip("mkdocs_click", reason="needs the extra 'docs'")

ROOT = Path(__file__).parents[1]
LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
BUILD = ["mkdocs", "build", "--strict"]
PYTHON_PAGE = {
    "run",
    "load_run",
    "report",
    "compare",
    "choose",
    "inspect",
    "predict",
    "score",
    "export",
}


class _Page(HTMLParser):
    """The ids of a page, and what a browser loads to show it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if given.get("rel") not in ("canonical", "next", "prev"):
            self.loaded.add(given.get(LOADING.get(tag, ""), "") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    built = subprocess.run(
        [sys.executable, "-m", *BUILD, "--site-dir", os.fspath(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_docs_builds_the_site_in_this_way() -> None:
    planned = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "docs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert planned.stdout.splitlines()[-1].split("/")[-1].split() == BUILD


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert [url for url in _Page(page).loaded if re.match(r"(https?:)?//", url)] == []
    for style in site.rglob("*.css"):
        assert not re.search(r"""url\(["']?(https?:)?//""", style.read_text()), style


def test_every_command_has_its_help(site: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "dakit", "--help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z][a-z-]+)  ", listed.partition("Commands:")[2], re.MULTILINE)
    assert "run" in commands
    ids = _Page(site / "reference" / "commands.html").ids
    assert {f"dakit-{name}" for name in commands} <= ids
    text = (site / "reference" / "commands.html").read_text()
    assert "--resume" in text
    assert "--disable-plugin NAME" in text


def test_everything_public_is_in_the_reference(site: Path) -> None:
    reference = site / "reference"
    errors = {name for name in dakit.__all__ if name.endswith("Error")}
    specs = set(dakit.__all__) - PYTHON_PAGE - errors - {"__version__", "hookimpl"}
    hooks = {f"dakit.plugins.hooks.{name}" for name in BASES}
    ids = {path.stem: _Page(path).ids for path in reference.glob("*.html")}
    assert {f"dakit.{name}" for name in PYTHON_PAGE | errors} <= ids["python"]
    assert {f"dakit.{name}" for name in specs} | hooks <= ids["specs"]
    assert {f"dakit.contracts.{name}" for name in contracts.__all__} <= ids["contracts"]
    assert {f"dakit.testing.{name}" for name in testing.__all__} <= ids["testing"]


def test_docstrings_read_as_pages(site: Path) -> None:
    specs = (site / "reference" / "specs.html").read_text()
    assert "Fraction of objects used for training." in specs  # from a pydantic field
    for page in (site / "reference").glob("*.html"):
        assert not re.search(r":(class|func|data|mod|attr|meth):", page.read_text()), page


def test_files_outside_the_documentation_are_on_the_site(site: Path) -> None:
    page = (site / "galaxy-mergers.html").read_text()
    linked = set(re.findall(r'href="(repository/[^"]+)"', page))
    assert "repository/examples/astro_mergers/sim_sim_noda.json" in linked
    assert [link for link in linked if not (site / link).is_file()] == []
