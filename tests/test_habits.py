"""What stands in several files of the repository says the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import dakit

ROOT = Path(__file__).parents[1]


def test_the_citation_names_the_version_of_the_package() -> None:
    (cited,) = re.findall(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.M)
    assert cited == dakit.__version__


def test_the_version_is_said_by_the_package_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "dakit/__init__.py"


def test_every_folder_that_contributing_names_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    folders = set(re.findall(r"`((?:dakit|tests|plugins|docs)/[a-z_/]*)`", text))
    assert folders
    assert not [folder for folder in folders if not (ROOT / folder).is_dir()]


def test_only_these_files_print_with_rich() -> None:
    """They make texts printable; the streams of the command line do it for all other printing."""
    printing = {
        str(path.relative_to(ROOT / "dakit"))
        for path in (ROOT / "dakit").rglob("*.py")
        if re.search(r"\b_?console\.(print|log|rule|status)\(", path.read_text())
    }
    assert printing == {
        "reporting/aligned_table.py",
        "training/progress_bar.py",
        "fetching/reporter.py",
    }


def test_texts_are_escaped_for_pages_in_one_place() -> None:
    """Where they are also freed of what a reader would not see."""
    escaping = {
        str(path.relative_to(ROOT / "dakit"))
        for path in (ROOT / "dakit").rglob("*.py")
        if re.search(
            r"from html import|import html\b|html\.escape|jinja2|<p>|<t[dr]>", path.read_text()
        )
    }
    assert escaping == {"runs/html.py"}


def test_templates_take_nothing_as_it_is_but_the_figures() -> None:
    templates = (ROOT / "dakit").rglob("templates/*.html")
    trusted = [
        found for path in templates for found in re.findall(r".*\|\s*safe", path.read_text())
    ]
    assert len(trusted) == 1
    assert trusted[0].endswith("figure.inline()|safe")
