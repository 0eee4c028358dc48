"""The tables for a paper."""

from __future__ import annotations

from collections.abc import Sequence

from dakit.reporting.compare.tables import TextTable

HEAD = (
    "% Made by `dakit compare`. Needs \\usepackage{booktabs} and \\usepackage{graphicx}.\n"
    "% Seeds, test set sizes and what the intervals resample: see the captions and the page.\n"
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
    """Return ``tables`` as LaTeX, one table environment each; ``remarks`` follow every caption."""
    return HEAD + "\n".join(_table(table, remarks) for table in tables)


def escaped(text: str) -> str:
    """Return ``text`` with all that LaTeX would take for a command written out."""
    return "".join(SPECIAL.get(character, character) for character in text)


def _table(table: TextTable, remarks: Sequence[str]) -> str:
    caption = ". ".join(
        [f"{table.experiment}: {table.caption}", *(remark.rstrip(".") for remark in remarks)]
    )
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{escaped(caption)}.}}",
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
    # a cell that begins with [ would be read as the optional argument of the \\ before it
    text = " & ".join(escaped(cell) for cell in cells)
    return f"{{}}{text} \\\\" if text.startswith("[") else f"{text} \\\\"
