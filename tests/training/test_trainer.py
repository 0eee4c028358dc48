import json
import math
import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

from dakit import OptimizerSpec, ScheduleSpec, StoppingSpec
from dakit.builtin.regularizers.information_maximization import InformationMaximizationSpec
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.contracts import BuildContext
from dakit.errors import InputError, RunError
from dakit.training.trainer import means, to_numbers


def rows(path):
    return [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]


def numbers(path):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows(path)]


def assert_same_training(first, second, toy):
    left, right = toy.last_checkpoint(first), toy.last_checkpoint(second)
    assert left["epoch"] == right["epoch"]
    for key in ("objective", "best_weights"):
        assert left[key].keys() == right[key].keys()
        for name, tensor in left[key].items():
            assert torch.equal(tensor, right[key][name]), name
    assert (left["best_epoch"], left["scores"]) == (right["best_epoch"], right["scores"])
    assert numbers(first) == numbers(second)


class StopAt:
    """A reporter that interrupts a training at one step."""

    def __init__(self, epoch, step):
        self.at, self.closed, self.notes = (epoch, step), False, []

    def start(self, total_epochs, steps_per_epoch): ...

    def step(self, epoch, step, losses):
        if (epoch, step) == self.at:
            raise KeyboardInterrupt

    def epoch(self, row): ...

    def note(self, text):
        self.notes.append(text)

    def close(self):
        self.closed = True


def test_means_are_over_the_steps_that_had_a_value():
    assert means([{"a": 1.0, "b": 4.0}, {"a": 2.0}]) == {"a": 1.5, "b": 4.0}


def test_numbers_of_mixed_type_and_shape():
    values = {"a": torch.tensor(1.5, requires_grad=True), "b": torch.tensor([2.0]).double()}
    assert to_numbers(values) == {"a": 1.5, "b": 2.0}


def test_a_row_an_epoch(toy, tmp_path):
    spec = toy.run_spec(schedule={"name": "constant"})
    selection, _ = toy.train_in(tmp_path, spec)
    steps = math.ceil(84 / 16)
    written = rows(tmp_path)
    assert [row["epoch"] for row in written] == [1, 2, 3, 4]
    assert [row["step"] for row in written] == [steps * epoch for epoch in (1, 2, 3, 4)]
    for row in written:
        losses = row["losses"]
        assert losses["total"] == pytest.approx(losses["ce"] + 0.1 * losses["centre"], rel=1e-5)
        assert row["weights"] == {"ce": 1.0, "centre": 0.1}
        assert row["diagnostics"] == {"ce.fixed": 0.25}
        assert row["learning_rate"] == 1e-3
        assert row["seconds"] > 0
    assert selection.epochs_run == 4
    assert not selection.stopped_early
    assert written[-1]["losses"]["total"] < written[0]["losses"]["total"]


def test_two_runs_of_one_spec_agree_and_another_seed_does_not(toy, tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        toy.train_in(tmp_path / name, toy.run_spec(seed=seed))
    assert_same_training(tmp_path / "a", tmp_path / "b", toy)
    assert numbers(tmp_path / "a") != numbers(tmp_path / "c")


def test_the_selected_epoch_is_loaded_in_the_end(toy, tmp_path):
    scores = iter([0.2, 0.7, 0.7, 0.1])
    kept = {}

    class Scripted(toy.ValidatorSpec):
        name: str = "scripted"

        def build(self, context):
            return lambda view: next(scores)

    class Recorder(StopAt):
        def epoch(self, row):
            state = objective.network.state_dict()
            kept[row["epoch"]] = {k: v.clone() for k, v in state.items()}

    spec = toy.run_spec(training={"selection": Scripted()})
    objective = toy.make_objective(spec)
    selection, _ = toy.train_in(tmp_path, spec, objective=objective, reporter=Recorder(0, 0))
    assert (selection.validator, selection.epoch, selection.score) == ("scripted", 2, 0.7)
    assert not selection.used_target_labels
    final = objective.network.state_dict()
    assert all(torch.equal(final[k], kept[2][k]) for k in final)
    assert not all(torch.equal(final[k], kept[4][k]) for k in final)
    assert [row["best"] for row in rows(tmp_path)] == [True, True, False, False]


def test_ctrl_c_leaves_a_run_that_goes_on_bit_for_bit(toy, tmp_path):
    alone, broken = tmp_path / "alone", tmp_path / "broken"
    selection, left = toy.train_in(alone)
    reporter = StopAt(3, 4)
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(broken, reporter=reporter)
    assert reporter.closed
    assert len(rows(broken)) == 2
    again, right = toy.train_in(broken, resume=True)
    assert again == selection
    assert_same_training(alone, broken, toy)
    for name, tensor in left.network.state_dict().items():
        assert torch.equal(tensor, right.network.state_dict()[name])


@pytest.mark.parametrize(("damaged", "notes"), [((), 0), ((3,), 1), ((2, 3), 3)])
def test_a_truncated_checkpoint_is_passed_over_to_the_same_end(toy, tmp_path, damaged, notes):
    alone, broken = tmp_path / "alone", tmp_path / "broken"
    toy.train_in(alone)
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(broken, reporter=StopAt(4, 1))
    for epoch in damaged:
        path = broken / f"checkpoint/epoch-000{epoch}.pt"
        path.write_bytes(path.read_bytes()[:-50])
    reporter = StopAt(0, 0)
    toy.train_in(broken, resume=True, reporter=reporter)
    assert len(reporter.notes) == notes, "one a checkpoint, one more where none is left"
    assert_same_training(alone, broken, toy)


def test_killed_at_a_random_moment_and_resumed_it_ends_the_same(toy, tmp_path, warm_python):
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    spec = toy.run_spec(training=toy.LONG)
    toy.train_in(alone, spec)
    chance = random.Random()
    code = "import runpy, sys; sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')"
    line = ["-c", code, Path(__file__).with_name("toy.py"), killed]
    ours, theirs = os.pipe()
    process = warm_python.start(line, [theirs, theirs, 2], cwd=tmp_path)
    os.close(theirs)
    with open(ours) as printed:
        for _ in range(chance.randrange(1, 9)):
            assert printed.readline()
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
    toy.train_in(killed, spec, resume=True)
    assert_same_training(alone, killed, toy)


def test_a_finished_training_is_not_repeated(toy, tmp_path):
    selection, first = toy.train_in(tmp_path)
    again, second = toy.train_in(tmp_path, resume=True, reporter=StopAt(1, 1))
    assert again == selection
    for name, tensor in first.network.state_dict().items():
        assert torch.equal(tensor, second.network.state_dict()[name])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda lines: lines[:2], "epoch 1 to 4, one each; it holds 1, 2"),
        (lambda lines: [lines[0], *lines[2:]], "it holds 1, 3, 4"),
        (lambda lines: [*lines[:2], *lines], "it holds 1, 2, 1, 2, 3, 4"),
        (lambda lines: [], "it holds none"),
        (lambda lines: [*lines[:3], '{"epoch": 4}'], r"metrics\.jsonl:4 .* lacks learning_rate"),
        (lambda lines: [*lines[:3], "[4]"], r"metrics\.jsonl:4 holds list"),
    ],
)
def test_a_log_that_lacks_rows_is_not_gone_on_with(toy, tmp_path, damage, said):
    toy.train_in(tmp_path)
    log = tmp_path / "metrics.jsonl"
    content = "".join(f"{line}\n" for line in damage(log.read_text().splitlines()))
    log.write_text(content)
    with pytest.raises(InputError, match=said):
        toy.train_in(tmp_path, resume=True)
    assert log.read_text() == content


def test_without_resume_it_starts_over(toy, tmp_path):
    toy.train_in(tmp_path, toy.run_spec(training={"epochs": 6}))
    toy.train_in(tmp_path)
    assert len(rows(tmp_path)) == 4
    assert toy.last_checkpoint(tmp_path)["epoch"] == 4


def test_resuming_with_another_network_is_an_error(toy, tmp_path):
    toy.train_in(tmp_path)
    wider = toy.run_spec(model={"backbone": toy.LayersSpec(width=9)})
    with pytest.raises(RunError, match="does not fit"):
        toy.train_in(tmp_path, wider, resume=True)


def test_plateau_stops_and_stays_stopped_when_resumed(toy, tmp_path):
    class Falling(toy.ValidatorSpec):
        name: str = "falling"

        def build(self, context):
            return lambda view: 0.5

    spec = toy.run_spec(
        training={"epochs": 20, "selection": Falling(), "early_stopping": {"patience": 2}}
    )
    selection, _ = toy.train_in(tmp_path, spec)
    assert (selection.epoch, selection.epochs_run, selection.stopped_early) == (1, 3, True)
    again, _ = toy.train_in(tmp_path, spec, resume=True)
    assert again == selection


def test_the_published_rule_follows_the_validation_loss_of_the_task(toy, tmp_path):
    losses = iter([1.0, 1.5, 0.75, 2.0, 3.0])

    class Scripted(toy.TaskLossSpec):
        name: str = "scripted"

        def build(self, context):
            task = toy.CrossEntropy()
            return toy.Given(
                lambda batch: task(batch) if torch.is_grad_enabled() else torch.tensor(next(losses))
            )

    spec = toy.run_spec(
        objective={"task": Scripted()},
        training={"epochs": 20, "early_stopping": {"rule": "published", "patience": 1}},
    )
    selection, _ = toy.train_in(tmp_path, spec)
    assert (selection.epochs_run, selection.stopped_early) == (4, True)
    assert toy.last_checkpoint(tmp_path)["validation_losses"] == [1.0, 1.5, 0.75, 2.0]


@pytest.mark.parametrize(
    ("kind", "base"), [("optimizer", OptimizerSpec), ("schedule", ScheduleSpec)]
)
def test_what_no_run_can_be_driven_by_is_named(toy, tmp_path, kind, base):
    class Odd(base):
        name: str = "odd"

        def build(self, context):
            return 5

    with pytest.raises(RunError, match=r"'build' of 'odd' returned 5 \(int\); it must return a"):
        toy.train_in(tmp_path, toy.run_spec(**{kind: Odd()}))


class Signs(torch.optim.Optimizer):
    """Steps by the sign of an average of the gradient."""

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    kept = self.state[p].setdefault("average", torch.zeros_like(p))
                    p.sub_(group["lr"] * kept.lerp_(p.grad, 0.3).sign())


def test_a_plugins_optimizer_and_schedule_resume_bit_for_bit(toy, tmp_path):
    class SignsSpec(OptimizerSpec):
        name: str = "signs"

        def build(self, context):
            return Signs(context.parameters, {"lr": self.lr})

    class Wave(ScheduleSpec):
        name: str = "wave"

        def build(self, context):
            return lambda step, total, per_epoch: 0.5 if step % 2 else step / total

    spec = toy.run_spec(optimizer=SignsSpec(lr=0.02), schedule=Wave())
    alone, _ = trained_alone_and_interrupted(toy, tmp_path, spec)
    assert [row["learning_rate"] for row in rows(alone)] == [0.01] * 4


def test_a_rule_of_a_plugin_stops_a_run_where_it_says(toy, tmp_path):
    class AfterThree(StoppingSpec):
        name: str = "after_three"

        def build(self, context):
            return lambda history: len(history.scores) == 3 and history.patience == 7

    stopping = {"rule": AfterThree(), "patience": 7}
    selection, _ = toy.train_in(tmp_path, toy.run_spec(training={"early_stopping": stopping}))
    assert (selection.epochs_run, selection.stopped_early) == (3, True)


def test_what_a_rule_says_is_true_or_false(toy, tmp_path):
    class Vague(StoppingSpec):
        name: str = "vague"

        def build(self, context):
            return lambda history: "perhaps"

    spec = toy.run_spec(training={"early_stopping": {"rule": Vague()}})
    with pytest.raises(RunError, match="returned 'perhaps'"):
        toy.train_in(tmp_path, spec)


def test_the_published_rule_needs_a_task(toy, tmp_path):
    spec = toy.run_spec(
        objective={"task": None, "regularizers": (toy.CentreSpec(),)},
        training={"early_stopping": {"rule": "published"}},
    )
    with pytest.raises(InputError, match="no task"):
        toy.train_in(tmp_path, spec)


def spoiled(toy, function, **changes):
    """A spec and its objective with one more term that computes ``function``."""

    class Spoiler(toy.RegularizerSpec):
        name: str = "spoiler"

        def build(self, context):
            return toy.Given(function)

    terms = (toy.CentreSpec(weight=0.1), Spoiler())
    return toy.run_spec(
        objective={"task": toy.CrossEntropySpec(), "regularizers": terms}, **changes
    )


def test_nan_names_the_term_the_epoch_and_the_step_and_keeps_the_checkpoint(toy, tmp_path):
    calls = []

    def later_nan(batch):
        calls.append(1)
        value = float("nan") if len(calls) == 2 * 6 + 5 else 1.0
        return batch.source.features.mean() * value

    with pytest.raises(RunError, match=r"'spoiler' became nan in epoch 3, step 5 of 6"):
        toy.train_in(tmp_path, spoiled(toy, later_nan))
    kept = toy.last_checkpoint(tmp_path)
    assert kept["epoch"] == 2
    assert all(torch.isfinite(w).all() for w in kept["objective"].values())


def test_infinity_is_named_too(toy, tmp_path):
    with pytest.raises(RunError, match="'spoiler' became inf in epoch 1, step 1 of 6"):
        toy.train_in(
            tmp_path, spoiled(toy, lambda batch: (batch.source.features.sum() ** 2 + 1) * 1e39)
        )


def nan_gradient(batch):
    return torch.sqrt(batch.source.features.sum() * 0)


def test_a_nan_gradient_is_caught_by_clipping(toy, tmp_path):
    spec = spoiled(toy, nan_gradient, training={"gradient_clip": 1.0})
    with pytest.raises(RunError, match="gradient's norm became nan in epoch 1, step 1"):
        toy.train_in(tmp_path, spec)


def test_a_nan_gradient_without_clipping_is_not_blamed_on_a_term(toy, tmp_path):
    with pytest.raises(RunError, match=r"weight' holds NaN .* the step before epoch 1, step 2"):
        toy.train_in(tmp_path, spoiled(toy, nan_gradient))


def test_a_nan_gradient_in_the_last_step_of_an_epoch_leaves_no_checkpoint(toy, tmp_path):
    spec = spoiled(toy, nan_gradient, training={"batch_size": 100})
    with pytest.raises(RunError, match=r"holds NaN .* after epoch 1"):
        toy.train_in(tmp_path, spec)
    assert not (tmp_path / "checkpoint").exists()


def test_clipping_bounds_the_step(toy, tmp_path):
    sgd = {"name": "sgd", "lr": 1.0, "momentum": 0.0}
    spec = toy.run_spec(
        optimizer=sgd,
        schedule={"name": "constant"},
        training={"epochs": 1, "batch_size": 200, "gradient_clip": 1e-3},
        model={"backbone": toy.LayersSpec()},
        objective={"task": toy.CrossEntropySpec()},
    )
    start = toy.make_objective(spec).network.head.state_dict()
    _, end = toy.train_in(tmp_path, spec)
    moved = sum((start[k] - w).square().sum() for k, w in end.network.head.state_dict().items())
    assert 0 < moved.sqrt() <= 1.001e-3


def test_a_term_that_is_detached_is_an_error(toy, tmp_path):
    with pytest.raises(RunError, match="'spoiler' has no gradient in epoch 1, step 1"):
        toy.train_in(tmp_path, spoiled(toy, lambda batch: batch.source.features.detach().mean()))


def test_a_module_that_torch_does_not_see_is_an_error(toy, tmp_path):
    hidden = [torch.nn.Linear(8, 1)]
    with pytest.raises(RunError, match=r"'spoiler' depends on .*in no optimizer group"):
        toy.train_in(tmp_path, spoiled(toy, lambda batch: hidden[0](batch.source.features).mean()))


def test_frozen_parts_do_not_change_until_they_are_released(toy, tmp_path):
    init = {"run": "earlier", "freeze": ("backbone",), "freeze_epochs": 2}
    spec = toy.run_spec(init_from=init)
    start = toy.make_objective(spec).network.state_dict()
    start = {name: tensor.clone() for name, tensor in start.items()}
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(tmp_path, spec, reporter=StopAt(3, 1))
    after = toy.last_checkpoint(tmp_path)["objective"]
    for name, tensor in start.items():
        frozen = name.startswith("backbone")
        assert torch.equal(tensor, after[f"network.{name}"]) == frozen, name
    toy.train_in(tmp_path, spec, resume=True)
    after = toy.last_checkpoint(tmp_path)["objective"]
    assert not torch.equal(start["backbone.linear.weight"], after["network.backbone.linear.weight"])
    assert after["network.backbone.norm.num_batches_tracked"] > 0


def test_resuming_while_frozen_ends_the_same(toy, tmp_path):
    spec = toy.run_spec(init_from={"run": "x", "freeze": ("backbone",), "freeze_epochs": 2})
    toy.train_in(tmp_path / "alone", spec)
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(tmp_path / "broken", spec, reporter=StopAt(2, 3))
    toy.train_in(tmp_path / "broken", spec, resume=True)
    assert_same_training(tmp_path / "alone", tmp_path / "broken", toy)


def test_freezing_everything_is_an_error(toy, tmp_path):
    spec = toy.run_spec(
        init_from={"run": "x", "freeze": ("backbone", "head")},
        objective={"task": toy.CrossEntropySpec()},
    )
    with pytest.raises(RunError, match=r"nothing to train.*init_from\.freeze"):
        toy.train_in(tmp_path, spec)


def test_bfloat16_trains(toy, tmp_path):
    spec = toy.run_spec(training={"precision": "bfloat16"})
    _, objective = toy.train_in(tmp_path, spec)
    assert {p.dtype for p in objective.parameters()} == {torch.float32}
    assert rows(tmp_path)[-1]["losses"]["ce"] < rows(tmp_path)[0]["losses"]["ce"]


def trained_alone_and_interrupted(toy, path, spec):
    """The folders of one training and of another that was interrupted, which ended the same."""
    alone, broken = path / "alone", path / "broken"
    toy.train_in(alone, spec)
    with pytest.raises(KeyboardInterrupt):
        toy.train_in(broken, spec, reporter=StopAt(3, 2))
    toy.train_in(broken, spec, resume=True)
    assert_same_training(alone, broken, toy)
    return alone, broken


def test_steps_of_an_epoch_by_number_resume_bit_for_bit(toy, tmp_path):
    spec = toy.run_spec(training={"pass_over": 8})
    alone, _ = trained_alone_and_interrupted(toy, tmp_path, spec)
    assert [row["step"] for row in rows(alone)] == [8, 16, 24, 32]
    last = spec.schedule.build(BuildContext(seed=0))(31, 32, 8)
    assert rows(alone)[-1]["learning_rate"] == pytest.approx(spec.optimizer.lr * last)


def test_a_run_without_source_rows_resumes_bit_for_bit(toy, tmp_path):
    terms = (InformationMaximizationSpec(), PseudoLabelsSpec(weight=0.3))
    spec = toy.run_spec(objective={"task": None, "regularizers": terms})
    alone, _ = trained_alone_and_interrupted(toy, tmp_path, spec)
    assert "terms.pseudo_labels.labels" in toy.last_checkpoint(alone)["objective"]


def test_a_term_brings_the_network_back_to_its_start(toy, tmp_path):
    terms = {"task": None, "regularizers": (toy.CollapseSpec(),)}
    spec = toy.run_spec(objective=terms, training={"pass_over": 4, "epochs": 1})
    start = toy.make_objective(spec).network.state_dict()
    toy.train_in(tmp_path / "back", spec)
    back = toy.last_checkpoint(tmp_path / "back")
    assert all(torch.equal(back["objective"][f"network.{n}"], t) for n, t in start.items())
    assert back["optimizer"]["state"] == {}
    toy.train_in(
        tmp_path / "on",
        spec.model_copy(update={"training": spec.training.model_copy(update={"pass_over": 3})}),
    )
    moved = toy.last_checkpoint(tmp_path / "on")["objective"]
    assert not torch.equal(moved["network.head.0.weight"], start["head.0.weight"])


def test_a_run_that_starts_over_resumes_bit_for_bit(toy, tmp_path):
    terms = {"task": None, "regularizers": (toy.CollapseSpec(),)}
    trained_alone_and_interrupted(toy, tmp_path, toy.run_spec(objective=terms))


def test_state_and_epoch_hooks_survive_an_interruption_bit_for_bit(toy, tmp_path):
    terms = (toy.MemorySpec(weight=0.1),)
    spec = toy.run_spec(objective={"task": toy.CrossEntropySpec(), "regularizers": terms})
    alone, _ = trained_alone_and_interrupted(toy, tmp_path, spec)
    left = toy.last_checkpoint(alone)["objective"]
    assert left["terms.memory.steps"] == 4 * 6
    assert left["terms.memory.drift"] > 0


def test_hooks_that_do_nothing_change_nothing(toy, tmp_path):
    class Drawing(toy.CrossEntropy):
        def on_epoch_start(self, view):
            torch.rand(5)

    spec = toy.run_spec()
    objective = toy.make_objective(spec)
    objective.terms["ce"] = Drawing()
    toy.train_in(tmp_path / "drawing", spec, objective=objective)
    toy.train_in(tmp_path / "plain", spec)
    assert_same_training(tmp_path / "drawing", tmp_path / "plain", toy)


def with_phases(toy, **training):
    terms = (toy.CriticSpec(weight=0.1), toy.DuelSpec())
    objective = {"task": toy.CrossEntropySpec(), "regularizers": terms}
    return toy.run_spec(objective=objective, training=training)


@pytest.mark.parametrize("clip", [None, 0.5])
def test_phases_and_their_optimizers_survive_an_interruption_bit_for_bit(toy, tmp_path, clip):
    spec = with_phases(toy, gradient_clip=clip)
    alone, broken = trained_alone_and_interrupted(toy, tmp_path, spec)
    left, right = (toy.last_checkpoint(path)["phases"] for path in (alone, broken))
    assert left.keys() == {"critic.critic", "duel.agree"}
    for name, times in (("critic.critic", 2), ("duel.agree", 1)):
        for number, state in left[name]["state"].items():
            assert state["step"] == 4 * 6 * times
            assert all(torch.equal(state[k], right[name]["state"][number][k]) for k in state)


def test_the_log_tells_the_loss_of_every_phase(toy, tmp_path):
    toy.train_in(tmp_path, with_phases(toy, epochs=1))
    (row,) = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    found = {name: row["diagnostics"][name] for name in row["diagnostics"] if name[:4] == "duel"}
    assert found.keys() == {f"duel.{each}" for each in ("warm up", "apart", "together", "agree")}
    assert found["duel.apart"] < 0 < found["duel.together"]


def test_a_checkpoint_without_the_optimizer_of_a_phase_does_not_fit(toy, tmp_path):
    toy.train_in(tmp_path, toy.run_spec(objective={"task": toy.CrossEntropySpec()}))
    terms = (toy.CriticSpec(weight=0.1),)
    other = toy.run_spec(objective={"task": toy.CrossEntropySpec(), "regularizers": terms})
    with pytest.raises(RunError, match="does not fit"):
        toy.train_in(tmp_path, other, resume=True)


def test_the_clipped_norm_is_of_what_an_update_moves(toy, tmp_path, monkeypatch):
    clipped = []
    clip = torch.nn.utils.clip_grad_norm_
    monkeypatch.setattr(
        torch.nn.utils,
        "clip_grad_norm_",
        lambda parameters, norm: clipped.append(list(parameters)) or clip(parameters, norm),
    )
    _, objective = toy.train_in(tmp_path, with_phases(toy, gradient_clip=1.0, epochs=1))
    network, duel = objective.network, objective.term("duel")
    critic = [*objective.term("critic").critic.parameters()]
    head, backbone = [*network.head.parameters()], [*network.backbone.parameters()]
    own = [*duel.parameters()]
    main = [*network.parameters(), objective.term("critic").shift, *own]
    updates = [critic, critic, own, main, [*head, *own], backbone, backbone, backbone, head]
    assert [set(map(id, each)) for each in clipped[:9]] == [set(map(id, each)) for each in updates]
