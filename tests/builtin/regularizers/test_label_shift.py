"""Class shares of the target: by the confusion matrix (bbse) and by likelihood (saerens)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from rich.console import Console

import dakit
from dakit.builtin.regularizers.bbse import BBSESpec
from dakit.builtin.regularizers.bbse_loss import class_ratio
from dakit.builtin.regularizers.saerens import SaerensSpec
from dakit.builtin.regularizers.saerens_loss import best_temperature, target_shares
from dakit.contracts import BuildContext, EpochView, PartView, SourceSide, TargetSide
from dakit.reporting.result_table import print_result
from dakit.runs.results import read_results
from dakit.training.reporter import SilentReporter

SHARES = {"source": np.array([0.5, 0.3, 0.2]), "target": np.array([0.1, 0.2, 0.7])}
CENTRES = 1.5 * np.eye(3)


def drawn(side, rows, seed):
    """Labels by their shares, rows around the centre of their class, and what Bayes says of them
    in the source: logits that are calibrated there."""
    random = np.random.default_rng(seed)
    labels = random.choice(3, rows, p=SHARES[side])
    points = CENTRES[labels] + random.normal(size=(rows, 3))
    distances = ((points[:, None] - CENTRES) ** 2).sum(-1)
    logits = np.log(SHARES["source"]) - distances / 2
    return labels, torch.from_numpy(logits)


def view(rows=4000, temperature=1.0):
    labels, logits = drawn("source", rows, 1)
    _, target = drawn("target", rows, 2)
    side = SourceSide(logits, temperature * logits, torch.from_numpy(labels))
    other = TargetSide(target, temperature * target)
    return EpochView(1, 0.5, lambda: side, lambda: other, lambda: PartView(side, other))


def context(rows=4000):
    counts = tuple((SHARES["source"] * rows).astype(int).tolist())
    return BuildContext(seed=0, num_classes=3, class_counts=counts)


def confusion_of(seen, soft):
    """The confusion matrix and the predicted shares, pair by pair."""
    source, matrix = seen.validation.source, np.zeros((3, 3))
    say = (lambda z: z.softmax(-1).numpy()) if soft else (lambda z: np.eye(3)[int(z.argmax())])
    for row, label in zip(source.logits, source.labels.tolist(), strict=True):
        matrix[:, label] += say(row) / len(source.labels)
    return matrix, np.mean([say(row) for row in seen.target.logits], axis=0)


@pytest.mark.parametrize("soft", [False, True])
def test_bbse_solves_for_the_ratio_and_weighs_by_it(soft, make_batch):
    seen = view()
    term = BBSESpec(soft=soft, begin=0.3).build(context())
    assert term.estimated_shares() is None
    term.on_epoch_end(seen)
    matrix, found = confusion_of(seen, soft)
    priors = np.bincount(seen.validation.source.labels, minlength=3) / 4000
    wanted = np.linalg.solve(matrix, found).clip(0)
    wanted /= wanted @ priors
    np.testing.assert_allclose(term.ratio, wanted, rtol=1e-5)
    np.testing.assert_allclose(term.estimated_shares(), wanted * priors, rtol=1e-5)
    np.testing.assert_allclose(term.estimated_shares(), SHARES["target"], atol=0.03)
    batch = make_batch(9)
    part = 1 + 0.3 * (wanted - 1)
    np.testing.assert_allclose(term.source_weights(batch), part[batch.source.labels], rtol=1e-5)
    whole = BBSESpec(soft=soft, strength=1.0).build(context())
    whole.on_epoch_end(seen)
    np.testing.assert_allclose(whole.source_weights(batch), wanted[batch.source.labels], rtol=1e-5)
    early = term.source_weights(make_batch(9, progress=0.2))
    assert early.tolist() == [1.0] * 9


def test_bbse_leaves_what_cannot_be_told():
    """All classes predicted alike: the matrix is singular, and weights stay as they were."""
    labels, logits = drawn("source", 100, 1)
    side = SourceSide(logits, torch.zeros_like(logits), torch.from_numpy(labels))
    target = TargetSide(logits, torch.zeros_like(logits))
    blind = EpochView(1, 0.5, lambda: side, lambda: target, lambda: PartView(side, target))
    term = BBSESpec().build(context())
    term.on_epoch_end(blind)
    assert term.ratio.tolist() == [1.0] * 3
    term.on_epoch_end(view())
    before = term.ratio.clone()
    term.on_epoch_end(blind)
    assert torch.equal(term.ratio, before)


def test_bbse_has_no_negative_weight_and_keeps_a_class_without_rows():
    matrix = torch.tensor([[0.5, 0.1, 0.0], [0.1, 0.3, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    priors = matrix.sum(0)
    found = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    ratio = class_ratio(matrix, found, priors, 0.05)
    assert ratio.tolist() == pytest.approx([1 / 0.6, 0.0, 1.0])
    assert class_ratio(torch.zeros_like(matrix), found, 0 * priors, 0.05) is None


def em(said, prior, rounds):
    """Saerens et al. 2002: expectation and maximisation, row by row."""
    shares = prior.copy()
    for _ in range(rounds):
        updated = np.zeros(len(prior))
        for row in said:
            joint = row * shares / prior
            updated += joint / joint.sum() / len(said)
        shares = updated
    return shares


@pytest.mark.parametrize("rounds", [1, 2, 25])
def test_saerens_is_expectation_and_maximisation(rounds):
    _, logits = drawn("target", 60, 3)
    said, prior = logits.softmax(1), torch.from_numpy(SHARES["source"])
    found = target_shares(said, prior, 1e-12, rounds)
    np.testing.assert_allclose(found, em(said.numpy(), SHARES["source"], rounds), atol=1e-12)


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_saerens_finds_the_shares_and_corrects_by_them(temperature):
    """Also where the classifier is three times too sure, which calibration undoes."""
    seen = view(temperature=temperature)
    term = SaerensSpec(strength=1.0).build(context())
    term.on_epoch_end(seen)
    shares = term.estimated_shares()
    np.testing.assert_allclose(shares, SHARES["target"], atol=0.03)
    corrected = term.predictor()
    assert corrected.temperature.item() == pytest.approx(temperature, rel=0.08)
    logits = seen.target.logits
    wanted = (logits / corrected.temperature).softmax(1) * (shares / corrected.prior)
    wanted = wanted / wanted.sum(1, keepdim=True)
    torch.testing.assert_close(corrected(logits).softmax(1), wanted)
    labels, _ = drawn("target", 4000, 2)
    right = (corrected(logits).argmax(1).numpy() == labels).mean()
    assert right > (logits.argmax(1).numpy() == labels).mean() + 0.05
    half = SaerensSpec().build(context())
    half.on_epoch_end(seen)
    log_ratio = (shares / corrected.prior).log()
    torch.testing.assert_close(half.predictor()(logits), corrected(logits) - 0.5 * log_ratio)


def test_without_calibration_the_temperature_stays():
    term = SaerensSpec(calibrate=False).build(context())
    term.on_epoch_end(view(temperature=3.0))
    assert term.predictor().temperature.item() == 1.0


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_temperature_is_the_most_likely(temperature):
    labels, logits = drawn("source", 3000, 5)
    found = best_temperature(temperature * logits, torch.from_numpy(labels))
    assert found.item() == pytest.approx(temperature, rel=0.1)


@pytest.mark.parametrize("spec", [BBSESpec(), SaerensSpec()])
def test_they_have_no_loss_of_their_own(spec, make_batch):
    value = spec.build(context())(make_batch())
    assert value.item() == 0
    assert value.requires_grad


@pytest.fixture
def shifted(tmp_path):
    """Three classes whose shares differ between the domains, and nothing else does."""
    data = {"name": "arrays", "class_names": ["a", "b", "c"]}
    for seed, side in enumerate(SHARES):
        random = np.random.default_rng(seed)
        labels = random.choice(3, 1200, p=SHARES[side])
        inputs = (CENTRES[labels] + random.normal(size=(1200, 3))).astype(np.float32)
        np.savez(tmp_path / f"{side}.npz", inputs=inputs, labels=labels)
        path = str(tmp_path / f"{side}.npz")
        data[side] = {"inputs": path, "inputs_key": "inputs", "labels_key": "labels"}
    return {
        "schema_version": 1,
        "name": "shifted",
        "data": {
            **data,
            "normalize": {"statistics": "source"},
            "split": {"train": 0.4, "validation": 0.4, "test": 0.2},
        },
        "model": {"backbone": {"name": "mlp", "hidden": [16]}},
        "training": {"epochs": 6, "batch_size": 64, "selection": "last"},
        "optimizer": {"lr": 0.01},
        "evaluation": {"bootstrap": 0},
        "objective": {},
    }


def test_a_run_is_better_for_them_and_tells_the_shares(shifted, tmp_path, capsys):
    plain = dakit.run(shifted, out=tmp_path, reporter=SilentReporter())
    assert "estimated_shares" not in plain.results
    before = plain.metrics["target_test"]["accuracy"]
    for name, settings in (("bbse", {"strength": 1.0}), ("saerens", {"strength": 1.0})):
        spec = {**shifted, "objective": {"regularizers": [{"name": name, **settings}]}}
        run = dakit.run(spec, out=tmp_path, reporter=SilentReporter())
        assert run.metrics["target_test"]["accuracy"] > before + 0.02
        shares = run.results["estimated_shares"][name]
        assert np.abs(shares - SHARES["target"]).sum() / 2 < 0.15  # of the source: 0.5
        assert run.results["adaptation"]["terms"] == [name]
        print_result(Console(width=400), read_results(run.folder), run.folder.path)
        told = capsys.readouterr().out
        assert f"Class shares of the target as estimated by '{name}': a 0." in told
