"""No text in a CSV table is a formula for a spreadsheet, and none is lost."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dakit.contracts import Domain, DomainSplit, PairSplit
from dakit.data.splits import save_split
from dakit.evaluation.evaluate import DomainPredictions, predictions_csv
from dakit.reporting.compare.tidy import TidyRow, tidy_csv
from dakit.reporting.table_files import TableShape, writing_table
from dakit.runs.folder import RunFolder
from dakit.runs.predictions import read_predictions
from dakit.runs.spreadsheet import as_text, from_text

DANGER = ["=HYPERLINK(1)", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''-x"]
HARMLESS = ["-1.5", "+3e-7", "a=b", "'quoted'", "'", "", "-.5", "-inf", "caf\u00e9"]
texts = st.text(st.sampled_from("'=+-@\t\r.1ea,\"\n ")) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)


@given(texts)
def test_every_text_comes_back_and_begins_no_formula(text: str) -> None:
    cell = as_text(text)
    assert from_text(cell) == text
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(cell)


@pytest.mark.parametrize("text", HARMLESS)
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert as_text(text) == text


def test_ids_groups_and_classes_of_predictions_come_back(tmp_path: Path) -> None:
    names = tuple(DANGER[:2])
    ids = np.array([*DANGER, *HARMLESS[:-4], "x"])
    rows, nothing = np.arange(len(ids)), np.empty(0, np.int64)
    source = Domain("a", np.zeros((len(ids), 1)), rows % 2, ids, groups=ids[::-1])
    halves = np.tile(np.array([[0.25, 0.75]], np.float32), (len(ids), 1))
    split = DomainSplit(nothing, nothing, rows)
    sides = [DomainPredictions(source, "source", split, halves)]
    sides.append(replace(sides[0], role="target"))
    folder = RunFolder(tmp_path)
    text = predictions_csv(sides, names)
    folder.predictions.write_bytes(text.encode())
    save_split(folder.split, PairSplit(split, split))
    read = read_predictions(folder, names)
    assert [row["id"] for row in read] == [*ids, *ids]
    assert [row["group"] for row in read[: len(ids)]] == [*ids[::-1]]
    assert {row["predicted"] for row in read} == {names[1]}
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""))]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == [
        *("-1.5", "+3e-7") * 2
    ]


def test_the_table_of_new_predictions_and_that_of_a_comparison(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    with writing_table(path, TableShape({"id": 20, "p": 0}, 2, {})) as table:
        table.write({"id": np.array(["=1+1", "-1.5"]), "p": np.array([-1.5, 0.5], np.float32)})
    assert path.read_text() == "id,p\n'=1+1,-1.5\n-1.5,0.5\n"
    row = TidyRow(
        "@x", False, "-m", "target", "auc", -0.5, None, 1, 9, None, -0.25, None, None, None, ""
    )
    line = tidy_csv([row]).splitlines()[1]
    assert line == "'@x,False,'-m,target,auc,-0.5,,1,9,,-0.25,,,,"
