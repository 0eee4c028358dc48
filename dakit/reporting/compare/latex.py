"""The tables for a paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from dakit.reporting.compare.tables import FLAG, TextTable, is_flagged

HEAD = (
    "% Made by `dakit compare`. Needs \\usepackage{booktabs}; \\ref{tab:...} finds each table.\n"
    "% Seeds, test set sizes and what the intervals resample: see the captions and the end.\n"
)

MOST_IN_A_COLUMN = 45
"""Letters: longer tables are as wide as the page, in small letters, intervals below values."""

INTERVAL = re.compile(r"(?P<value>\S+) (?P<interval>\[.*\])")

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
    named = zip(tables, _labels(tables), strict=True)
    return HEAD + "\n".join(_table(table, label) for table, label in named) + comments


def escaped(text: str) -> str:
    """Return ``text`` with all that LaTeX would take for a command written out."""
    written = "".join(SPECIAL.get(character, character) for character in text)
    return re.sub(r"(?<![\w-])-(?=\d)", "$-$", written)


def _labels(tables: Sequence[TextTable]) -> list[str]:
    """Return ``target-test-set`` and the like; of two alike the second ends in ``-2``."""
    seen: Counter[str] = Counter()
    labels = []
    for table in tables:
        label = re.sub(r"[^a-z0-9]+", "-", re.split("[,;(]", table.caption.lower())[0]).strip("-")
        seen[label] += 1
        labels.append(label if seen[label] == 1 else f"{label}-{seen[label]}")
    return labels


def _table(table: TextTable, label: str) -> str:
    columns = zip(table.header, *table.rows, strict=True)
    wide = sum(max(map(len, column)) for column in columns) > MOST_IN_A_COLUMN
    environment = "table*" if wide else "table"
    return "\n".join(
        [
            rf"\begin{{{environment}}}",
            r"\centering",
            rf"\caption{{{escaped(_caption(table))}.}}",
            rf"\label{{tab:{label}}}",
            *([r"\footnotesize", r"\setlength{\tabcolsep}{4pt}"] if wide else []),
            rf"\begin{{tabular}}{{l{'r' * (len(table.header) - 1)}}}",
            r"\toprule",
            _line(table.header),
            r"\midrule",
            *(line for row in table.rows for line in (_lines(row) if wide else [_line(row)])),
            r"\bottomrule",
            r"\end{tabular}",
            rf"\end{{{environment}}}",
            "",
        ]
    )


def _lines(row: Sequence[str]) -> Iterator[str]:
    """Yield a row, and below it one of the intervals where it has any."""
    parts = [INTERVAL.fullmatch(cell) for cell in row]
    if not any(parts):
        yield _line(row)
        return
    yield _line([part["value"] if part else cell for part, cell in zip(parts, row, strict=True)])
    yield _line([part["interval"] if part else "" for part in parts])


def _caption(table: TextTable) -> str:
    remark = f";{FLAG} marks a published row whose numbers disagree" if is_flagged([table]) else ""
    return f"{table.experiment}: {table.caption}{remark}"


def _line(cells: Sequence[str]) -> str:
    text = " & ".join(map(escaped, cells))
    return ("{}" if text.startswith("[") else "") + text + r" \\"  # or \\ above would take the [
