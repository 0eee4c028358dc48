"""A choice among runs: its page, its table, and what is printed."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line
from dakit.reporting.page import filled
from dakit.runs.choice import CandidatePart, Choice
from dakit.runs.spreadsheet import csv_lines

SHOWN = 30
"""So many candidates stand on the page; the table has all."""
STAMP = "WITH TARGET LABELS"
OFF_BY = (
    "An interval is the scatter of the rows, moved apart by what nine of ten such estimates were "
    "off by on the benchmark of docs/choosing.md. Other data may be harder."
)
TEXTS = ("run", "run_id", "name", "epoch", "adapts", "usable")


def verdict_of(choice: Choice) -> str:
    """Return what to do, in a sentence."""
    chosen = choice.chosen
    what = f"epoch {chosen.epoch} of {chosen.name} ({chosen.run_id})"
    if choice.verdict == "do not adapt":
        return f"Do not adapt: take {what}."
    if choice.verdict == "adapt":
        return f"Adapt: take {what}."
    return f"Take {what}; whether to adapt at all cannot be said."


def estimate_lines(choice: Choice) -> list[str]:
    """Return each estimate of the target accuracy, with its interval."""
    return [
        f"{name}: {each.value:.3f} [{each.interval[0]:.3f}, {each.interval[1]:.3f}]; on a "
        f"benchmark such estimates were off by {each.usual_error:.2f} on average"
        for name, each in choice.estimates.items()
    ]


def choice_csv(choice: Choice) -> str:
    """Return every candidate, best first, with all its scores; nothing that labels told."""
    names = list(choice.chosen.scores)
    rows = ([*_texts(each), *(each.scores[n] for n in names)] for each in choice.candidates)
    return "".join(csv_lines([[*TEXTS, *names], *rows]))


def _texts(candidate: CandidatePart) -> list[str]:
    return [str(getattr(candidate, name)) for name in TEXTS]


def render_choice(choice: Choice) -> str:
    """Return the page as HTML."""
    return filled(
        "choice.html",
        {},
        no_matplotlib="",
        facts=choice,
        warnings=choice.cautions,
        verdict=verdict_of(choice),
        estimates=estimate_lines(choice),
        off_by=OFF_BY,
        stamp=STAMP,
        header=["run", "epoch", "adapts", "weights", *choice.chosen.scores],
        candidates=[candidate_cells(each) for each in choice.candidates[:SHOWN]],
        each_score=list(each_score(choice)),
        hindsight_header=HINDSIGHT,
        hindsight=hindsight_rows(choice),
    )


def candidate_cells(candidate: CandidatePart) -> list[str]:
    """Return the row of a candidate."""
    return [
        candidate.name,
        str(candidate.epoch),
        "yes" if candidate.adapts else "no",
        "kept" if candidate.usable else "not kept",
        *(_number(value) for value in candidate.scores.values()),
    ]


def each_score(choice: Choice) -> Iterator[list[str]]:
    """Yield for each score the candidate that it names, the first where several are best."""
    for name in choice.chosen.scores:
        values = [each.scores[name] for each in choice.candidates]
        best = max(value for value in values if value is not None)
        named = choice.candidates[values.index(best)]
        yield [name, named.name, str(named.epoch), "yes" if named.adapts else "no", _number(best)]


def hindsight_rows(choice: Choice) -> list[list[str]]:
    """Return for each score how well it chose, by target labels; nothing without them."""
    if choice.hindsight is None:
        return []
    return [
        [name, *(_number(v) for v in (of.accuracy, of.regret, of.gain, of.rank_correlation))]
        for name, of in choice.hindsight.by_score.items()
    ]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


HINDSIGHT = ("score", "accuracy", "regret", "over no adaptation", "rank correlation")


def print_choice(console: Console, choice: Choice, page: str) -> None:
    """Print the choice, the best candidates, the estimates, the cautions, and hindsight apart."""
    mark = "MOCK DATA: " if choice.mock else ""
    print_line(console, f"{mark}{verdict_of(choice)}", "bold")
    print_line(console, f"Chosen by {choice.by} among {len(choice.candidates)} epochs.")
    if choice.estimates:
        print_line(console, "Estimated target accuracy:")
        for line in estimate_lines(choice):
            print_line(console, f"  {line}")
    rows = list(each_score(choice))
    print_aligned(console, ["score", "names", "epoch", "adapts", "value"], rows)
    for name, reason in choice.left_out.items():
        print_line(console, f"{name} is left out: {reason}")
    for caution in choice.cautions:
        print_line(console, f"! {caution}")
    if choice.hindsight is not None:
        told = f"{STAMP}, afterwards, on {choice.hindsight.rows} rows; nothing above used them:"
        print_line(console, told, "bold")
        print_aligned(console, list(HINDSIGHT), hindsight_rows(choice))
    print_line(console, f"Page: {page}")
