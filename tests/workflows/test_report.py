"""The report of a real, tiny run: everything looked at again, or said to be missing."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import dakit
from dakit.errors import InputError
from dakit.evaluation.grad_cam import grad_cam
from dakit.network import Network
from dakit.reporting.figures.drawing import Drawing
from dakit.reporting.figures.report import make_figures
from dakit.reporting.report.facts import ReportFacts
from dakit.runs.run import Run
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import gather as gather_runs
from dakit.workflows.plan_again import plan_again
from dakit.workflows.report import Report, gather, report, report_after_run
from dakit.workflows.train import load_run


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: convolutions, one that starts from it, one on vectors, a baseline."""
    folder = tmp_path_factory.mktemp("runs")
    spec: dict[str, Any] = {
        "schema_version": 1,
        "name": "first",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "small_cnn", "channels": [4, 8]}},
        "objective": {"transfer": "dann"},
        "training": {"epochs": 2, "batch_size": 256, "monitor": ["oracle"]},
        "evaluation": {"bootstrap": 5},
    }
    (folder / "first.json").write_text(json.dumps(spec))
    dakit.run(folder / "first.json", out=folder, reporter=SilentReporter())
    second = {**spec, "name": "second", "init_from": {"spec": str(folder / "first.json")}}
    dakit.run(second, out=folder, reporter=SilentReporter())
    flat = {**spec, "name": "flat", "model": {"backbone": {"name": "mlp", "hidden": [4]}}}
    dakit.run(flat, out=folder, reporter=SilentReporter())
    plain = {**spec, "name": "plain", "objective": {"task": "cross_entropy"}}
    dakit.run(plain, out=folder, reporter=SilentReporter())
    return folder


def run_of(out: Path, name: str) -> Run:
    (folder,) = out.glob(f"{name}-*")
    return load_run(folder)


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, torch.Tensor]]:
    """The weights of the networks whose latent space is mapped, and no t-SNE, which is slow."""
    seen: list[dict[str, torch.Tensor]] = []
    original = dakit.workflows.plan_again.latent_space

    def watched(network: Network, *arguments: Any, **options: Any) -> Any:
        seen.append({name: value.clone() for name, value in network.state_dict().items()})
        return original(network, *arguments, **options)

    monkeypatch.setattr("dakit.workflows.plan_again.latent_space", watched)
    monkeypatch.setattr(
        "dakit.evaluation.latent_space.tsne", lambda features, seed: features[:, :2]
    )
    return seen


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.usefixtures("svg_alone")
def test_a_page_and_its_figures(out: Path, networks: object) -> None:
    run = run_of(out, "first")
    made = report(run)
    assert made.missing == ()
    page = made.path.read_text()
    shown = re.findall(r'<figure id="(\w+)"', page)
    assert len(shown) == 17
    assert shown[:2] == ["mosaic_source", "mosaic_target"]
    assert "test images drawn by lot, a row a class, with their ids; log stretch." in page
    files = {path.name for path in run.folder.figures.iterdir()}
    assert files == {f"{name}.{suffix}" for name in shown for suffix in ("png", "pdf", "svg")}
    assert page.count("<h2>") == 8


def test_before_training_is_the_network_before_its_first_step(
    out: Path, networks: list[dict[str, torch.Tensor]]
) -> None:
    run = run_of(out, "first")
    facts = gather(run)
    assert list(facts.latent) == ["before", "after"]
    before, after = networks
    fresh = plan_again(run).objective.network.state_dict()
    assert same(before, fresh)
    assert same(after, run.model().network.state_dict())
    assert not same(before, after)


def test_before_training_is_the_earlier_run_where_there_is_one(
    out: Path, networks: list[dict[str, torch.Tensor]]
) -> None:
    gather(run_of(out, "second"))
    assert same(networks[0], run_of(out, "first").model().network.state_dict())


def test_a_network_sees_the_data_as_its_own_run_normalised_them(
    out: Path, tmp_path: Path, networks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the run that it took its normalisation over from is not there any more."""
    folder = tmp_path / "alone"
    shutil.copytree(run_of(out, "second").folder.path, folder)
    model = json.loads((folder / "model" / "model.json").read_text())
    model["normalization"]["target"]["scale"][0] *= 2
    (folder / "model" / "model.json").write_text(json.dumps(model))
    used = []
    monkeypatch.setattr(
        "dakit.workflows.plan_again.latent_space",
        lambda _, data, **__: used.append(data.normalization),
    )
    gather(load_run(folder))
    assert used == [load_run(folder).model().normalization]


def test_images_are_those_of_the_ids(out: Path, networks: object) -> None:
    run = run_of(out, "first")
    facts = gather(run)
    plan = plan_again(run)
    for part in facts.mistakes:
        domain = getattr(plan.data.pair, part.role)
        ids = [str(i) for i in domain.ids]
        rows = [ids.index(i) for i in part.ids]
        assert np.array_equal(part.images, domain.inputs[rows])
        assert np.array_equal(part.labels, domain.labels[rows])
        assert (part.labels != part.predicted).all()
        assert (np.diff(part.confidence) <= 0).all()
    for seen in facts.attention:
        assert (seen.classes[:, 0] == seen.labels).all()
        assert (seen.classes[:, 1] != seen.labels).all()
        assert seen.layer == "backbone.layers.4"


def test_the_layer_can_be_chosen(out: Path, networks: object) -> None:
    run = run_of(out, "first")
    assert gather(run, "backbone.layers.0").attention[0].layer == "backbone.layers.0"
    with pytest.raises(InputError, match=r"backbone\.layers\.0"):
        gather(run, "backbone.nothing")


def draw_attention(facts: ReportFacts) -> dict[str, list[Drawing]]:
    """The figures of Grad-CAM alone."""
    return make_figures(replace(facts, mosaics=(), history=(), latent={}, mistakes=()))


@pytest.mark.usefixtures("svg_alone")
def test_beside_a_run_without_adaptation(
    out: Path, networks: list[dict[str, torch.Tensor]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, plain = run_of(out, "first"), run_of(out, "plain")
    facts = gather(run, baseline=plain)
    assert list(facts.latent) == ["before", "baseline", "after"]
    assert same(networks[1], plain.model().network.state_dict())
    assert facts.baseline is not None
    found = facts.baseline.differences["target"]["accuracy"]
    assert found is not None
    ours, theirs = (r.metrics["target_test"]["accuracy"] for r in (run, plain))
    assert found.value == pytest.approx(ours - theirs, abs=1e-12)
    rows = {(r["domain"], r["id"]): r for r in plain.predictions}
    model, domains = plain.model(), plan_again(run).data.pair
    for seen, beside in zip(facts.attention, facts.attention_beside, strict=True):
        assert np.array_equal(seen.images, beside.images)
        domain = getattr(domains, seen.role)
        for k, image in enumerate(seen.images):
            ids = [
                str(i) for i, x in zip(domain.ids, domain.inputs, strict=True) if (x == image).all()
            ]
            guesses = {rows[seen.role, i]["predicted"] for i in ids}
            assert model.class_names[beside.predicted[k]] in guesses
        inputs = getattr(model.normalization, seen.role)(torch.from_numpy(seen.images))
        maps = grad_cam(model.network, inputs, beside.classes[:, 0], beside.layer)
        np.testing.assert_allclose(beside.maps[:, 0], maps, atol=1e-6)
    monkeypatch.setattr("dakit.reporting.figures.report.make_figures", draw_attention)
    made = report(run, baseline=plain)
    assert '<figure id="grad_cam" class="full">' in made.path.read_text()


@pytest.mark.usefixtures("svg_alone")
def test_a_comparison_shows_the_same_images_for_every_method(
    out: Path, networks: object, tmp_path: Path
) -> None:
    runs = [run_of(out, name) for name in ("first", "plain", "flat")]
    convolutions, flat = gather_runs(runs).experiments
    assert list(convolutions.attention) == ["noDA", "ADA"]
    assert flat.attention == {}  # no convolutions to look at
    for parts in zip(*convolutions.attention.values(), strict=True):
        assert [part.role for part in parts] == [parts[0].role] * 2
        assert np.array_equal(parts[0].images, parts[1].images)
        assert not np.array_equal(parts[0].maps, parts[1].maps)
    made = dakit.compare(runs[:2], out=tmp_path / "page.html")
    assert '<figure id="grad_cam" class="full">' in made.path.read_text()


def test_a_baseline_with_adaptation_is_refused(out: Path) -> None:
    with pytest.raises(InputError, match="adapts with 'dann'"):
        report(run_of(out, "plain"), baseline=run_of(out, "first").folder.path)


def test_the_monitored_oracle_is_known_as_one(out: Path, networks: object) -> None:
    facts = gather(run_of(out, "first"))
    assert facts.oracles == ["oracle"]
    assert all("oracle" in row.scores for row in facts.history)


def test_data_at_hand_are_not_read_again(
    out: Path, networks: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(out, "first")
    again = gather(run)
    pair = plan_again(run).data.pair

    def read(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("dakit.workflows.train.build_data", read)
    at_hand = gather(run, pair=pair)
    assert at_hand.latent["after"].numbers == again.latent["after"].numbers


def test_a_network_without_convolutions(out: Path, networks: object) -> None:
    facts = gather(run_of(out, "flat"))
    assert facts.attention == []
    assert "no convolution" in facts.missing["attention"]
    assert facts.mistakes


@pytest.mark.usefixtures("svg_alone")
@pytest.mark.parametrize("what", ["gone", "others"])
def test_without_the_data_the_page_says_so(out: Path, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(run_of(out, "first").folder.path, folder)
    shutil.rmtree(folder / "figures", ignore_errors=True)
    resolved = json.loads((folder / "resolved.json").read_text())
    if what == "gone":
        side = {"inputs": "/nowhere/x.npy", "labels": "/nowhere/y.npy"}
        resolved["data"] = {"name": "arrays", "source": side, "target": side}
    else:
        resolved["data"]["noise"] = 0.5
    (folder / "resolved.json").write_text(json.dumps(resolved))
    made = report(folder)
    assert "cannot be had again" in made.missing[0]
    page = made.path.read_text()
    assert page.count("cannot be had again") == 3
    assert 'id="roc"' in page
    assert 'id="grad_cam_source"' not in page


def test_without_matplotlib(
    out: Path, networks: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("dakit.workflows.report.figures_possible", lambda: False)
    folder = tmp_path / "copy"
    shutil.copytree(run_of(out, "first").folder.path, folder)
    shutil.rmtree(folder / "figures", ignore_errors=True)
    (folder / "report.html").unlink(missing_ok=True)
    assert "install the extra" in report_after_run(load_run(folder))
    assert not (folder / "report.html").exists()
    made = report(folder)
    assert "install the extra" in made.missing[-1]
    assert "<figure" not in made.path.read_text()
    assert not (folder / "figures").exists()


def test_a_report_that_fails_does_not_fail_the_run(
    out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no luck")

    folder = tmp_path / "copy"
    shutil.copytree(run_of(out, "first").folder.path, folder)
    (folder / "report.html").unlink(missing_ok=True)
    monkeypatch.setattr("dakit.workflows.report.gather", broken)
    assert "ZeroDivisionError: no luck" in report_after_run(load_run(folder))


def test_a_notebook_links_to_the_report() -> None:
    page = Report(Path("runs/a<b/report.html"), ("no <i> here",))._repr_html_()
    assert '<a href="runs/a&lt;b/report.html">runs/a&lt;b/report.html</a>' in page
    assert "Missing: no &lt;i&gt; here" in page


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the folder of a finished run"):
        report(tmp_path)
