"""The tables as text, as CSV and as LaTeX."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Callable

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import ComparisonFacts
from dakit.reporting.compare.latex import escaped, latex_tables
from dakit.reporting.compare.tables import TextTable, all_tables, metrics_table
from dakit.reporting.compare.tidy import tidy_csv, tidy_rows

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]


def test_ours_with_the_published_numbers_below(full_facts: ComparisonFacts) -> None:
    (part,) = full_facts.experiments
    table = metrics_table(part, "target")
    assert table.header[:3] == ("method", "seeds", "accuracy")
    assert [row[0] for row in table.rows] == [
        *("noDA", "– paper", "MMD", "– paper", "MMD+F", "ADA", "ADA+F"),
        "– paper: CORAL",
    ]
    spread = part.spreads["noDA", "target", "accuracy"]
    assert spread is not None
    assert table.rows[0][1:3] == ("2", f"{spread.mean:.3f} ± {spread.sd:.3f}")
    assert table.rows[1] == ("– paper", "", "0.58 (!)", "0.99", "0.08", "-", "-", "-")
    assert "60 images of 30 objects" in table.caption
    assert "(!)" not in str(metrics_table(part, "source").rows)


def test_differences_and_times(full_facts: ComparisonFacts) -> None:
    (part,) = full_facts.experiments
    tables = {table.caption.partition(" ")[0]: table for table in all_tables(full_facts)}
    found = part.differences["MMD", "source", "accuracy"]
    assert found is not None
    text = f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
    assert tables["difference"].rows[0][:2] == ("MMD", text)
    assert tables["time"].rows[0] == ("noDA", "2.5", "an abacus")
    assert tables["time"].rows[-1] == ("paper: CORAL", "8.4", "a stopwatch")


def test_one_seed_is_said(make_run: MakeRun, make_facts: MakeFacts) -> None:
    facts = make_facts((make_run(), make_run("mmd")))
    table = metrics_table(facts.experiments[0], "target")
    assert "one seed each, so no standard deviation" in table.caption
    assert "±" not in str(table.rows)
    mixed = make_facts((make_run(), make_run("mmd"), make_run("mmd", seed=2)))
    assert "none with one seed" in metrics_table(mixed.experiments[0], "target").caption


def test_a_network_other_than_ours_is_named(
    make_run: MakeRun, make_facts: MakeFacts, full_facts: ComparisonFacts
) -> None:
    (table,) = full_facts.experiments[0].tables
    facts = make_facts((make_run(backbone="resnet18"),), tables=(table,))
    rows = metrics_table(facts.experiments[0], "target").rows
    assert rows[1][0] == "– paper, deepmerge"


def test_every_number_has_a_row_of_its_own(full_facts: ComparisonFacts) -> None:
    (part,) = full_facts.experiments
    rows = tidy_rows(full_facts)
    keys = [(r.method, r.domain, r.metric, r.n > 0, r.published_source) for r in rows]
    assert len(set(keys)) == len(keys)
    ours = {(r.method, r.domain, r.metric): r for r in rows if r.n}
    assert len(ours) == 5 * 2 * 8
    row = ours["MMD", "target", "accuracy"]
    spread, gain = (kept["MMD", "target", "accuracy"] for kept in (part.spreads, part.differences))
    assert spread is not None
    assert gain is not None
    assert (row.mean, row.sd, row.n) == (spread.mean, spread.sd, 2)
    assert (row.difference, row.low, row.high) == (gain.value, gain.low, gain.high)
    assert (row.published, row.published_source) == (0.7, "somebody2021")
    assert ours["noDA", "target", "accuracy"].difference is None
    (alone,) = (r for r in rows if r.n == 0)
    assert (alone.method, alone.published, alone.mean) == ("coral", 0.5, None)


def test_the_csv_reads_back(full_facts: ComparisonFacts) -> None:
    rows = tidy_rows(full_facts)
    read = list(csv.DictReader(io.StringIO(tidy_csv(rows))))
    assert len(read) == len(rows)
    assert [*read[0]] == [field.name for field in dataclasses.fields(rows[0])]
    for text, row in zip(read, rows, strict=True):
        assert text["mean"] == ("" if row.mean is None else str(row.mean))


def test_latex_is_escaped_and_whole(full_facts: ComparisonFacts) -> None:
    text = latex_tables(all_tables(full_facts), ["what was drawn"])
    for name, count in (("table", 1), ("table*", 4), ("tabular", 5)):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == count
    assert r"galaxy\_mergers" in text
    assert r"made\_up" in escaped("made_up")
    assert text.endswith("% what was drawn\n")
    body = re.sub(r"^%.*$", "", text, flags=re.M)
    assert not re.search(r"(?<!\\)[_#]", body)
    assert not re.findall(r"(?<!\\)%", body)
    assert "resizebox" not in text
    assert "±" not in body
    columns = {len(line.split(" & ")) for line in body.splitlines() if line.endswith(r"\\")}
    assert columns == {8, 7, 3}
    assert r"\usepackage{booktabs}" in text.partition(r"\begin")[0]
    assert escaped(r"50% of A&B \ {x}~^$") == (
        r"50\% of A\&B \textbackslash{} \{x\}\textasciitilde{}\textasciicircum{}\$"
    )
    captions = re.findall(r"\\caption\{(.*)\}", body)
    flagged = [caption for caption in captions if "(!) marks" in caption]
    assert len(flagged) == 1, "the table with the contradiction says what its mark means"
    assert escaped("+0.1 [-0.2, f-a]") == "+0.1 [$-$0.2, f-a]"


def test_latex_tables_can_be_referred_to(full_facts: ComparisonFacts) -> None:
    text = latex_tables([*all_tables(full_facts)] * 2, [])
    labels = re.findall(r"\\caption\{.*\}\n\\label\{tab:([a-z0-9-]+)\}", text)
    assert labels[:2] == ["target-test-set", "difference-to-noda-on-the-target-test-set"]
    assert labels[5] == "target-test-set-2"
    assert len(set(labels)) == len(labels) == 10


def test_intervals_stand_below_their_values_in_latex() -> None:
    row = ("[a]", "+0.1 [-0.2, +0.3]", "-", "x", "y" * 40)
    table = TextTable("e", "c", ("method", "1", "2", "3", "4"), (row,))
    lines = latex_tables([table], []).splitlines()
    first = lines.index(r"\midrule") + 1
    assert lines[first : first + 2] == [
        r"{}[a] & +0.1 & - & x & " + "y" * 40 + r" \\",
        r" & [$-$0.2, +0.3] &  &  &  \\",
    ]
