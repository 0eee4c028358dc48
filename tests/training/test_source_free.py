"""Where no term of a run uses the source, no row of it changes a weight."""

import dataclasses

import numpy as np
import pytest
import torch

from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.builtin.transfer.adda import ADDASpec
from dakit.builtin.transfer.tent import TentSpec
from dakit.contracts import DomainPair
from dakit.training.views import Views

TERMS = (
    InformationMaximizationSpec(),
    PseudoLabelsSpec(weight=0.3),
    EntropySpec(weight=0.1),
)


def spec_of(toy, *, terms=TERMS, **training):
    return toy.run_spec(objective={"task": None, "regularizers": terms}, training=training)


def noise_for_the_source(toy):
    """Make the toy's dataset one whose source is noise with other labels, of another size."""
    build = toy.Blobs.build

    def other(self, context) -> DomainPair:
        pair, random = build(self, context), np.random.default_rng(0)
        source = dataclasses.replace(
            pair.source,
            inputs=random.normal(5, 9, size=(60, 5)),
            labels=random.permutation(pair.source.labels[:60]),
            ids=pair.source.ids[:60],
        )
        return dataclasses.replace(pair, source=source)

    return other


@pytest.mark.parametrize("mode", [None, "joint", "source", "target", "domain"])
def test_noise_for_the_source_changes_no_bit(toy, tmp_path, monkeypatch, mode):
    spec = spec_of(toy, batch_norm=mode)
    toy.train_in(tmp_path / "given", spec)
    monkeypatch.setattr(toy.Blobs, "build", noise_for_the_source(toy))
    toy.train_in(tmp_path / "noise", spec)
    left, right = (toy.last_checkpoint(tmp_path / run)["objective"] for run in ("given", "noise"))
    assert left.keys() == right.keys()
    for name, tensor in left.items():
        assert torch.equal(tensor, right[name]), name


def test_a_term_that_uses_the_source_brings_it_back(toy, tmp_path, monkeypatch):
    """The test above can fail."""
    spec = spec_of(toy, terms=(*TERMS, EntropySpec(on="source", weight=0.1)))
    toy.train_in(tmp_path / "given", spec)
    monkeypatch.setattr(toy.Blobs, "build", noise_for_the_source(toy))
    toy.train_in(tmp_path / "noise", spec)
    left, right = (toy.last_checkpoint(tmp_path / run)["objective"] for run in ("given", "noise"))
    assert not all(torch.equal(tensor, right[name]) for name, tensor in left.items())


def test_epoch_hooks_see_no_source_and_validators_do(toy):
    spec = spec_of(toy)
    views = Views(
        toy.make_data(spec),
        toy.make_objective(spec).network,
        16,
        torch.device("cpu"),
        with_source=False,
    )
    seen, needed = views.epoch(1, 0.0), views.validation(1, frozenset({"train_features"}))
    assert len(seen.source.labels) == len(seen.validation.source.labels) == 0
    assert len(seen.target.logits) == len(needed.source_train_features) == 84
    assert len(needed.source_labels) == len(seen.validation.target.logits) == 12


def test_only_the_target_passes_in_training_mode(toy, tmp_path):
    objective = toy.make_objective(spec_of(toy))
    assert objective.batch_norm == "target"
    assert objective.needs_target
    assert not objective.needs_source
    passed = []
    forward = type(objective.network.backbone).forward

    def noted(backbone, inputs):
        if backbone.training:
            passed.append(len(inputs))
        return forward(backbone, inputs)

    objective.network.backbone.forward = noted.__get__(objective.network.backbone)
    toy.train_in(tmp_path, spec_of(toy, epochs=1), objective=objective)
    assert sum(passed) == 84  # one pass over the target's training part
    assert max(passed) == 16


def trained_from_a_start(toy, path, term, **init):
    """The state before and after a training of `term` that starts from another run."""
    spec = toy.run_spec(
        objective={"task": None, "transfer": term},
        init_from={"run": "earlier", **init},
        training={"epochs": 2},
    )
    objective = toy.make_objective(spec)
    before = {name: tensor.clone() for name, tensor in objective.state_dict().items()}
    toy.train_in(path, spec, objective=objective)
    return before, toy.last_checkpoint(path)["objective"]


def test_tent_moves_the_weights_of_batch_norm_and_its_statistics_alone(toy, tmp_path):
    term = TentSpec(reliable=1.0, reset=0.0)
    before, after = trained_from_a_start(toy, tmp_path, term, train_only=("batch_norm",))
    moved = {name for name, tensor in before.items() if not torch.equal(after[name], tensor)}
    norm = "weight", "bias", "running_mean", "running_var", "num_batches_tracked"
    of_network = {name for name in moved if name.startswith("network.")}
    assert of_network == {f"network.backbone.norm.{name}" for name in norm}


def test_adda_moves_the_encoder_away_from_the_features_that_it_keeps(toy, tmp_path):
    term = ADDASpec(hidden=(8,))
    before, after = trained_from_a_start(toy, tmp_path, term, freeze=("head",))
    heads = [name for name in before if name.startswith("network.head.")]
    assert heads
    assert all(torch.equal(after[name], before[name]) for name in heads)
    assert not torch.equal(
        after["network.backbone.out.weight"], before["network.backbone.out.weight"]
    )
    assert not torch.equal(
        after["terms.adda.discriminator.0.weight"], before["terms.adda.discriminator.0.weight"]
    )
    data = toy.make_data(toy.run_spec())
    start = toy.make_objective(toy.run_spec()).network
    state = {name.removeprefix("network."): t for name, t in before.items() if "network." in name}
    start.load_state_dict(state)
    source = data.pair.source.inputs[data.split.source.train]
    kept = start.eval().backbone(data.normalization.source(torch.from_numpy(source)))
    torch.testing.assert_close(after["terms.adda.kept"], kept)
