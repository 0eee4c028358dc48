"""What each term pulls at the features, against gradients by hand; and nothing else changes."""

import json

import pytest
import torch

from dakit.training import trainer as trainer_module
from dakit.training.gradient_shares import gradient_shares, tapped
from dakit.training.reporter import SilentReporter


@pytest.fixture
def network(toy):
    return toy.make_objective(toy.run_spec()).network.eval()


def shares_of(network, terms, weights=None, inputs=None):
    """The shares of ``terms``, functions of features and logits, in one pass of ``network``."""
    inputs = torch.randn(6, 5) if inputs is None else inputs
    with tapped(network) as taps:
        outputs = network(inputs)
    losses = {name: term(*outputs) for name, term in terms.items()}
    return gradient_shares(losses, weights or dict.fromkeys(terms, 1.0), taps)


def test_known_gradients(network):
    terms = {"threes": lambda f, z: 3 * f.sum(), "fours": lambda f, z: -4 * f.sum()}
    assert shares_of(network, terms) == pytest.approx({"threes": 3 / 7, "fours": 4 / 7})
    weighted = shares_of(network, terms, {"threes": 2.0, "fours": 0.0})
    assert weighted == {"threes": 1.0, "fours": 0.0}


def test_a_term_on_logits_reaches_the_features_through_the_head(network):
    inputs = torch.randn(6, 5)
    terms = {"task": lambda f, z: z.square().sum(), "own": lambda f, z: f.sum()}
    features = network.backbone(inputs).detach().requires_grad_()
    (by_hand,) = torch.autograd.grad(network.head(features).square().sum(), features)
    task, own = float(by_hand.norm()), 48**0.5  # 6 rows of 8 features
    expected = {"task": task / (task + own), "own": own / (task + own)}
    assert shares_of(network, terms, inputs=inputs) == pytest.approx(expected, rel=1e-5)


def test_a_pass_for_each_domain_counts_both(network):
    with tapped(network) as taps:
        source, target = (network(torch.randn(n, 5))[0] for n in (2, 7))
    losses = {"both": source.sum() + target.sum(), "one": source.sum()}
    found = gradient_shares(losses, {"both": 1.0, "one": 1.0}, taps)
    both, one = 72**0.5, 16**0.5
    assert found == pytest.approx({"both": both / (both + one), "one": one / (both + one)})


def test_of_a_frozen_backbone_the_logits_are_looked_at(network):
    network.backbone.requires_grad_(False)
    found = shares_of(network, {"task": lambda f, z: z.sum(), "lost": lambda f, z: f.sum()})
    assert found == {"task": 1.0, "lost": 0.0}


def test_terms_that_pull_at_nothing(network):
    silent = {"detached": lambda f, z: f.detach().sum(), "flat": lambda f, z: 0 * f.sum()}
    assert shares_of(network, silent) == {"detached": None, "flat": None}
    broken = {"broken": lambda f, z: f.sum() * float("nan"), "fine": lambda f, z: f.sum()}
    assert shares_of(network, broken) == {"broken": None, "fine": None}


def test_no_taps_no_shares_and_no_hooks_left(network):
    loss = network(torch.randn(3, 5))[0].sum()
    assert gradient_shares({"some": loss}, {"some": 1.0}, {}) == {}
    shares_of(network, {"some": lambda f, z: f.sum()})
    assert not network.backbone._forward_hooks
    assert not network.head._forward_hooks
    assert all(parameter.grad is None for parameter in network.parameters())


def test_they_are_logged_and_change_no_bit_of_the_training(toy, tmp_path, monkeypatch):
    toy.train_in(tmp_path / "with")
    written = [json.loads(row) for row in (tmp_path / "with" / "metrics.jsonl").open()]
    for row in written:
        assert set(row["gradient_shares"]) == {"ce", "centre"}
        assert sum(row["gradient_shares"].values()) == pytest.approx(1)
        assert min(row["gradient_shares"].values()) > 0
    monkeypatch.setattr(trainer_module, "gradient_shares", lambda *_: {})
    toy.train_in(tmp_path / "without")
    left, right = (toy.last_checkpoint(tmp_path / name) for name in ("with", "without"))
    for name, value in left["objective"].items():
        assert torch.equal(value, right["objective"][name]), name


def test_one_step_an_epoch_pays(toy, tmp_path, monkeypatch):
    steps, tapped_at = [], []

    class Counting(SilentReporter):
        def step(self, epoch, step, losses):
            steps.append((epoch, step))

    def counted(network):
        tapped_at.append(len(steps))
        return tapped(network)

    monkeypatch.setattr(trainer_module, "tapped", counted)
    toy.train_in(tmp_path, reporter=Counting())
    assert [steps[done] for done in tapped_at] == [(epoch, 6) for epoch in (1, 2, 3, 4)]
