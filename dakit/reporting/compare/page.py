"""The page of a comparison: its sections in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dakit.evaluation.paired_difference import resamples_seeds
from dakit.reporting.compare.cautions import cautions
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.published import contradictions
from dakit.reporting.compare.runs_compared import methods_table, source_list
from dakit.reporting.compare.tables import FLAG, NO_TARGET_LABELS, TextTable, experiment_tables
from dakit.reporting.compare.verdict import verdicts
from dakit.reporting.page.frame import PageFigure, framed, pictures, without_matplotlib
from dakit.reporting.page.latent_numbers import latent_numbers
from dakit.reporting.page.markup import bullets, escaped, paragraph, table

NO_MATPLOTLIB = without_matplotlib("dakit compare")

Figures = Mapping[str, Sequence[PageFigure]]
"""By section and number of the experiment: ``roc 0``, ``bars 0``, ``latent 0``, ``attention 0``."""


def render_page(facts: ComparisonFacts, figures: Figures | None) -> str:
    """Return the comparison as one HTML page; ``figures`` is None where they cannot be drawn."""
    warnings = cautions(facts)
    count = len(facts.experiments)
    title = f"Comparison of {sum(len(p.experiment.runs) for p in facts.experiments)} runs"
    if count > 1:
        title += f" in {count} experiments"
    return framed(
        ("MOCK DATA: " if facts.mock else "") + title,
        _banner(facts, title, warnings),
        _sections(facts, figures, warnings),
    )


def _banner(facts: ComparisonFacts, title: str, warnings: Sequence[str]) -> str:
    mock = '<span class="mock">MOCK DATA</span>' if facts.mock else ""
    oracle = any(run.oracle for part in facts.experiments for run in part.experiment.runs)
    stamp = '<span class="mock">ORACLE</span>' if oracle else ""
    count = "1 warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    return (
        f'<h1>{mock} {stamp} {escaped(title)}</h1><p><a href="#s7">{count}</a> '
        "a colleague would give</p>"
    )


def _sections(
    facts: ComparisonFacts, figures: Figures | None, warnings: Sequence[str]
) -> Iterator[tuple[str, str]]:
    def each(body: Mapping[int, str]) -> str:
        return "".join(
            f"<h3>{escaped(part.experiment.title)}</h3>{body[number]}"
            for number, part in enumerate(facts.experiments)
        )

    def drawn(name: str, number: int, missing: str | None = None) -> str:
        if figures is None:
            return pictures((), missing) + pictures((), NO_MATPLOTLIB)
        return pictures(figures.get(f"{name} {number}", ()), missing)

    parts = dict(enumerate(facts.experiments))
    yield "What is compared", each({n: _table(methods_table(part)) for n, part in parts.items()})
    yield "ROC curves", each({n: drawn("roc", n) for n in parts})
    yield "Metrics", each({n: drawn("bars", n) for n in parts})
    yield "Tables", each({n: _tables(part) for n, part in parts.items()})
    yield (
        "Latent space and Grad-CAM",
        each(
            {
                n: _latent(p, drawn("latent", n, p.missing), drawn("attention", n))
                for n, p in parts.items()
            }
        ),
    )
    yield "Published numbers", source_list(facts.tables) + _flags(facts)
    yield "Warnings", bullets(warnings, "warnings")


def _tables(facts: ExperimentFacts) -> str:
    tables = list(experiment_tables(facts))
    words = [] if facts.labelled("target") else [NO_TARGET_LABELS]
    words += [*verdicts(facts), interval_words(facts)] if facts.others else []
    if any(FLAG in cell for found in tables for row in found.rows for cell in row):
        words.append(f"{FLAG.strip()} A published row whose numbers disagree: see section 6.")
    return "".join(map(_table, tables)) + "".join(paragraph(line, "notes") for line in words)


def _latent(facts: ExperimentFacts, drawn: str, attention: str) -> str:
    if not facts.latent and not facts.missing:
        return paragraph("Left out, as asked: the data were not read again.", "missing")
    return drawn + latent_numbers(facts.latent) + attention


def interval_words(facts: ExperimentFacts) -> str:
    """Return exactly what was resampled for the intervals of the differences."""
    if facts.baseline is None:
        return "No differences: there is no run without adaptation to compare with."
    grouped = all(s.groups for run in facts.experiment.runs for s in run.sets.values())
    with_seeds = [m.label for m in facts.others if _draws_seeds(facts, m.label)]
    seeds = (
        f"seeds, independently of them, for {', '.join(with_seeds)} (two seeds or more on both "
        "sides); few seeds understate the scatter between them"
        if with_seeds
        else "no seeds, as there are not two on both sides: the luck of training is not covered"
    )
    return (
        "A difference is the mean over the method's seeds minus that over the baseline's. Its "
        "interval is the percentile bootstrap with 1,000 resamples. Drawn with replacement: "
        f"{'objects' if grouped else 'objects where they are known, else images'} of all test "
        "sets together, a draw counting alike in both methods and in all seeds wherever the "
        f"same id occurs (paired); and {seeds}."
    )


def _draws_seeds(facts: ExperimentFacts, label: str) -> bool:
    (method,) = (m for m in facts.methods if m.label == label)
    return facts.baseline is not None and resamples_seeds(method.seeds, facts.baseline.seeds)


def _flags(facts: ComparisonFacts) -> str:
    found = [str(contradiction) for contradiction in contradictions(facts.tables)]
    if not found:
        return ""
    return paragraph(f"Marked{FLAG}, as its numbers disagree:") + bullets(found, "warnings")


def _table(found: TextTable) -> str:
    caption = found.caption[:1].upper() + found.caption[1:]
    return table(caption, found.header, [[_unbroken(c) for c in row] for row in found.rows])


def _unbroken(cell: str) -> str:
    """Keep a value and its ±, and the bounds of an interval, on one line."""
    return re.sub(r"(?<=[\d,±]) (?=[±+\-\d])", "\N{NO-BREAK SPACE}", cell)
