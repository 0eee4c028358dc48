"""Choosing among runs through the Python API and the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import dakit
from dakit import InputError
from dakit.cli.app import main
from dakit.runs.choice import read_choice
from dakit.runs.epochs import read_epoch, read_weights
from dakit.runs.folder import RunFolder
from dakit.runs.run import load_run
from dakit.training.reporter import SilentReporter
from dakit.workflows.choose import choose
from dakit.workflows.predict import predict

LOGGED = ["source_loss", "bnm", "snd", "dev", "mixval", "class_ami", "transfer_score", "last"]


def arrays(folder: Path, *, labelled: bool = True) -> dict[str, Any]:
    """Write three Gaussian classes, the target's shifted; return ``data`` of a spec."""
    random = np.random.default_rng(0)
    spec: dict[str, Any] = {"name": "arrays", "split": {"seed": 5}}
    for side, shift in (("source", 0.0), ("target", 1.0)):
        labels = np.arange(120) % 3
        inputs = random.normal(size=(120, 4)) + 2 * np.eye(4)[labels] + shift
        spec[side] = {"inputs": str(folder / f"{side}.npy")}
        np.save(folder / f"{side}.npy", inputs.astype(np.float32))
        if labelled or side == "source":
            spec[side]["labels"] = str(folder / f"{side}_labels.npy")
            np.save(folder / f"{side}_labels.npy", labels)
    return spec


def spec_of(data: dict[str, Any], name: str, **changes: Any) -> dict[str, Any]:
    objective: dict[str, Any] = {"task": "cross_entropy"}
    if name != "none":
        objective["transfer"] = name
    training = {"epochs": 3, "batch_size": 32, "keep": "weights", "monitor": LOGGED}
    return {
        "schema_version": 1,
        "name": name,
        "data": data,
        "model": {"backbone": {"name": "mlp", "hidden": [8]}},
        "objective": objective,
        "training": {**training, **changes.pop("training", {})},
        "optimizer": {"lr": 3e-2},
        "evaluation": {"bootstrap": 0},
        **changes,
    }


def trained(folder: Path, *specs: dict[str, Any]) -> list[Path]:
    return [dakit.run(spec, out=folder, reporter=SilentReporter()).folder.path for spec in specs]


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    """Bootstrap less: how wide an interval is matters elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dakit.selecting.estimating.DRAWS", 50)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("choose")


@pytest.fixture(scope="module")
def runs(home: Path) -> list[Path]:
    data = arrays(home)
    return trained(home / "runs", *(spec_of(data, name) for name in ("none", "mmd", "coral")))


@pytest.fixture(scope="module")
def made(home: Path, runs: list[Path]) -> Any:
    return choose(runs, out=home / "choice")


def test_stored_outputs_give_the_scores_of_the_training(runs: list[Path], made: Any) -> None:
    logged = {
        (path.name, row["epoch"]): row["scores"] for path in runs for row in load_run(path).history
    }
    assert len(made.choice.candidates) == len(logged) == 9
    for candidate in made.choice.candidates:
        scores = logged[Path(candidate.run).name, candidate.epoch]
        for name in ("source_accuracy", *LOGGED):
            assert candidate.scores[name] == scores[name]
    assert {"silhouette", "mano", "iwv", "ensemble", "rank_average"} <= candidate.scores.keys()
    assert "oracle" not in candidate.scores
    assert made.choice.left_out == {}


def test_the_choice_has_the_highest_score_and_is_read_back(made: Any) -> None:
    read = read_choice(made.path)
    assert read.document == made.choice.document
    best = max(each.scores["rank_average"] for each in read.candidates)
    assert read.by == "rank_average"
    assert read.chosen.scores["rank_average"] == best
    assert read.tied == sum(each.scores["rank_average"] == best for each in read.candidates)
    assert read.verdict == ("adapt" if read.chosen.adapts else "do not adapt")
    assert {each.name for each in read.candidates if not each.adapts} == {"none"}
    for estimate in read.estimates.values():
        low, high = estimate.scatter
        assert 0 <= estimate.interval[0] < low <= estimate.value <= high < estimate.interval[1] <= 1


def test_the_table_has_every_candidate_and_nothing_of_target_labels(made: Any) -> None:
    rows = list(csv.DictReader(made.table.open()))
    assert len(rows) == 9
    assert rows[0]["name"] == made.choice.candidates[0].name
    assert float(rows[0]["rank_average"]) == made.choice.candidates[0].scores["rank_average"]
    assert {"regret", "accuracy", "oracle"}.isdisjoint(rows[0])


def test_hindsight_is_stamped_and_apart(made: Any) -> None:
    page = made.page.read_text()
    before, _, after = page.partition("WITH TARGET LABELS")
    assert "regret" in after
    assert "regret" not in before
    hindsight = made.choice.hindsight
    assert hindsight.used_target_labels
    run = load_run(made.path.parent / made.choice.chosen.run)
    rows = [r for r in run.predictions if r["domain"] == "target" and r["split"] == "validation"]
    assert hindsight.rows == len(rows)
    view = read_epoch(run.folder, made.choice.chosen.epoch)
    right = [
        run.results["data"]["class_names"][p] == row["label"]
        for p, row in zip(view.target_logits.argmax(1).tolist(), rows, strict=True)
    ]
    assert hindsight.by_score["rank_average"].accuracy == pytest.approx(np.mean(right))


def test_without_target_labels_the_choice_is_the_same(home: Path, made: Any) -> None:
    folder = home / "blind"
    folder.mkdir()
    data = arrays(folder, labelled=False)
    paths = trained(folder / "runs", *(spec_of(data, n) for n in ("none", "mmd", "coral")))
    blind = choose(paths, out=folder / "choice")
    assert blind.choice.hindsight is None
    assert "has no labels" in blind.page.read_text()
    assert blind.choice.chosen.name == made.choice.chosen.name
    assert blind.choice.chosen.epoch == made.choice.chosen.epoch
    assert blind.choice.chosen.scores == made.choice.chosen.scores
    assert blind.choice.estimates == made.choice.estimates


@pytest.mark.parametrize("by", ["last", "source_loss", "ensemble"])
def test_any_score_may_decide(home: Path, runs: list[Path], by: str) -> None:
    choice = choose(runs, out=home / by, by=by).choice
    assert choice.by == by
    assert choice.chosen.scores[by] == max(each.scores[by] for each in choice.candidates)


def test_a_score_that_is_none_is_refused(home: Path, runs: list[Path]) -> None:
    with pytest.raises(InputError, match="did you mean 'ensemble'"):
        choose(runs, out=home / "wrong", by="ensembl")
    assert not (home / "wrong").exists()


def test_predict_takes_the_weights_of_the_chosen_epoch(home: Path, runs: list[Path]) -> None:
    """The first epoch is hardly the one that a run kept."""
    choice = choose(runs, out=home / "any").path
    told = json.loads(choice.read_text())
    run = load_run(runs[1])
    other = next(e for e in (1, 2, 3) if e != run.results["selection"]["epoch"])
    told["chosen"] = {
        **told["chosen"],
        "run": f"../runs/{runs[1].name}",
        "epoch": other,
        "run_id": run.results["run_id"],
    }
    choice.write_text(json.dumps(told))
    inputs = np.load(home / "target.npy")
    predict(choice, home / "target.npy", out=home / "table.csv", overwrite=True)
    model = run.model()
    model.network.load_state_dict(read_weights(run.folder, other))
    normalised = model.normalization.target(torch.from_numpy(inputs))
    with torch.no_grad():
        expected = model.network.eval()(normalised)[1].softmax(1)
    rows = list(csv.DictReader((home / "table.csv").open()))
    found = [[float(row[f"p_{name}"]) for name in model.class_names] for row in rows]
    assert np.allclose(found, expected.numpy(), atol=1e-5)
    predict(choice.parent, home / "target.npy", out=home / "of_its_folder.csv", overwrite=True)
    assert (home / "of_its_folder.csv").read_bytes() == (home / "table.csv").read_bytes()
    summary = predict(
        choice, home / "target.npy", out=home / "t.csv", temperature=True, overwrite=True
    )
    assert summary.temperature is not None
    assert "reference.npz" in summary.warnings[0]


def test_a_choice_whose_run_is_another_is_refused(home: Path, made: Any) -> None:
    told = json.loads(made.path.read_text())
    told["chosen"]["run_id"] = "0123456789"
    path = made.path.with_name("stale.json")
    path.write_text(json.dumps(told))
    with pytest.raises(InputError, match="choose again"):
        predict(path, home / "target.npy", out=home / "no.csv")
    path.write_text("{}")
    with pytest.raises(InputError, match="is no choice"):
        predict(path, home / "target.npy", out=home / "no.csv")


def test_where_weights_were_not_kept_the_epoch_of_the_model_is_taken(home: Path) -> None:
    data = arrays(home)
    training = {"keep": "outputs", "selection": "last", "monitor": []}
    spec = {**spec_of(data, "energy", training=training)}
    (path,) = trained(home / "outputs", spec)
    choice = choose(path, out=home / "outputs_choice", by="source_loss").choice
    assert [each.epoch for each in choice.candidates if each.usable] == [3]
    assert choice.chosen.epoch == 3
    assert choice.verdict == "no baseline"
    assert any("whether to adapt at all cannot be said" in c for c in choice.cautions)
    assert "train_features" in choice.left_out["dev"]
    assert "training.monitor" in choice.left_out["mixval"]


def test_an_epoch_that_target_labels_chose_is_not_taken(home: Path) -> None:
    data = arrays(home)
    training = {"keep": "outputs", "selection": "oracle", "monitor": []}
    (path,) = trained(home / "oracle", spec_of(data, "energy", training=training))
    with pytest.raises(InputError, match="target labels chose"):
        choose(path, out=home / "oracle_choice")


def test_runs_that_kept_nothing_or_other_rows_are_refused(home: Path, runs: list[Path]) -> None:
    data = arrays(home)
    plain = spec_of(data, "none", training={"keep": None})
    (silent,) = trained(home / "silent", plain)
    with pytest.raises(InputError, match=r"training\.keep=outputs"):
        choose([*runs, silent], out=home / "x")
    other = {**data, "split": {"seed": 6}}
    (moved,) = trained(home / "moved", spec_of(other, "none"))
    with pytest.raises(InputError, match=r"data\.split\.seed"):
        choose([*runs, moved], out=home / "x")
    with pytest.raises(InputError, match="name at least one"):
        choose([], out=home / "x")


def test_a_finished_run_that_did_not_keep_what_is_asked_for_says_so(home: Path) -> None:
    notes: list[str] = []

    class Noting(SilentReporter):
        def note(self, text: str) -> None:
            notes.append(text)

    for keep in ("outputs", "outputs", "weights"):
        spec = spec_of(arrays(home), "none", training={"keep": keep, "epochs": 1, "monitor": []})
        dakit.run(spec, out=home / "again", reporter=Noting())
    first, second, third = notes
    assert "keeping outputs of every epoch" in first
    assert second.startswith("already finished")
    assert "without keeping" not in second
    assert "without keeping what is asked for now; to do it again" in third


def test_a_damaged_epoch_is_named(home: Path) -> None:
    data = arrays(home)
    (path,) = trained(home / "damaged", spec_of(data, "none"))
    (RunFolder(path).epochs / "0002.npz").write_bytes(b"cut")
    with pytest.raises(InputError, match=r"0002\.npz is no kept epoch"):
        choose(path, out=home / "x")


def test_the_command_prints_the_choice_and_hindsight_apart(
    home: Path, runs: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["choose", str(home / "runs"), "--out", str(home / "cli")]) == 0
    told = capsys.readouterr().out
    before, stamp, after = told.partition("WITH TARGET LABELS")
    assert stamp
    assert "take epoch" in before
    assert "Estimated target accuracy" in before
    assert "regret" in after
    assert "regret" not in before
    assert main(["choose", str(home / "runs"), "--out", str(home / "cli"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((home / "cli" / "choice.json").read_text())
