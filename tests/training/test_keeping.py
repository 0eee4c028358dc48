from __future__ import annotations

import pytest
import torch

from dakit.runs.epochs import epochs_kept, read_epoch, read_weights, weights_kept
from dakit.runs.folder import RunFolder
from dakit.runs.records import read_history
from dakit.training.keeping import kept_bytes, told_of_keeping
from dakit.training.reporter import SilentReporter
from dakit.training.selection import Judge
from dakit.training.views import Views


def spec_with(toy, **training):
    class NeedsFeatures(toy.ValidatorSpec):
        needs = frozenset({"train_features"})

        def build(self, context):
            return lambda view: float(view.source_train_features.sum())

    return toy.run_spec(training={"monitor": (NeedsFeatures(name="sum"),), **training})


def test_nothing_is_kept_by_default(toy, tmp_path):
    toy.train_in(tmp_path)
    assert not RunFolder(tmp_path).epochs.exists()
    spec = toy.run_spec()
    assert told_of_keeping(spec, toy.make_data(spec), toy.make_objective(spec).network) is None


def test_every_epoch_is_kept_with_what_its_validators_need(toy, tmp_path):
    spec = spec_with(toy, keep="outputs")
    toy.train_in(tmp_path, spec)
    folder = RunFolder(tmp_path)
    assert epochs_kept(folder) == [1, 2, 3, 4]
    assert weights_kept(folder) == []
    data = toy.make_data(spec)
    view = read_epoch(folder, 2)
    assert len(view.source_train_features) == len(data.split.source.train)
    assert len(view.target_logits) == len(data.split.target.validation)


def test_scores_of_what_is_kept_are_those_of_the_log(toy, tmp_path):
    spec = spec_with(toy, keep="outputs")
    toy.train_in(tmp_path, spec)
    network = toy.make_objective(spec).network
    judge = Judge(spec, Views(toy.make_data(spec), network, 16, torch.device("cpu")))
    for row in read_history(RunFolder(tmp_path)):
        view = read_epoch(RunFolder(tmp_path), row.epoch)
        assert judge.scores(view) == row.scores


def test_weights_are_those_of_the_epoch(toy, tmp_path):
    spec = toy.run_spec(training={"keep": "weights"})
    selection, objective = toy.train_in(tmp_path, spec)
    kept = read_weights(RunFolder(tmp_path), selection.epoch)
    network = objective.network.state_dict()
    assert kept.keys() == network.keys()
    assert all(torch.equal(kept[name], network[name]) for name in kept)
    assert weights_kept(RunFolder(tmp_path)) == [1, 2, 3, 4]


def test_a_resumed_run_keeps_the_same(toy, tmp_path):
    spec = toy.run_spec(training={"keep": "weights"})

    class Killed(SilentReporter):
        def step(self, epoch, step, losses):
            if epoch == 3:
                raise KeyboardInterrupt

    toy.train_in(tmp_path / "whole", spec)
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(tmp_path / "parts", spec, reporter=Killed())
    assert epochs_kept(RunFolder(tmp_path / "parts")) == [1, 2]
    toy.train_in(tmp_path / "parts", spec, resume=True)
    files = [sorted((tmp_path / each / "epochs").iterdir()) for each in ("whole", "parts")]
    assert len(files[0]) == 8
    for one, other in zip(*files, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_run_that_starts_over_forgets_what_was_kept(toy, tmp_path):
    toy.train_in(tmp_path, toy.run_spec(training={"keep": "weights"}))
    toy.train_in(tmp_path, toy.run_spec(training={"keep": "outputs", "epochs": 2}))
    assert epochs_kept(RunFolder(tmp_path)) == [1, 2]
    assert weights_kept(RunFolder(tmp_path)) == []


@pytest.mark.parametrize("keep", ["outputs", "weights"])
def test_the_size_that_is_told_is_not_exceeded(toy, tmp_path, keep):
    spec = spec_with(toy, keep=keep)
    _, objective = toy.train_in(tmp_path, spec)
    told = kept_bytes(spec, toy.make_data(spec), objective.network)
    arrays = 0
    for epoch in range(1, 5):
        tensors = [*read_epoch(RunFolder(tmp_path), epoch).tensors().values()]
        if keep == "weights":
            tensors += read_weights(RunFolder(tmp_path), epoch).values()
        arrays += sum(each.numel() * each.element_size() for each in tensors)
    assert told == arrays
    words = told_of_keeping(spec, toy.make_data(spec), objective.network)
    assert words.startswith("outputs and weights" if keep == "weights" else "outputs of")
    assert words.endswith("kB at most")
