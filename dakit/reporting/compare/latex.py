"""The tables for a paper."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dakit.reporting.compare.tables import FLAG, TextTable

HEAD = (
    "% Made by `dakit compare`. Needs \\usepackage{booktabs} and \\usepackage{graphicx}.\n"
    "% Seeds, test set sizes and what the intervals resample: see the captions and the end.\n"
)

FIT_AS_THEY_ARE = 4
"""Tables with more columns are set to the width of the line."""

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
    tabular = [
        rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
        r"\toprule",
        _line(table.header),
        r"\midrule",
        *map(_line, table.rows),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if len(table.header) > FIT_AS_THEY_ARE:
        tabular = [r"\resizebox{\linewidth}{!}{%", *tabular, "}"]
    caption = rf"\caption{{{escaped(_caption(table))}.}}"
    return "\n".join([r"\begin{table}", r"\centering", caption, *tabular, r"\end{table}", ""])


def _caption(table: TextTable) -> str:
    flagged = any(FLAG in cell for row in table.rows for cell in row)
    remark = f";{FLAG} marks a published row whose numbers disagree" if flagged else ""
    return f"{table.experiment}: {table.caption}{remark}"


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"
