"""Links from a page to files outside docs/: they work in the repository and on the site.

A page links to such a file as the repository has it, ``../examples/x.json``. The site gets every
file that is linked, under ``repository/``; a linked folder stands for its README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import dirname, join, normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
SHELF = "repository/"
LINK = re.compile(r"(?<=\]\()(?![a-z]+:|#|/)([^)\s#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files that pages link to, and those that these link to, to the site."""
    waiting = list(files.documentation_pages())
    while waiting:
        for target in _outside(waiting.pop()):
            if files.get_file_from_path(SHELF + target) is None:
                added = File.generated(
                    config,
                    SHELF + target,
                    abs_src_path=str(ROOT / target),
                    inclusion=InclusionLevel.NOT_IN_NAV,
                )
                files.append(added)
                waiting += [added] if added.is_documentation_page() else []
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point the links of a page to where the site has the files."""
    here = page.file.src_uri

    def moved(link: re.Match[str]) -> str:
        target = _repository_path(here, link[0])
        found = target and files.get_file_from_path(_site_path(target))
        return relpath(found.src_uri, dirname(here) or ".") if found else link[0]

    return LINK.sub(moved, markdown)


def _outside(file: File) -> Iterator[str]:
    """Yield the files outside docs/ that a page links to."""
    for link in LINK.findall(file.content_string):
        target = _repository_path(file.src_uri, link)
        if target and not target.startswith("docs/"):
            yield target


def _repository_path(src_uri: str, link: str) -> str | None:
    """Return what a page links to as a path from the root of the repository; None: no file."""
    page = src_uri.removeprefix(SHELF) if src_uri.startswith(SHELF) else f"docs/{src_uri}"
    target = normpath(join(dirname(page), link))
    if (ROOT / target).is_dir():
        target = join(target, "README.md")
    return target if not target.startswith("..") and (ROOT / target).is_file() else None


def _site_path(target: str) -> str:
    return target.removeprefix("docs/") if target.startswith("docs/") else SHELF + target
