"""A finished run that is read back: what is damaged is told, not used."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dakit.errors import InputError
from dakit.runs.run import load_run
from dakit.workflows.compare import compare
from dakit.workflows.evaluate import score
from dakit.workflows.predict import predict
from dakit.workflows.report import report


@pytest.fixture
def copy(digits_run: Path, tmp_path: Path) -> Path:
    """A run that may be damaged."""
    folder = tmp_path / "run"
    shutil.copytree(digits_run, folder)
    return folder


def header(lines: list[str]) -> list[str]:
    return [lines[0].replace("p_3", "p_x"), *lines[1:]]


def a_number(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1].rpartition(",")[0] + ",0.9x"]


def a_class(lines: list[str]) -> list[str]:
    return [line.replace(",train,,4,", ",train,,44,") for line in lines]


def a_cell(column: str, value: Callable[[dict[str, str]], str]) -> Callable[..., list[str]]:
    """Change one column of every row."""

    def damage(lines: list[str]) -> list[str]:
        names = lines[0].split(",")
        rows = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
        return [lines[0], *(",".join({**row, column: value(row)}.values()) for row in rows)]

    return damage


def edited_by_hand(lines: list[str]) -> list[str]:
    return a_cell("p_0", lambda row: "5")(a_cell("p_1", lambda row: "-4")(lines))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (a_cell("predicted", lambda row: row["label"] or "0"), "is the most probable"),
        (a_cell("predicted", lambda row: ""), "row 1 says '' where"),
        (a_cell("label", lambda row: row["predicted"]), "it was changed after the run"),
        (a_cell("group", lambda row: "one"), "it was changed after the run"),
        (a_cell("id", lambda row: row["id"] + "0"), "it was changed after the run"),
        (edited_by_hand, r"row 1 are not numbers in \[0, 1\]"),
        (lambda lines: lines[: len(lines) // 2], "rows of the target's .* part, split.npz"),
        (lambda lines: lines[:1], "0 rows of the source's train part"),
        (lambda lines: [], "no column 'id'"),
        (lambda lines: [lines[0], *reversed(lines[1:])], "rows are not those of split.npz"),
        (lambda lines: [*lines[:-1], lines[-1][:20]], "row 1797 has not as many cells"),
        (header, "has no column 'p_3'"),
        (a_number, "probabilities of row 1797"),
        (a_class, "a class that the run does not know"),
    ],
)
def test_damaged_predictions_are_not_used(
    copy: Path, damage: Callable[[list[str]], list[str]], said: str
) -> None:
    path = copy / "predictions.csv"
    assert len(load_run(copy).predictions) == 1797
    path.write_text("".join(f"{line}\n" for line in damage(path.read_text().splitlines())))
    with pytest.raises(InputError, match=rf"predictions\.csv [\s\S]*{said}.*\. Restore the file"):
        _ = load_run(copy).predictions


def test_a_run_that_keeps_no_checksum_is_read_row_by_row(copy: Path) -> None:
    results = json.loads((copy / "results.json").read_text())
    del results["predictions_sha256"]
    (copy / "results.json").write_text(json.dumps(results))
    path = copy / "predictions.csv"
    lines = path.read_text().splitlines()
    assert len(load_run(copy).predictions) == 1797
    for damage in (edited_by_hand, a_cell("predicted", lambda row: row["label"] or "0")):
        path.write_text("".join(f"{line}\n" for line in damage(lines)))
        with pytest.raises(InputError, match="is damaged"):
            _ = load_run(copy).predictions


def test_whatever_reads_the_predictions_says_that_they_are_gone(copy: Path, tmp_path: Path) -> None:
    (copy / "predictions.csv").unlink()
    out = tmp_path / "p.csv"
    np.save(tmp_path / "x.npy", np.zeros((2, 1, 8, 8), np.float32))
    (tmp_path / "data.json").write_text('{"name": "digits_shift"}')
    for use in (
        lambda: report(copy),
        lambda: compare([copy], out=tmp_path / "page.html"),
        lambda: predict(copy, tmp_path / "x.npy", out=out, temperature=True),
        lambda: score(copy, tmp_path / "data.json"),
    ):
        with pytest.raises(InputError, match=r"predictions\.csv cannot be read: No such file"):
            use()
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "lacks schema_version, name, seed, data, model, objective, training, evaluation"),
        ("[1]", "lacks schema_version"),
        ('{"data": null}', "data"),
    ],
)
def test_a_damaged_resolved_spec_is_not_used(
    copy: Path, tmp_path: Path, content: str, said: str
) -> None:
    (copy / "resolved.json").write_text(content)
    (tmp_path / "pictures").mkdir()
    (tmp_path / "data.json").write_text('{"name": "digits_shift"}')
    for use in (
        lambda: report(copy),
        lambda: report(shutil.copytree(copy, tmp_path / "other"), baseline=copy),
        lambda: compare([copy], out=tmp_path / "page.html"),
        lambda: predict(copy, tmp_path / "pictures", out=tmp_path / "p.csv"),
        lambda: score(copy, tmp_path / "data.json"),
    ):
        with pytest.raises(InputError, match=rf"resolved\.json is no resolved run spec.*{said}"):
            use()


@pytest.mark.parametrize("content", ["[]", '{"plugins": 3}', '{"plugins": [{"name": "a"}]}'])
def test_a_damaged_environment_is_not_used(copy: Path, content: str) -> None:
    (copy / "environment.json").write_text(content)
    with pytest.raises(InputError, match=r"environment\.json.*Restore the file"):
        compare([copy], out=copy / "page.html")


def test_a_notebook_shows_the_numbers_of_a_run_and_nobodys_markup(copy: Path) -> None:
    results = json.loads((copy / "results.json").read_text())
    results["name"] = "<b>bold"
    results["data"]["origin"] = "mock"
    (copy / "results.json").write_text(json.dumps(results))
    page = load_run(copy)._repr_html_()
    assert "&lt;b&gt;bold" in page
    assert "<b>" not in page
    assert "MOCK data" in page
    for side in ("source", "target"):
        metrics = results["metrics"][f"{side}_test"]
        low, high = metrics["intervals"]["accuracy"]
        assert f"<td>{metrics['accuracy']:.3f} [{low:.3f}, {high:.3f}]</td>" in page
        assert f"<td>{metrics['n']}</td>" in page
