import pytest
import torch
from torch import nn

from dakit.errors import RunError
from dakit.spec.optimizer import SGDSpec
from dakit.training.auxiliary import Auxiliaries
from dakit.training.optimizer import build_optimizer


@pytest.fixture
def objective(toy):
    terms = (toy.CriticSpec(weight=0.1),)
    return toy.make_objective(
        toy.run_spec(objective={"task": toy.CrossEntropySpec(), "regularizers": terms})
    )


def held(optimizer):
    return [p for group in optimizer.param_groups for p in group["params"]]


def test_every_parameter_is_in_exactly_one_optimizer(objective):
    auxiliaries = Auxiliaries(objective)
    main = build_optimizer(SGDSpec(), objective, auxiliaries.parameters)
    everything = [*held(main), *auxiliaries.parameters]
    assert sorted(map(id, everything)) == sorted(map(id, objective.parameters()))
    assert {id(p) for p in auxiliaries.parameters} == {
        id(p) for p in objective.term("critic").critic.parameters()
    }


def test_its_steps_come_before_the_terms_are_asked_and_move_only_its_own(objective, toy):
    auxiliaries, term = Auxiliaries(objective), objective.term("critic")
    before = {name: p.detach().clone() for name, p in objective.named_parameters()}
    calls = []
    term.register_forward_hook(lambda *_: calls.append(term.critic.weight.detach().clone()))
    batch = next(iter(batches(toy)))
    objective(batch, 0.0, auxiliaries.step)
    moved = {n for n, p in objective.named_parameters() if not torch.equal(p, before[n])}
    assert moved == {"terms.critic.critic.weight"}  # the bias cancels
    assert torch.equal(calls[0], term.critic.weight)
    assert all(p.grad is None for p in objective.network.parameters())
    steps = {int(s["step"]) for s in auxiliaries.optimizers["critic"].state.values()}
    assert steps == {2}


def test_weights_are_multiplied_and_reach_every_term(objective, toy):
    objective.terms["again"] = toy.Critic(8)
    objective.specs["again"] = objective.specs["critic"]
    seen = []
    objective(next(iter(batches(toy))), 0.0, seen.append)
    (sides,) = seen
    assert sides.source.weights.tolist() == [4.0 if c == 0 else 1.0 for c in sides.source.labels]


def test_weights_of_a_wrong_shape_are_named(objective, toy):
    objective.term("critic").source_weights = lambda batch: torch.ones(3)
    with pytest.raises(RunError, match=r"'critic' gave source weights of shape \(3,\)"):
        objective(next(iter(batches(toy))), 0.0)


def test_an_optimizer_of_the_networks_parameters_is_refused(objective):
    stolen = torch.optim.SGD(objective.network.parameters(), lr=1.0)
    objective.term("critic").auxiliary_optimizer = lambda: stolen
    with pytest.raises(RunError, match="'critic' holds parameters that are not the term's own"):
        Auxiliaries(objective)


def test_an_auxiliary_loss_that_is_no_scalar_is_named(objective, toy):
    objective.term("critic").auxiliary_loss = lambda batch: nn.Parameter(torch.ones(2))
    with pytest.raises(RunError, match=r"'auxiliary_loss' of 'Critic' returned .* of shape \(2,\)"):
        objective(next(iter(batches(toy))), 0.0, Auxiliaries(objective).step)


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
