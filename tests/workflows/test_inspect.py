"""An inspection through the Python API, and through the command line as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from dakit import InputError
from dakit.inspecting.joining import join
from dakit.reporting.inspection.console import print_inspection
from dakit.workflows.inspect import inspect
from dakit.workflows.train import load_run

from ..inspecting.galaxies import blown_up, clipped, dihedral, sparse

Command = Callable[..., "CompletedProcess[str]"]


def write_arrays(folder: Path, *, spoilt: bool = False) -> dict[str, Any]:
    """Write two domains without groups, many copies of few galaxies; return their spec."""
    for role, seed in (("source", 0), ("target", 1)):
        images, shown = blown_up(objects=24, copies=4, seed=seed)
        if spoilt and role == "source":
            images[5, 0, 3, 3] = np.nan
            images[6] = 0
        np.save(folder / f"{role}.npy", images)
        np.save(folder / f"{role}_labels.npy", (shown % 3 == 0).astype(np.int64))
        np.save(folder / f"{role}_truth.npy", shown)
    domains = {
        role: {"inputs": f"{role}.npy", "labels": f"{role}_labels.npy"}
        for role in ("source", "target")
    }
    spec = {
        "schema_version": 1,
        "name": "copies",
        "data": {"name": "arrays", "class_names": ["round", "odd"], **domains},
        "model": {"backbone": {"name": "small_cnn"}},
        "objective": {"task": "cross_entropy"},
        "training": {"epochs": 1, "batch_size": 64},
        "evaluation": {"bootstrap": 0},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    return spec


def test_found_groups_are_kept_together_by_a_run(
    tmp_path: Path, dakit_here: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dakit.workflows.inspect.figures_possible", lambda: False)
    spec = write_arrays(tmp_path)
    done = dakit_here("inspect", "spec.json", "--json", "--groups", "found.npz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["groups_file"] == "found.npz"
    assert Path(tmp_path / told["page"]).name == "inspect.html"
    for role in ("source", "target"):
        truth = np.load(tmp_path / f"{role}_truth.npy")
        found = told["near_duplicates"][role]
        assert found["images"] >= 0.9 * len(truth)
        for first, second, similarity in found["found"]:
            assert truth[int(first)] == truth[int(second)]
            assert similarity >= found["threshold"]
        spec["data"][role] |= {"groups": "found.npz", "groups_key": role}
    (tmp_path / "grouped.json").write_text(json.dumps(spec))
    ran = dakit_here("run", "grouped.json", "--no-report", "--device", "cpu", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    (folder,) = (tmp_path / "runs").iterdir()
    run = load_run(folder)
    leakage = run.results["data"]["leakage"]
    assert leakage["source"]["straddling_objects"] == 0
    with np.load(run.folder.split) as split:
        truth = np.load(tmp_path / "source_truth.npy")
        both = np.isin(truth[split["source_test"]], truth[split["source_train"]])
    assert both.mean() < 0.2, "by chance nearly every test image has a copy in training"


def test_look_alikes_among_sparse_images_are_not_offered_as_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dakit.workflows.inspect.figures_possible", lambda: False)
    spec = write_arrays(tmp_path)
    images, labels = sparse(300)
    np.save(tmp_path / "source.npy", images)
    np.save(tmp_path / "source_labels.npy", labels)
    np.save(tmp_path / "target.npy", images)
    del spec["data"]["target"]["labels"]
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    made = inspect(tmp_path / "spec.json", out=tmp_path / "seen")
    for role, found in made.facts.found.items():
        pairs = found.near.at(found.threshold).pairs
        different = int((labels[pairs[:, 0]] != labels[pairs[:, 1]]).sum())
        assert different > 0.3 * len(pairs), "the search takes them for copies"
        assert np.bincount(join(300, pairs)).max() > 100
        assert found.contradicting == (different if role == "source" else None)
        sizes = np.bincount(found.groups)
        assert sizes.max() <= 50, "none is too large to be one object"
    assert len(set(made.facts.found["source"].groups.tolist())) == 300, "the labels say: by chance"
    print_inspection(Console(width=300), made.facts, str(made.page), figures=False)
    shown, found = capsys.readouterr().out, made.facts.found["source"]
    pairs, refused = len(found.near.at(found.threshold).pairs), made.facts.found["target"].refused
    assert f"source: {found.contradicting:,} of {pairs:,} pairs of alike images (" in shown
    assert "about as often as any two images, so that no group is offered" in shown
    assert f"target: {refused[0]:,} group(s) of alike images, {refused[1]:,} images" in shown
    told = made.to_dict()["near_duplicates"]["source"]
    assert told["contradicting_pairs"] == found.contradicting
    assert told["not_offered"]["all"] is True


def test_chains_of_look_alikes_are_not_offered_and_counted_but_copies_beside_them_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dakit.workflows.inspect.figures_possible", lambda: False)
    spec = write_arrays(tmp_path)
    alone, _ = clipped(600)
    copies, shown = dihedral(clipped(8, seed=7)[0], copies=20)
    for role, images in (("source", alone), ("target", copies)):
        np.save(tmp_path / f"{role}.npy", images)
        np.save(tmp_path / f"{role}_labels.npy", np.arange(len(images)) % 2)
    del spec["data"]["target"]["labels"]
    np.save(tmp_path / "source_labels.npy", np.repeat([0, 1], [597, 3]))
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    made = inspect(tmp_path / "spec.json", out=tmp_path / "seen")
    source, target = made.facts.found["source"], made.facts.found["target"]
    joined = join(600, source.near.at(source.threshold).pairs)
    chain = np.flatnonzero(np.bincount(joined) >= 15)
    assert len(chain) > 0
    assert np.bincount(source.groups).max() < 15
    assert source.chains[0] >= 1
    assert source.chains[1] >= 15
    assert target.chains == (0, 0)
    for group in range(8):
        assert len(set(target.groups[shown == group].tolist())) == 1
    print_inspection(Console(width=400), made.facts, str(made.page), figures=False)
    told = capsys.readouterr().out
    assert f"alone {source.chains[0]:,} group(s), {source.chains[1]:,} images)" in told
    told = made.to_dict()["near_duplicates"]["source"]["not_offered"]["chains"]
    assert told == {"groups": source.chains[0], "images": source.chains[1]}


def test_the_page_and_the_table_tell_the_same(tmp_path: Path, dakit_here: Command) -> None:
    write_arrays(tmp_path, spoilt=True)
    done = dakit_here("inspect", "spec.json", "--out", "seen", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "A run would stop at these data" in done.stdout
    assert "source: 2 broken image(s)" in done.stdout
    assert "\x1b" not in done.stdout
    page = (tmp_path / "seen" / "inspect.html").read_text()
    for words in (
        "NaN, infinity or beyond float32",
        "all zero",
        "There is no split",
        "training never sees them",
        'id="mosaic_source"',
        'id="flux_before"',
        'id="copies_target"',
    ):
        assert words in page
    assert 'id="flux_after"' not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_a_bad_spec_exits_2(tmp_path: Path, dakit_here: Command) -> None:
    write_arrays(tmp_path)
    failed = dakit_here("inspect", "spec.json", "--set", "data.balanc=true", cwd=tmp_path)
    assert failed.returncode == 2
    assert "balance" in failed.stderr
    assert not (tmp_path / "inspections").exists()


def test_small_images_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dakit.workflows.inspect.figures_possible", lambda: False)
    spec = {
        "schema_version": 1,
        "name": "digits",
        "data": {"name": "digits_shift", "balance": True},
        "model": {"backbone": {"name": "mlp"}},
        "objective": {"task": "cross_entropy"},
    }
    made = inspect(spec, out=tmp_path)
    page = made.page.read_text()
    assert "Figures need matplotlib" in page
    assert "dakit inspect" in page
    assert "Near-duplicates cannot be looked for" in page
    assert made.groups is None
    numbers = made.to_dict()
    assert numbers["balance"]["asked"]
    assert len(set(numbers["balance"]["source_train"].values())) == 1
    assert sum(numbers["counts"]["source"]["by_part"].values()) == 898


def test_the_headline_calls_mock_data_mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dakit.workflows.inspect.figures_possible", lambda: False)
    spec = {
        "schema_version": 1,
        "name": "mocked",
        "data": {"name": "galaxy_mergers", "origin": "mock", "mock_size": 100},
        "model": {"backbone": {"name": "deepmerge"}},
        "objective": {"task": "cross_entropy"},
    }
    made = inspect(spec, out=tmp_path, duplicates=False)
    assert '<h1><span class="mock">MOCK DATA</span>' in made.page.read_text()
    assert made.to_dict()["data"]["mock"]
    assert made.facts.found == {}
    assert made.facts.copies is None


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    spec = write_arrays(tmp_path)
    np.save(tmp_path / "source_labels.npy", np.full(96, 7))
    with pytest.raises(InputError, match="outside"):
        inspect(tmp_path / "spec.json", overrides=["name=x"], out=tmp_path / "seen")
    assert spec["name"] == "copies"
