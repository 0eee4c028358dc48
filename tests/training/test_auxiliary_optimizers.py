import pytest
import torch
from torch import nn

from dakit.errors import RunError
from dakit.spec.optimizer import SGDSpec
from dakit.training.optimizer import Optimizers


@pytest.fixture
def objective(toy):
    terms = (toy.CriticSpec(weight=0.1),)
    return toy.make_objective(
        toy.run_spec(objective={"task": toy.CrossEntropySpec(), "regularizers": terms})
    )


def held(optimizer):
    return [p for group in optimizer.param_groups for p in group["params"]]


def test_every_parameter_is_in_exactly_one_optimizer(objective):
    optimizers = Optimizers(SGDSpec(), objective)
    main, apart = held(optimizers.main), held(optimizers.auxiliary["critic"])
    assert sorted(map(id, [*main, *apart])) == sorted(map(id, objective.parameters()))
    assert sorted(map(id, main)) == sorted(map(id, optimizers.main_parameters))
    assert {id(p) for p in apart} == {id(p) for p in objective.term("critic").critic.parameters()}


def test_its_steps_come_before_the_terms_are_asked_and_move_only_its_own(objective, toy):
    optimizers, term = Optimizers(SGDSpec(), objective), objective.term("critic")
    before = {name: p.detach().clone() for name, p in objective.named_parameters()}
    calls = []
    term.register_forward_hook(lambda *_: calls.append(term.critic.weight.detach().clone()))
    batch = next(iter(batches(toy)))
    seen = objective.see(batch, 0.0)
    optimizers.step_auxiliary(seen)
    objective.losses(seen)
    moved = {n for n, p in objective.named_parameters() if not torch.equal(p, before[n])}
    assert moved == {"terms.critic.critic.weight"}  # the bias cancels
    assert torch.equal(calls[0], term.critic.weight)
    assert all(p.grad is None for p in objective.network.parameters())
    steps = {int(s["step"]) for s in optimizers.auxiliary["critic"].state.values()}
    assert steps == {2}


def test_weights_are_multiplied_and_reach_every_term(objective, toy):
    objective.terms["again"] = toy.Critic(8)
    objective.specs["again"] = objective.specs["critic"]
    sides = objective.see(next(iter(batches(toy))), 0.0)
    assert sides.source.weights.tolist() == [4.0 if c == 0 else 1.0 for c in sides.source.labels]


def test_weights_of_a_wrong_shape_are_named(objective, toy):
    objective.term("critic").source_weights = lambda batch: torch.ones(3)
    with pytest.raises(RunError, match=r"'critic' gave source weights of shape \(3,\)"):
        objective(next(iter(batches(toy))), 0.0)


def test_an_optimizer_of_the_networks_parameters_is_refused(objective):
    stolen = torch.optim.SGD(objective.network.parameters(), lr=1.0)
    objective.term("critic").auxiliary_optimizer = lambda: stolen
    with pytest.raises(RunError, match="'critic' holds parameters that are not the term's own"):
        Optimizers(SGDSpec(), objective)


def test_an_auxiliary_loss_that_is_no_scalar_is_named(objective, toy):
    objective.term("critic").auxiliary_loss = lambda batch: nn.Parameter(torch.ones(2))
    optimizers = Optimizers(SGDSpec(), objective)
    with pytest.raises(RunError, match=r"'auxiliary_loss' of 'Critic' returned .* of shape \(2,\)"):
        optimizers.step_auxiliary(objective.see(next(iter(batches(toy))), 0.0))


def batches(toy):
    from dakit.data.batches import TrainingBatches

    spec = toy.run_spec()
    made = TrainingBatches(
        toy.make_data(spec),
        spec.data,
        batch_size=16,
        seed=1,
        device=torch.device("cpu"),
        with_target=True,
    )
    return made.epoch(1)
