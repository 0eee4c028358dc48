"""The updates that terms ask for: what they move, by which optimizer, and what is refused."""

from functools import partial

import pytest
import torch
from torch import nn

from dakit.contracts import Phase
from dakit.data.batches import InputBatch
from dakit.errors import RunError
from dakit.training.optimizer import Optimizers
from dakit.training.phases import Phases
from dakit.training.steps import Step

STEP = Step(1, 1, 6, 1, 0.0, 0.1)
sgd = partial(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True)


def make(toy, *terms, **training):
    """The objective, its optimizers and phases; no dropout."""
    objective = {"task": toy.CrossEntropySpec(), "regularizers": terms}
    made = toy.make_objective(toy.run_spec(objective=objective, training=training)).train()
    made.network.backbone.dropout.p = 0.0
    optimizers = Optimizers(sgd, made)
    return made, optimizers, Phases(made, optimizers, None)


def batch():
    torch.manual_seed(0)
    return InputBatch(torch.randn(12, 5), torch.arange(12) % 3, torch.randn(8, 5) + 3)


def held(optimizer):
    return [p for group in optimizer.param_groups for p in group["params"]]


def parameters(module):
    return {name: p.detach().clone() for name, p in module.named_parameters()}


def moved(objective, before):
    return {n for n, p in objective.named_parameters() if not torch.equal(p, before[n])}


def with_phase(toy, phase, loss):
    objective = make(toy, toy.DuelSpec())[0]
    duel = objective.term("duel")
    duel.phases, duel.phase_loss = (phase,), loss
    optimizers = Optimizers(sgd, objective)
    return objective, optimizers, Phases(objective, optimizers, None)


def test_what_a_phases_optimizer_holds_of_its_term_is_in_no_other(toy):
    objective, optimizers, _ = make(toy, toy.CriticSpec(weight=0.1), toy.DuelSpec())
    main, critic = held(optimizers.main), held(optimizers.own["critic.critic"])
    assert sorted(map(id, [*main, *critic])) == sorted(map(id, objective.parameters()))
    assert sorted(map(id, main)) == sorted(map(id, optimizers.main_parameters))
    assert {id(p) for p in critic} == {id(p) for p in objective.term("critic").critic.parameters()}
    head = {id(p) for p in objective.network.head.parameters()}
    assert {id(p) for p in held(optimizers.own["duel.agree"])} == head  # and in the main one


def test_a_phase_before_moves_its_term_before_the_terms_are_asked(toy):
    objective, optimizers, phases = make(toy, toy.CriticSpec(weight=0.1))
    before, calls = parameters(objective), []
    term = objective.term("critic")
    term.register_forward_hook(lambda *_: calls.append(term.critic.weight.detach().clone()))
    passes = objective.network.backbone.seen
    passes.clear()
    seen, losses = phases.before(STEP, batch())
    objective.losses(seen)
    found = moved(objective, before)  # the bias cancels, but for rounding
    assert found - {"terms.critic.critic.bias"} == {"terms.critic.critic.weight"}
    assert torch.equal(calls[0], term.critic.weight)
    assert all(p.grad is None for p in objective.network.parameters())
    assert {int(s["step"]) for s in optimizers.own["critic.critic"].state.values()} == {2}
    assert passes == [20]  # detached: the pass of the main update is the only one
    assert losses.keys() == {"critic.critic"}


@pytest.mark.parametrize("moves", [{"term"}, {"backbone"}, {"head"}, {"term", "head"}])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("graph", ["fresh", "detached"])
def test_only_what_is_named_moves(toy, moves, when, graph):
    def loss(name, seen):
        again = seen.network(seen.target.inputs)
        second = objective.term("duel").second(again.features)
        return (again.logits - second).square().mean() + seen.target.features.square().mean()

    phase = Phase("all", moves, when, graph=graph)
    objective, _, phases = with_phase(toy, phase, loss)
    objective.needs = frozenset({"inputs", "network"})
    before, main = parameters(objective), objective.see(batch(), 0.0)
    buffers = {name: each.clone() for name, each in objective.named_buffers()}
    if when == "before":
        seen, _ = phases.before(STEP, batch())
        objective.losses(seen).total.backward()  # of the network as it is now
    else:
        phases.after(STEP, batch(), main)
    prefixes = {"term": "terms.duel.", "backbone": "network.backbone.", "head": "network.head."}
    found = moved(objective, before)
    assert {part for part in prefixes if any(n.startswith(prefixes[part]) for n in found)} == moves
    passes = {
        name for name, each in objective.named_buffers() if not torch.equal(each, buffers[name])
    }
    assert bool(passes) == (when == "before" or graph == "fresh")


def test_a_fresh_pass_sees_the_network_as_it_has_become(toy):
    shown = []

    def loss(name, seen):
        shown.append(seen.target.features.detach().clone())
        return seen.target.features.square().mean()

    objective, _, phases = with_phase(toy, Phase("shrink", {"backbone"}, times=4), loss)
    losses = phases.after(STEP, batch(), objective.see(batch(), 0.0))
    sizes = [float(features.square().mean()) for features in shown]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 4
    assert losses["duel.shrink"] == pytest.approx(sum(sizes) / 4)


def test_updates_are_those_of_a_plain_loop_with_the_runs_optimizer(toy):
    """Adam's moments are shared with the main update, and what is not moved keeps its own."""
    objective = make(toy, toy.DuelSpec())[0]
    duel, network = objective.term("duel"), objective.network
    duel.phases = toy.Duel.phases[1:3]
    optimizers = Optimizers(partial(torch.optim.Adam, lr=0.01, weight_decay=0.1), objective)
    phases = Phases(objective, optimizers, None)
    mine, given = objective.state_dict(), batch()
    mine = {name: tensor.clone() for name, tensor in mine.items()}

    def main_update():
        optimizers.main.zero_grad()
        seen = objective.see(given, 0.0)
        objective.losses(seen).total.backward()
        optimizers.main.step()
        return seen

    for _ in range(3):
        phases.after(STEP, given, main_update())
    found = {name: tensor.clone() for name, tensor in objective.state_dict().items()}

    objective.load_state_dict(mine)
    rest = [*network.head.parameters(), *duel.parameters()]
    groups = [[*network.backbone.parameters()], rest]
    rates = [{"params": [p]} for group in groups for p in group]
    adam = torch.optim.Adam(rates, lr=0.01, weight_decay=0.1)
    every = [p for group in groups for p in group]

    def update(loss, parameters):
        gradients = torch.autograd.grad(loss, parameters)
        for p in every:
            p.grad = None
        for p, gradient in zip(parameters, gradients, strict=True):
            p.grad = gradient
        adam.step()

    def target():
        features = objective.see(given, 0.0).target.features
        return network.head(features), duel.second(features)

    for _ in range(3):
        seen = objective.see(given, 0.0)
        update(objective.losses(seen).total, every)
        first, second = target()
        update(-0.01 * (first - second).square().mean(), rest)
        for _ in range(3):
            first, second = target()
            update((first - second).square().mean(), groups[0])
    for name, tensor in objective.state_dict().items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=1e-6)


def test_what_is_frozen_is_not_moved(toy):
    objective, _, phases = make(toy, toy.DuelSpec())
    before = parameters(objective)
    objective.network.backbone.requires_grad_(False)
    losses = phases.after(STEP, batch(), objective.see(batch(), 0.0))
    assert losses.keys() == {"duel.apart", "duel.agree"}
    assert not any(name.startswith("network.backbone") for name in moved(objective, before))


REFUSED = {
    "a loss that is NaN": (
        lambda seen: seen.target.logits.sum() * torch.nan,
        "'duel.x' became nan",
    ),
    "a shape": (
        lambda seen: nn.Parameter(torch.ones(2)),
        r"'phase_loss' of 'Duel' .* shape \(2,\)",
    ),
    "no graph": (
        lambda seen: seen.target.logits.detach().sum(),
        "depends on nothing that it moves",
    ),
    "another part": (
        lambda seen: seen.target.features.sum(),
        "'duel.x' in epoch 1, step 1 of 6 dep",
    ),
}


@pytest.mark.parametrize(("loss", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_a_loss_that_cannot_be_lowered_is_named_and_moves_nothing(toy, loss, told):
    objective, _, phases = with_phase(toy, Phase("x", {"head"}), lambda name, seen: loss(seen))
    before = parameters(objective)
    with pytest.raises(RunError, match=told):
        phases.after(STEP, batch(), objective.see(batch(), 0.0))
    assert not moved(objective, before)


def test_a_gradient_that_cannot_be_clipped_moves_nothing(toy):
    def loss(name, seen):
        return (0 * seen.target.logits).sum().sqrt()  # its gradient is infinite times zero

    objective, optimizers, _ = with_phase(toy, Phase("x", {"head"}), loss)
    before = parameters(objective)
    with pytest.raises(RunError, match="gradient's norm became nan in epoch 1, step 1"):
        Phases(objective, optimizers, 1.0).after(STEP, batch(), objective.see(batch(), 0.0))
    assert not moved(objective, before)


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (
            Phase(
                "x", {"term"}, optimizer=lambda _: torch.optim.SGD([nn.Parameter(torch.ones(1))])
            ),
            "'duel.x' moves nothing that its optimizer holds",
        ),
        (
            Phase(
                "x",
                {"term"},
                optimizer=lambda p: torch.optim.SGD([*p, nn.Parameter(torch.ones(1))]),
            ),
            "'duel.x' holds parameters that the phase does not move",
        ),
        (
            Phase("x", {"term"}, optimizer=lambda _: "adam"),
            "'optimizer of duel.x' of 'Duel' returned",
        ),
    ],
)
def test_an_optimizer_of_something_else_is_refused(toy, phase, told):
    with pytest.raises(RunError, match=told):
        with_phase(toy, phase, None)


def test_a_phase_of_nothing_is_refused(toy):
    objective = make(toy)[0]
    for optimizer, told in (
        (None, "'ce.x' moves nothing that its optimizer holds"),
        (partial(torch.optim.SGD, lr=0.1), "'ce.x' moves what has no parameters"),
    ):
        objective.term("ce").phases = (Phase("x", {"term"}, optimizer=optimizer),)
        with pytest.raises(RunError, match=told):
            Optimizers(sgd, objective)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"moves": {"neck"}}, "moves of the phase 'x' is 'neck'; known: term, backbone, head"),
        ({"moves": "head"}, "moves of the phase 'x' is"),
        ({"moves": set()}, "the phase 'x' moves nothing"),
        ({"times": 0}, "the phase 'x' moves nothing"),
        ({"when": "later"}, "when of the phase 'x' is 'later'; known: before, after"),
        ({"graph": "old"}, "graph of the phase 'x' is 'old'; known: fresh, detached"),
    ],
)
def test_a_phase_that_cannot_be_is_told_where_it_is_written(wrong, told):
    with pytest.raises(ValueError, match=told):
        Phase("x", **{"moves": {"head"}, **wrong})


def test_weights_are_multiplied_and_reach_every_term(toy):
    objective = make(toy, toy.CriticSpec(weight=0.1))[0]
    objective.terms["again"] = toy.Critic(8)
    objective.specs["again"] = objective.specs["critic"]
    sides = objective.see(batch(), 0.0)
    assert sides.source.weights.tolist() == [4.0 if c == 0 else 1.0 for c in sides.source.labels]


def test_weights_of_a_wrong_shape_are_named(toy):
    objective = make(toy, toy.CriticSpec(weight=0.1))[0]
    objective.term("critic").source_weights = lambda batch: torch.ones(3)
    with pytest.raises(RunError, match=r"'critic' gave source weights of shape \(3,\)"):
        objective(batch(), 0.0)
