"""The tables for a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dakit.reporting.compare.tables import TextTable

HEAD = (
    "% Made by `dakit compare`. Needs \\usepackage{booktabs} and \\usepackage{graphicx}.\n"
    "% Seeds, test set sizes and what the intervals resample: see the captions and the end.\n"
)

SPECIAL = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "–": "--",
    "→": r"$\to$",
    "…": r"\ldots{}",
}


def latex_tables(tables: Sequence[TextTable], remarks: Sequence[str]) -> str:
    """Return ``tables`` as LaTeX, one table environment each; ``remarks`` end it as comments."""
    comments = "".join(f"% {line}\n" for line in remarks)
    return HEAD + "\n".join(map(_table, tables)) + comments


def escaped(text: str) -> str:
    """Return ``text`` with all that LaTeX would take for a command written out."""
    written = "".join(SPECIAL.get(character, character) for character in text)
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", written)


def _table(table: TextTable) -> str:
    caption = escaped(f"{table.experiment}: {table.caption}")
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{caption}.}}",
            r"\resizebox{\linewidth}{!}{%",
            rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
            r"\toprule",
            _line(table.header),
            r"\midrule",
            *map(_line, table.rows),
            r"\bottomrule",
            r"\end{tabular}}",
            r"\end{table}",
            "",
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
