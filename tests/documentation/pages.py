"""Reads the code blocks of a page: language, title, text, and the comments just above.

<!-- not run: needs 5.8 GB of data -->   the block is checked, not run
<!-- fails -->                           a command of the block ends with another code than 0
<!-- with: --set training.epochs=1 -->   words added to each `dakit run` and `dakit sweep`
<!-- first                               hidden Python that runs before the block
code -->
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHELLS = {"sh", "bash", "shell", "console"}
LANGUAGES = {*SHELLS, "python", "json", "toml", "text"}
"""Others (a diagram, a table) are pictures in words: nothing to run."""

_FENCE = re.compile(r"^\s*(?P<fence>```+)(?P<language>[\w+-]*)\s*(?P<rest>.*)$")
_TITLE = re.compile(r'title="([^"]+)"')
_PATH = re.compile(r"^#\s*([\w./-]+\.py)\b")
_COMMENT = re.compile(r"<!--\s*(?P<key>not run|fails|with|first)\b:?\s*(?P<text>.*?)\s*-->", re.S)


@dataclass(frozen=True)
class Block:
    """One code block."""

    page: Path
    line: int
    language: str
    title: str
    """The file it is, by ``title="..."`` or a first line ``# path.py``; or empty."""
    text: str
    comments: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def not_run(self) -> bool:
        return "not run" in self.comments

    def commands(self) -> list[str]:
        """The lines to be typed: continued ones joined, prompts and printed lines left out."""
        lines = self.text.replace("\\\n", " ").splitlines()
        if self.language == "console" or any(line.startswith("$ ") for line in lines):
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def pages() -> list[Path]:
    """Every page that the documentation consists of."""
    docs = [p for p in (ROOT / "docs").rglob("*.md") if "examples_third_party" not in p.parts]
    return [ROOT / "README.md", *sorted(docs), *sorted((ROOT / "plugins").glob("*/README.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the code blocks of ``page`` in order."""
    return list(_blocks(page, page.read_text(encoding="utf-8").splitlines()))


def _blocks(page: Path, lines: list[str]) -> Iterator[Block]:
    number, prose_from = 0, 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        close = next(
            n for n in range(number + 1, len(lines)) if lines[n].strip() == opening["fence"]
        )
        text = "\n".join(lines[number + 1 : close]) + "\n"
        title = _TITLE.search(opening["rest"]) or _PATH.match(text)
        yield Block(
            page,
            number + 1,
            opening["language"] or _guessed(text),
            title[1] if title else "",
            text,
            _comments_at_end("\n".join(lines[prose_from:number])),
        )
        number = prose_from = close + 1


def _comments_at_end(prose: str) -> dict[str, str]:
    found: dict[str, str] = {}
    prose = prose.rstrip()
    while prose.endswith("-->"):
        comment = _COMMENT.fullmatch(prose, prose.rfind("<!--"))
        if comment is None:
            break
        found[comment["key"]] = comment["text"]
        prose = prose[: comment.start()].rstrip()
    return found


def _guessed(text: str) -> str:
    if text.lstrip().startswith("{"):
        return "json"
    return "sh" if re.match(r"\$ |dakit |pip ", text) else "text"


def parts(command: str) -> list[list[str]]:
    """Split a line at ``&&``, ``|`` and ``;`` into the words of each command, ``K=V`` left out."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;()")
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if word and not set(word) - set("&|;()"):
            found.append([])
        else:
            found[-1].append(word)
    return [_without_settings(words) for words in found if _without_settings(words)]


def _without_settings(words: list[str]) -> list[str]:
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    for start in (["do"], ["python", "-m"], ["python3", "-m"]):
        if words[: len(start)] == start:
            words = words[len(start) :]
    return words
