"""The comparison of real, tiny runs, by function and by command."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from html import escape
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

import dakit
from dakit.errors import InputError
from dakit.runs.run import Run
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import compare, gather
from dakit.workflows.train import load_run

Command = Callable[..., "CompletedProcess[str]"]
SPEC: dict[str, Any] = {
    "schema_version": 1,
    "name": "plain",
    "data": {"name": "digits_shift"},
    "model": {"backbone": {"name": "mlp", "hidden": [4]}},
    "objective": {"task": "cross_entropy"},
    "training": {"epochs": 1, "batch_size": 256},
    "evaluation": {"bootstrap": 0},
}
OBJECTIVES: dict[str, dict[str, Any]] = {
    "plain": {"task": "cross_entropy"},
    "entropic": {"regularizers": ["entropy"]},
    "adapted": {"transfer": "mmd"},
}
PUBLISHED = {
    "name": "somebody2021",
    "label": "Somebody",
    "title": "Digits",
    "citation": "Somebody 2021",
    "data": {"name": "digits_shift"},
    "backbone": "mlp",
    "selection": "by lot",
    "used_target_labels": False,
    "methods": [{"method": "MMD", "transfer": "mmd", "target": {"accuracy": 0.77}}],
}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of three objectives; two of them with two seeds."""
    folder = tmp_path_factory.mktemp("runs")
    for name, objective in OBJECTIVES.items():
        for seed in (1,) if name == "entropic" else (1, 2):
            spec = {**SPEC, "name": name, "seed": seed, "objective": objective}
            dakit.run(spec, out=folder, reporter=SilentReporter())
    return folder


@pytest.fixture(autouse=True)
def no_tsne(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )


@pytest.fixture
def runs(out: Path) -> list[Run]:
    return [load_run(folder) for folder in sorted(out.iterdir())]


@pytest.mark.usefixtures("svg_alone")
def test_a_page_with_its_figures_beside_it(runs: list[Run], tmp_path: Path) -> None:
    made = compare(runs, out=tmp_path / "pages" / "mine.html")
    assert made.path == tmp_path / "pages" / "mine.html"
    assert made.missing == ()
    page = made.path.read_text()
    shown = re.findall(r'<figure id="(\w+)"', page)
    assert shown == ["roc_source", "roc_target", "metrics", "latent_space"]
    files = {path.name for path in (tmp_path / "pages" / "mine_figures").iterdir()}
    assert files == {f"{name}.{suffix}" for name in shown for suffix in ("png", "pdf", "svg")}
    assert {table.caption.split()[0] for table in made.tables} >= {"target", "source", "difference"}


@pytest.mark.usefixtures("no_figures")
def test_a_notebook_shows_the_tables(runs: list[Run], tmp_path: Path) -> None:
    made = compare(runs, out=tmp_path / "page.html", latent=False)
    page = made._repr_html_()
    assert page.count("<table>") == len(made.tables)
    assert all(f"<td>{escape(row[1])}</td>" in page for table in made.tables for row in table.rows)


def test_the_numbers_are_those_of_the_predictions(runs: list[Run]) -> None:
    facts = gather(runs, latent=False).experiments[0]
    assert [m.label for m in facts.methods] == ["noDA", "MMD", "entropy"]

    def accuracy(name: str) -> list[float]:
        tests = [
            [r for r in run.predictions if r["domain"] == "target" and r["split"] == "test"]
            for run in runs
            if run.results["name"] == name
        ]
        return [
            float(accuracy_score([r["label"] for r in t], [r["predicted"] for r in t]))
            for t in tests
        ]

    spread = facts.spreads["MMD", "target", "accuracy"]
    assert spread is not None
    assert spread.mean == pytest.approx(np.mean(accuracy("adapted")))
    assert spread.sd == pytest.approx(np.std(accuracy("adapted"), ddof=1))
    gain = facts.differences["MMD", "target", "accuracy"]
    assert gain is not None
    assert gain.value == pytest.approx(np.mean(accuracy("adapted")) - np.mean(accuracy("plain")))


def test_the_baseline_reads_no_target_or_is_the_named_one(runs: list[Run]) -> None:
    def base(**options: Any) -> str:
        found = gather(runs, latent=False, **options).experiments[0].baseline
        assert found is not None
        return found.label

    assert base() == "noDA"
    assert base(baseline="adapted") == "MMD"
    assert base(baseline="MMD") == "MMD"
    adapting = [run for run in runs if run.results["name"] != "plain"]
    assert gather(adapting, latent=False).experiments[0].baseline is None
    with pytest.raises(InputError, match="no method or run is called 'adaptd'; did you mean 'ada"):
        gather(runs, latent=False, baseline="adaptd")


def test_a_reference_by_file_and_by_name(runs: list[Run], tmp_path: Path) -> None:
    (tmp_path / "table.json").write_text(json.dumps(PUBLISHED))
    facts = gather(runs, latent=False, references=[tmp_path / "table.json", "deepmerge2_sim_sim"])
    assert [table.label for table in facts.experiments[0].tables] == ["Somebody"]
    assert [table.name for table in facts.other_tables] == ["deepmerge2_sim_sim"]
    with pytest.raises(InputError, match=r"no table on offer; did you mean 'deepmerge2_sim_sim'"):
        gather(runs, latent=False, references=["deepmerge2_simsim"])
    (tmp_path / "table.json").write_text(json.dumps({**PUBLISHED, "metods": []}))
    with pytest.raises(InputError, match=r"table\.json.*\n  metods: unknown key; did you mean 'me"):
        gather(runs, latent=False, references=[tmp_path / "table.json"])


def test_the_latent_spaces_are_those_of_one_seed(runs: list[Run]) -> None:
    (facts,) = gather(runs).experiments
    assert list(facts.latent) == ["noDA", "MMD", "entropy"]
    assert facts.latent_seed == 1
    assert facts.missing is None
    (labels, *others) = (space.labels for space in facts.latent.values())
    assert all(np.array_equal(labels, other) for other in others)


def test_without_the_data_the_page_says_so(runs: list[Run], tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(runs[0].folder.path, folder)
    resolved = json.loads((folder / "resolved.json").read_text())
    resolved["data"]["noise"] = 0.5
    (folder / "resolved.json").write_text(json.dumps(resolved))
    made = compare([folder], out=tmp_path / "page.html")
    assert "not what they were when the run was made" in made.missing[0]
    assert "not what they were when the run was made" in made.path.read_text()


def test_without_matplotlib(
    runs: list[Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dakit.workflows.compare.figures_possible", lambda: False)
    made = compare(runs, out=tmp_path / "page.html", latent=False)
    assert "install the extra" in made.missing[-1]
    assert "<table>" in made.path.read_text()
    assert not (tmp_path / "page_figures").exists()


def test_what_is_no_finished_run(runs: list[Run], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the folder of a finished run"):
        compare([runs[0], tmp_path], out=tmp_path / "page.html")
    with pytest.raises(InputError, match="no runs to compare"):
        compare([], out=tmp_path / "page.html")
    folder = tmp_path / "copy"
    shutil.copytree(runs[0].folder.path, folder)
    (folder / "predictions.csv").unlink()
    with pytest.raises(InputError, match=r"predictions\.csv cannot be read"):
        compare([folder], out=tmp_path / "page.html")


@pytest.mark.usefixtures("no_figures")
def test_the_command(runs: list[Run], tmp_path: Path, dakit_here: Command) -> None:
    (tmp_path / "table.json").write_text(json.dumps(PUBLISHED))
    folders = [str(run.folder.path) for run in runs]
    options = ["--reference", "table.json", "--csv", "n.csv", "--latex", "t.tex", "--no-latent"]
    done = dakit_here("compare", *folders, *options, "--out", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("digits_shift, network mlp")
    (row,) = (line for line in lines if re.match(r"MMD +\d", line))
    assert re.search(r"[+-]0\.\d{3} \[[+-]0\.\d{3}, [+-]0\.\d{3}\]  0\.77 \(Somebody\)$", row)
    assert lines[-3:] == ["page.html", "n.csv", "t.tex"]
    with (tmp_path / "n.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"0.77"} == {r["published"] for r in rows if r["published_source"] == "somebody2021"}
    assert r"\begin{tabular}" in (tmp_path / "t.tex").read_text()
    assert "Left out, as asked" in (tmp_path / "page.html").read_text()


def test_a_wrong_name_exits_2(runs: list[Run], tmp_path: Path, dakit_here: Command) -> None:
    failed = dakit_here("compare", tmp_path, cwd=tmp_path)
    assert failed.returncode == 2
    assert "not the folder of a finished run" in failed.stderr
    assert not list(tmp_path.iterdir())
