import pytest
import torch
from torch import nn

from dakit.components import Ramp
from dakit.data.batches import InputBatch
from dakit.errors import InputError, RunError


def batch(source=12, target=8):
    torch.manual_seed(0)
    targets = torch.randn(target, 5) + 3 if target else None
    return InputBatch(torch.randn(source, 5), torch.arange(source) % 3, targets)


def objective(toy, **changes):
    return toy.make_objective(toy.run_spec(**changes)).train()


def both(toy, **changes):
    terms = {"task": toy.CrossEntropySpec(weight=2.0), "regularizers": (toy.CentreSpec(**changes),)}
    return {"objective": terms}


def test_the_total_is_the_weighted_sum_never_the_mean(toy):
    output = objective(toy, **both(toy, weight=0.5))(batch(), 0.3)
    assert set(output.losses) == {"ce", "centre"}
    expected = 2 * output.losses["ce"] + 0.5 * output.losses["centre"]
    assert output.total.item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_ramped_weight_follows_the_progress_and_the_term_is_logged_from_the_start(toy):
    ramped = objective(toy, **both(toy, weight=4.0, ramp=Ramp(begin=0.5)))
    assert ramped.weights(0.25) == {"ce": 2.0, "centre": 0.0}
    assert ramped.weights(0.75) == {"ce": 2.0, "centre": 2.0}
    early = ramped(batch(), 0.25)
    assert early.losses["centre"] > 0
    assert early.total.item() == pytest.approx(2 * early.losses["ce"].item())


def test_a_term_of_weight_0_is_absent(toy):
    without = objective(toy, **both(toy, weight=0.0))
    assert list(without.terms) == ["ce"]
    assert not without.needs_target


def test_no_weight_at_all_is_an_error(toy):
    with pytest.raises(InputError, match="weight 0"):
        objective(toy, objective={"task": toy.CrossEntropySpec(weight=0.0)})


def test_terms_of_one_name_are_numbered(toy):
    centres = (toy.CentreSpec(), toy.CentreSpec(), toy.CentreSpec())
    named = objective(toy, objective={"task": None, "regularizers": centres})
    assert list(named.terms) == ["centre", "centre_2", "centre_3"]


def test_diagnostics_carry_the_name_of_their_term(toy):
    assert objective(toy).diagnostics() == {"ce.fixed": 0.25}


def test_the_network_does_not_depend_on_the_terms(toy):
    left = objective(toy, **both(toy, weight=0.5)).network.state_dict()
    right = objective(toy, **both(toy, weight=0.0)).network.state_dict()
    assert all(torch.equal(left[name], right[name]) for name in left)


def test_another_seed_gives_another_network(toy):
    left, right = objective(toy, seed=1), objective(toy, seed=2)
    assert not torch.equal(left.network.head[0].weight, right.network.head[0].weight)


def test_joint_runs_the_network_once_on_both(toy):
    joint = objective(toy)
    joint(batch(12, 8), 0.0)
    assert joint.network.backbone.seen == [20]


def test_joint_statistics_are_of_both_domains(toy):
    joint, given = objective(toy), batch()
    layer = joint.network.backbone.linear
    everything = torch.cat([given.source_inputs, given.target_inputs])
    joint(given, 0.0)
    mean = joint.network.backbone.norm.running_mean
    torch.testing.assert_close(mean, 0.1 * layer(everything).mean(0))


def test_source_statistics_are_of_the_source_alone_and_the_target_teaches(toy):
    source, given = objective(toy, training={"batch_norm": "source"}), batch()
    output = source(given, 0.0)
    assert source.network.backbone.seen == [12, 8]
    layer, norm = source.network.backbone.linear, source.network.backbone.norm
    torch.testing.assert_close(norm.running_mean, 0.1 * layer(given.source_inputs).mean(0))
    assert norm.training
    output.losses["centre"].backward()
    assert layer.weight.grad.abs().sum() > 0


def test_target_statistics_are_of_the_target_alone_and_the_source_teaches(toy):
    target, given = objective(toy, training={"batch_norm": "target"}), batch()
    layer, norm = target.network.backbone.linear, target.network.backbone.norm
    output = target(given, 0.0)
    assert target.network.backbone.seen == [8, 12]
    torch.testing.assert_close(norm.running_mean, 0.1 * layer(given.target_inputs).mean(0))
    output.losses["ce"].backward()  # through the averages, which the target has moved before
    assert layer.weight.grad.abs().sum() > 0
    target.network.backbone.dropout.p = 0.0
    seen = target.see(given, 0.0).source.logits
    torch.testing.assert_close(seen, target.network.eval()(given.source_inputs)[1])


def test_source_mode_normalises_the_target_by_the_running_averages(toy):
    source, given = objective(toy, training={"batch_norm": "source"}), batch()
    source.network.backbone.dropout.p = 0.0
    seen = {}

    class Recorder(toy.Given):
        uses_target = True

    source.terms["centre"] = Recorder(lambda b: seen.update(target=b.target) or b.progress * 0 + t0)
    t0 = torch.tensor(0.0)
    source(given, 0.0)
    source.eval()
    features, logits = source.network(given.target_inputs)
    torch.testing.assert_close(seen["target"].features, features)
    torch.testing.assert_close(seen["target"].logits, logits)


def test_without_a_term_on_the_target_it_does_not_pass(toy):
    only = objective(toy, objective={"task": toy.CrossEntropySpec()})
    assert not only.needs_target
    only(batch(12, 8), 0.0)
    assert only.network.backbone.seen == [12]


def test_joint_can_be_asked_for_without_a_term_on_the_target(toy):
    terms = {"objective": {"task": toy.CrossEntropySpec()}, "training": {"batch_norm": "joint"}}
    joint = objective(toy, **terms)
    assert joint.needs_target
    joint(batch(12, 8), 0.0)
    assert joint.network.backbone.seen == [20]


def test_a_term_sees_an_empty_target_of_the_right_width(toy):
    def check(given):
        assert given.target.features.shape == (0, 8)
        assert given.target.logits.shape == (0, 3)
        assert given.progress == 0.4
        return given.source.features.sum()

    only = objective(toy, objective={"task": toy.CrossEntropySpec()})
    only.terms["ce"] = toy.Given(check)
    only(batch(12, 0), 0.4)


@pytest.mark.parametrize("batch_norm", ["joint", "source"])
def test_under_bfloat16_the_losses_are_float32(toy, batch_norm):
    low = objective(toy, training={"precision": "bfloat16", "batch_norm": batch_norm})
    dtypes = []
    low.terms["ce"] = toy.Given(
        lambda b: dtypes.append(b.source.features.dtype) or b.source.logits.sum()
    )
    inside = []
    low.network.head[0].register_forward_hook(lambda m, i, output: inside.append(output.dtype))
    output = low(batch(), 0.0)
    assert set(inside) == {torch.bfloat16}
    assert set(dtypes) == {torch.float32}
    assert output.total.dtype == torch.float32


def test_a_term_that_is_no_scalar_is_named(toy):
    wrong = objective(toy)
    wrong.terms["ce"] = toy.Given(lambda b: b.source.logits)
    with pytest.raises(RunError, match=r"'forward' of 'Given' returned .* of shape \(12, 3\)"):
        wrong(batch(), 0.0)


def test_a_spec_that_builds_no_term_is_named(toy):
    class Wrong(toy.TaskLossSpec):
        name: str = "wrong"

        def build(self, context):
            return nn.CrossEntropyLoss()

    with pytest.raises(RunError, match=r"'build' of 'wrong' returned CrossEntropyLoss"):
        objective(toy, objective={"task": Wrong()})


def test_everything_a_term_owns_is_in_the_objective(toy):
    names = dict(objective(toy).named_parameters())
    assert "terms.centre.centre" in names
    assert "network.head.0.weight" in names
