"""Published faults of other libraries do not occur here: a test by name for each.

What they do was read or measured in DeepMerge II, tllib (and dalib 0.2, its forerunner),
pytorch-adapt 0.0.83, skada 0.6, AdaTime, DeepDA, ADA, pykale 0.2.1 and DomainBed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import ot
import pytest
import torch
from torch.nn import functional

from dakit.builtin import regularizers, tasks, transfer, validators
from dakit.builtin.regularizers.bnm import BNMSpec
from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.fisher import FisherSpec
from dakit.builtin.regularizers.mcc import MCCSpec
from dakit.builtin.tasks.cross_entropy import CrossEntropySpec
from dakit.builtin.transfer.cdan import CDANSpec
from dakit.builtin.transfer.cdd import CDDSpec
from dakit.builtin.transfer.coral import CORALSpec
from dakit.builtin.transfer.daan import DAANSpec
from dakit.builtin.transfer.dann import DANNSpec
from dakit.builtin.transfer.jan import JANSpec
from dakit.builtin.transfer.lmmd import LMMDSpec
from dakit.builtin.transfer.mdd import MDDSpec
from dakit.builtin.transfer.mmd import MMDSpec
from dakit.contracts import BuildContext, EpochView, ganin_strength
from dakit.spec.run import RunSpec
from dakit.training.checkpoint import save_checkpoint
from dakit.training.objective import Objective, build_objective
from dakit.training.optimizer import Optimizers

CONTEXT = BuildContext(
    seed=3,
    feature_dim=5,
    num_classes=3,
    class_counts=(6, 5, 5),
    source_size=16,
    target_size=16,
    num_source_domains=2,
)
LOSSES = (*tasks.SPECS, *transfer.SPECS, *regularizers.SPECS)
ADVERSARIES = (DANNSpec, CDANSpec, DAANSpec, MDDSpec)
SMALL = {"hidden": (8,), "dropout": 0.0}

TEACH_NOTHING = {"bbse", "saerens"}
"""They weigh the source and correct predictions; their own value is always 0."""


def name_of(spec):
    return spec.model_fields["name"].default


every_loss = pytest.mark.parametrize("spec", LOSSES, ids=name_of)
every_validator = pytest.mark.parametrize("spec", validators.SPECS, ids=name_of)
every_adversary = pytest.mark.parametrize("spec", ADVERSARIES, ids=name_of)


def built(spec, **options):
    return spec(**options).build(CONTEXT).double()


def small(spec, **options):
    return built(spec, **({} if spec is MDDSpec else SMALL), **options)


def gradients(value, batch):
    sides = (batch.source, batch.target)
    leaves = [t for side in sides for t in (side.features, side.logits)]
    return torch.autograd.grad(value, leaves, allow_unused=True, materialize_grads=True)


def squared(x, y):
    return ((x[:, None] - y) ** 2).sum(2)


class TestKernels:
    """MMD and its kin."""

    @pytest.mark.parametrize("bandwidth", ["fixed", "median", "mean"])
    @pytest.mark.parametrize("spec", [MMDSpec, JANSpec, LMMDSpec])
    def test_a_collapsed_batch_is_no_nan(self, spec, bandwidth, make_batch):
        """dalib, pytorch-adapt and pykale divide by a bandwidth of 0: NaN, with NaN gradients."""
        rows = torch.full((8, 5), 0.7, dtype=torch.float64)
        batch = make_batch(source=rows, target=rows)
        options = {"bandwidth": bandwidth} if spec is MMDSpec else {}
        value = built(spec, **options)(batch)
        assert value.isfinite()
        assert all(gradient.isfinite().all() for gradient in gradients(value, batch))

    @pytest.mark.parametrize("bandwidth", ["median", "mean"])
    def test_the_bandwidth_is_a_constant(self, bandwidth, make_batch):
        """skada's DAN lets the gradient through its median distance: a third too large."""
        batch = make_batch()
        value = built(MMDSpec, bandwidth=bandwidth, factors=(1.0,))(batch)
        rows = torch.cat([batch.source.features, batch.target.features]).detach()
        distances = squared(rows, rows)[tuple(torch.triu_indices(16, 16, 1))]
        h = distances.median() if bandwidth == "median" else distances.mean()
        fixed = built(MMDSpec, variances=(h.item(),))(batch)
        torch.testing.assert_close(gradients(value, batch), gradients(fixed, batch))

    def test_the_kernel_is_gaussian(self, make_batch):
        """skada's "Gaussian" kernel is exp(-|x - y| / s), without the square."""
        x, y = (torch.tensor([[value]]).double() for value in (0.0, 2.0))
        value = built(MMDSpec, variances=(1.0,))(make_batch(source=x, target=y))
        assert value.item() == pytest.approx(2 - 2 * math.exp(-2), rel=1e-12)

    def test_equal_samples_are_at_distance_0_without_a_constant(self, make_batch):
        """tllib adds 2 / (n - 1), which makes up for the diagonal of one kernel and not of five."""
        rows = torch.randn(8, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        batch = make_batch(source=rows, target=rows)
        options = {"bandwidth": "mean", "factors": (0.25, 0.5, 1.0, 2.0, 4.0)}
        assert built(MMDSpec, **options)(batch).item() == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize("offset", [1e-3, 1e-2])
    def test_a_small_distance_has_a_gradient(self, offset, make_batch):
        """DeepMerge clamps at 1e-4: no gradient where the domains are near."""
        rows = torch.randn(8, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        batch = make_batch(source=rows, target=rows + offset)
        value = built(MMDSpec, variances=(5.0,))(batch)
        assert value < 1e-4
        assert gradients(value, batch)[2].abs().max() > 1e-7

    @pytest.mark.parametrize(
        "spec", [spec for spec in LOSSES if name_of(spec) not in TEACH_NOTHING], ids=name_of
    )
    def test_the_loss_has_a_graph(self, spec, make_batch):
        """AdaTime takes its means in no_grad(): DDC and MMDA trained without their MMD."""
        batch = make_batch(16, 16)
        with torch.no_grad():  # some terms learn from plain predictions alone
            for logits in (batch.source.logits, batch.target.logits):
                logits.mul_(8)
        term = built(spec, **({"threshold": 0} if name_of(spec) == "mean_teacher" else {}))
        term.on_epoch_start(EpochView(1, 0.5, lambda: batch.source, lambda: batch.target))
        value = term(batch)
        inputs = [*term.parameters(), *batch.network.network.parameters()]
        sides = (batch.source, batch.target, batch.target.second_view)
        inputs += [t for side in sides for t in (side.features, side.logits)]
        found = torch.autograd.grad(value, inputs, allow_unused=True, materialize_grads=True)
        assert value.requires_grad
        assert any(gradient.abs().max() > 0 for gradient in found)

    @pytest.mark.parametrize("variance", [0.3, 3.0])
    def test_a_bandwidth_that_is_given_is_taken(self, variance, make_batch):
        """DeepDA ignores its fix_sigma."""
        batch = make_batch()
        x, y = batch.source.features.detach(), batch.target.features.detach()
        means = [torch.exp(-squared(a, b) / (2 * variance)).mean() for a, b in
                 ((x, x), (y, y), (x, y))]  # fmt: skip
        wanted = means[0] + means[1] - 2 * means[2]
        value = built(MMDSpec, variances=(variance,))(batch)
        assert value.item() == pytest.approx(wanted.item(), rel=1e-9)

    def test_local_mmd_knows_no_device(self, make_batch, monkeypatch):
        """DeepDA's LMMD calls .cuda()."""

        def refused(*args, **kwargs):
            raise AssertionError("moved to a device that nobody asked for")

        monkeypatch.setattr(torch.Tensor, "cuda", refused)
        assert built(LMMDSpec)(make_batch()).isfinite()

    def test_cdd_compares_the_rows_of_its_classes_alone(self, make_batch):
        """skada's masks columns only, so that rows of other classes count too."""
        batch = make_batch(9, 9)
        term = built(CDDSpec, factors=(1.0,))
        term.labels[:9] = batch.source.labels
        x, y = batch.source.features.detach(), batch.target.features.detach()
        of = batch.source.labels
        rows = torch.cat([x, y])
        h = squared(rows, rows).sum() / (18 * 17)
        value = 0.0
        for c, d in itertools.product(range(3), range(3)):
            between = torch.exp(-squared(x[of == c], y[of == d]) / (2 * h)).mean().item()
            value += -2 * between / 3 if c == d else 2 * between / 6
        assert term(batch).item() == pytest.approx(value, rel=1e-6)

    def test_the_discrepancy_of_a_class_is_that_of_its_rows_alone(self, make_batch):
        """The same of LMMD, class by class."""
        x = torch.tensor([[0.0], [4.0], [0.5], [7.0]]).double()
        labels = torch.tensor([0, 1, 0, 1])
        batch = make_batch(source=x, target=x + 0.25, labels=labels, classes=2)
        with torch.no_grad():
            batch.target.logits.copy_(80 * functional.one_hot(labels, 2))
        context = replace(CONTEXT, feature_dim=1, num_classes=2)
        value = LMMDSpec(factors=(1.0,)).build(context)(batch)
        rows = torch.cat([x, x + 0.25])
        h = squared(rows, rows).sum() / (8 * 7)
        wanted = 0.0
        for c in (0, 1):
            a, b = x[labels == c], x[labels == c] + 0.25
            means = [
                torch.exp(-squared(p, q) / (2 * h)).mean() for p, q in ((a, a), (b, b), (a, b))
            ]
            wanted += (means[0] + means[1] - 2 * means[2]).item() / 2
        assert value.item() == pytest.approx(wanted, rel=1e-9)


class TestBatches:
    """Whatever a batch may be."""

    @every_loss
    def test_float64_is_taken(self, spec, make_batch):
        """skada's DAN fails where bandwidths are given."""
        assert built(spec)(make_batch(dtype=torch.float64)).isfinite()

    @every_loss
    @pytest.mark.parametrize(("n", "m"), [(5, 9), (9, 5), (1, 4)])
    def test_domains_may_differ_in_size(self, spec, n, m, make_batch):
        """tllib, the linear MMD of ADA and pykale, and skada's DeepJDOT need n_s = n_t."""
        assert built(spec)(make_batch(n, m)).isfinite()

    def test_deepjdot_takes_domains_that_differ_in_size(self, make_batch):
        """skada's raises ValueError."""
        from dakit_optimal_transport.deepjdot import DeepJDOT

        batch = make_batch(5, 9)
        x, y = batch.source.features.detach(), batch.target.features.detach()
        costs = (
            0.1 * squared(x, y)
            - 0.5 * batch.target.logits.detach().log_softmax(1)[:, batch.source.labels].T
        )
        wanted = ot.emd2(ot.unif(5), ot.unif(9), costs.numpy())
        value = DeepJDOT(feature_weight=0.1, label_weight=0.5).build(CONTEXT)(batch)
        assert value.item() == pytest.approx(wanted, rel=1e-9)


class TestCovariances:
    """Deep CORAL."""

    def test_domains_that_differ_in_their_means_alone_are_alike(self, make_batch):
        """tllib and DomainBed add the distance of the means."""
        x = make_batch().source.features.detach()
        value = built(CORALSpec)(make_batch(source=x, target=x + 3))
        assert value.item() == pytest.approx(0, abs=1e-20)

    def test_the_factor_is_1_over_4_d_squared_of_unbiased_covariances(self, make_batch):
        """AdaTime leaves out 1/(n - 1) and divides by d^2 twice, DeepMerge leaves out the 4."""
        batch = make_batch(6, 11)
        x, y = (side.features.detach().numpy() for side in (batch.source, batch.target))
        wanted = ((np.cov(x.T) - np.cov(y.T)) ** 2).sum() / (4 * 5**2)
        assert built(CORALSpec)(batch).item() == pytest.approx(wanted, rel=1e-9)


class TestReversal:
    """Gradient reversal and its schedule."""

    @every_adversary
    def test_the_strength_follows_progress_and_not_the_calls(self, spec, make_batch):
        """tllib and DeepDA count forward calls; DeepDA's ends at 0.46."""
        term = small(spec, schedule="ganin")
        batch = make_batch(progress=0.3)
        first = gradients(term(batch), batch)
        for _ in range(20):
            term(batch)
        torch.testing.assert_close(gradients(term(batch), batch), first)

    @every_adversary
    def test_the_strength_is_0_at_the_start_and_whole_at_the_end(self, spec, make_batch):
        """AdaTime's is at 0.92 in the first step, by the precedence of an operator."""

        def of_features(schedule, progress):
            batch = make_batch(progress=progress)
            return gradients(small(spec, schedule=schedule)(batch), batch)[0]

        whole = of_features("constant", 0.0)
        assert whole.abs().max() > 0
        assert of_features("ganin", 0.0).abs().max() == 0
        torch.testing.assert_close(of_features("ganin", 1.0), ganin_strength(1.0) * whole)
        assert ganin_strength(1.0) > 0.999

    @every_adversary
    def test_features_are_driven_uphill_and_the_adversary_downhill(self, spec, make_batch):
        """A gamma of -10 was shipped with DANN; users of six libraries ask for the sign."""
        batch = make_batch()
        term = small(spec, schedule="constant", reversal=0.5)
        before = term(batch)
        found = gradients(before, batch)
        with torch.no_grad():
            for features, gradient in zip(
                (batch.source.features, batch.target.features), found[::2], strict=True
            ):
                features.sub_(1e-4 * gradient)  # what the network's optimizer does
        assert term(batch) > before
        value = term(batch)
        value.backward()
        with torch.no_grad():
            for parameter in term.parameters():
                if parameter.grad is not None:
                    parameter.sub_(1e-3 * parameter.grad)
        assert term(batch) < value

    @every_adversary
    def test_it_runs_with_the_numpy_of_today(self, spec, make_batch):
        """np.float left numpy in 1.24; every adversarial method of tllib and dalib calls it."""
        assert not hasattr(np, "float")
        assert small(spec)(make_batch()).isfinite()

    @pytest.mark.parametrize("confident", [50.0, 200.0, 1e4])
    def test_mdd_of_a_sure_adversary_is_no_nan(self, confident, make_batch):
        """thuml's log(1 - p) overflows to NaN."""
        batch, term = make_batch(), built(MDDSpec)
        with torch.no_grad():
            for parameter in term.parameters():
                parameter.mul_(confident)
        value = term(batch)
        assert value.isfinite()
        assert all(gradient.isfinite().all() for gradient in gradients(value, batch))

    def test_mdd_takes_one_pair_a_row(self, make_batch):
        """skada's indexes [..., target]: all n x n pairs of rows and choices."""
        batch, term = make_batch(6, 9), built(MDDSpec, gamma=2.0)
        total = 0.0
        for side, sign in ((batch.source, 1), (batch.target, 0)):
            p = term.head(side.features).softmax(1).detach()
            rows = [p[i, c].item() for i, c in enumerate(side.logits.argmax(1).tolist())]
            total -= np.mean([2 * math.log(q) if sign else math.log(1 - q) for q in rows])
        assert term(batch).item() == pytest.approx(total, rel=1e-9)


class TestDomains:
    """Domain classifiers."""

    def test_every_domain_has_half_of_the_loss(self, make_batch):
        """A joint mean gives the larger domain more; skada sums, pytorch-adapt averages all."""
        batch, term = make_batch(4, 12), small(DANNSpec)
        logits = [term.discriminator(s.features)[:, 0] for s in (batch.source, batch.target)]
        losses = [
            functional.binary_cross_entropy_with_logits(z, torch.full_like(z, label))
            for z, label in zip(logits, (1.0, 0.0), strict=True)
        ]
        assert term(batch).item() == pytest.approx(sum(losses).item() / 2, rel=1e-9)

    def test_terms_are_summed_and_never_averaged(self, make_batch):
        """pytorch-adapt takes the mean over all terms, the task's among them."""
        network = make_batch().network.network
        specs = {"task": CrossEntropySpec(), "entropy": EntropySpec(weight=0.3)}
        terms = {name: spec.build(CONTEXT) for name, spec in specs.items()}
        batch = make_batch(dtype=torch.float32)
        output = Objective(network, terms, specs).losses(batch)
        wanted = output.losses["task"] + 0.3 * output.losses["entropy"]
        torch.testing.assert_close(output.total, wanted)

    def test_every_discriminator_of_daan_learns_which_rows_are_of_the_target(self, make_batch):
        """DeepDA hands lambda over as "source": target rows became source rows after one step."""
        batch, term = make_batch(32, 32), small(DAANSpec, schedule="constant", reversal=1e-9)
        optimizer = torch.optim.Adam(term.parameters(), lr=0.02)
        for _ in range(60):
            optimizer.zero_grad()
            term(batch).backward()
            optimizer.step()
        for c, local in enumerate(term.of_class):
            on_source, on_target = (
                local(side.logits.softmax(1)[:, c : c + 1] * side.features).mean()
                for side in (batch.source, batch.target)
            )
            assert on_source > 0 > on_target

    def test_the_strength_of_daan_is_that_of_the_run(self, make_batch):
        """In DeepDA lambda stays 1."""
        found = []
        for reversal in (0.1, 0.2):
            batch = make_batch()
            term = small(DAANSpec, schedule="constant", reversal=reversal)
            found.append(gradients(term(batch), batch)[0])
        torch.testing.assert_close(2 * found[0], found[1])

    def test_the_random_map_of_cdan_is_kept_and_moves_with_the_term(self, make_batch):
        """skada draws another one in each forward; tllib keeps it out of state_dict and .to."""
        term = small(CDANSpec, map_dim=4)
        batch = make_batch()
        torch.manual_seed(0)
        first = term(batch)
        torch.manual_seed(1)
        assert torch.equal(first, term(batch))
        assert {"of_features", "of_predictions"} <= set(term.state_dict())
        assert term.to("meta").of_features.device.type == "meta"

    def test_cdan_sees_probabilities(self, make_batch):
        """skada's map takes raw logits: a constant added to a row's logits changed the loss."""
        batch, term = make_batch(), small(CDANSpec)
        before = term(batch)
        with torch.no_grad():
            batch.source.logits.add_(7.0)
        torch.testing.assert_close(term(batch), before)

    def test_cdan_conditions_on_entropy_in_each_domain(self, make_batch):
        """skada's does not at all; tllib's shares one sum among both domains."""
        batch, term = make_batch(), small(CDANSpec)
        assert CDANSpec().entropy_conditioning
        with torch.no_grad():
            batch.target.logits.mul_(0.01)  # near to even: their weights fall together
        total = 0.0
        for side, sign in ((batch.source, 1), (batch.target, -1)):
            p = side.logits.softmax(1)
            seen = (side.features[:, :, None] * p[:, None]).flatten(1)
            weights = 1 + torch.exp(-torch.distributions.Categorical(p).entropy())
            on = functional.logsigmoid(sign * term.discriminator(seen)[:, 0])
            total -= 0.5 * ((weights / weights.sum()) * on).sum().item()
        assert term(batch).item() == pytest.approx(total, rel=1e-9)

    def test_the_entropy_of_cdan_is_learned_from(self, make_batch):
        """tllib detaches it; the authors let it through the reversal."""
        batch, term = make_batch(), small(CDANSpec, schedule="constant", reversal=0.5)
        value = term(batch)
        plain = small(CDANSpec, schedule="constant", reversal=0.5, entropy_conditioning=False)
        plain.load_state_dict(term.state_dict())
        difference = gradients(value, batch)[1] - gradients(plain(batch), batch)[1]
        assert difference.abs().max() > 1e-6


class TestPredictions:
    """Losses of logits."""

    def test_the_entropy_is_that_of_predictions(self, make_batch):
        """AdaTime's MMDA takes it of the features."""
        batch = make_batch()
        value = built(EntropySpec)(batch)
        of = gradients(value, batch)
        assert of[3].abs().max() > 0
        assert of[2].abs().max() == 0

    @pytest.mark.parametrize("gap", [5.0, 12.0, 30.0])
    def test_the_entropy_is_exact_where_it_is_small(self, gap, make_batch):
        """tllib and pykale add 1e-5 in the logarithm, DeepMerge leaves out p < 1e-6."""
        batch = make_batch(8, 1)
        with torch.no_grad():
            batch.target.logits.copy_(torch.tensor([[gap, 0.0, 0.0]]))
        q = 1 / (math.exp(gap) + 2)
        wanted = -2 * q * math.log(q) + 2 * q
        found = built(EntropySpec)(batch).item()
        assert found == pytest.approx(wanted, rel=2 * math.exp(-gap) + 1e-9)

    @pytest.mark.parametrize("rows", [24, 3])
    def test_the_nuclear_norm_is_divided_by_the_batch(self, rows, make_batch):
        """DeepDA takes the mean of the singular values: 4.8 times as much for 24 rows."""
        batch = make_batch(8, rows, classes=5)
        p = batch.target.logits.softmax(1).detach().numpy()
        wanted = -np.linalg.norm(p, "nuc") / rows
        assert built(BNMSpec)(batch).item() == pytest.approx(wanted, rel=1e-9)

    def test_the_weights_of_mcc_are_constants(self, make_batch):
        """skada's are not: the same value, another gradient."""
        batch, temperature = make_batch(), 2.5
        p = (batch.target.logits / temperature).softmax(1)
        w = 1 + torch.exp(-torch.distributions.Categorical(p).entropy())
        w = (w * len(w) / w.sum()).detach()
        confusion = torch.einsum("b,bc,bd->cd", w, p, p)
        shares = confusion / confusion.sum(1, keepdim=True)
        wanted = (shares.sum() - shares.trace()) / 3
        value = built(MCCSpec, temperature=temperature)(batch)
        torch.testing.assert_close(gradients(value, batch), gradients(wanted, batch))


def objective_of_digits():
    """The network and the terms of a run with a Fisher loss, and its spec."""
    given = {
        "schema_version": 1,
        "name": "fisher",
        "data": {"name": "digits_shift"},
        "model": {"backbone": {"name": "mlp"}},
        "objective": {"task": "cross_entropy", "regularizers": ["fisher"]},
    }
    spec = RunSpec.model_validate(given)
    context = BuildContext(seed=0, input_shape=(1, 8, 8), num_classes=10)
    return build_objective(spec, context), spec


class TestCentres:
    """The Fisher loss."""

    def test_centres_that_are_learned_are_in_the_optimizer(self):
        """In DeepMerge a script that forgets them leaves them as they were drawn."""
        objective, _spec = objective_of_digits()
        groups = Optimizers(torch.optim.Adam, objective).main.param_groups
        held = [parameter for group in groups for parameter in group["params"]]
        assert any(parameter is objective.term("fisher").centres for parameter in held)

    def test_the_mean_is_free_of_the_size_of_the_batch(self, make_batch):
        """DeepMerge's sum grows with it."""
        one = make_batch(6, 6)
        twice = torch.cat([one.source.features.detach()] * 2)
        two = make_batch(source=twice, labels=one.source.labels.repeat(2))
        term = built(FisherSpec, reduction="mean")
        assert term(two).item() == pytest.approx(term(one).item(), rel=1e-9)

    @pytest.mark.filterwarnings("error")
    @every_loss
    def test_no_call_that_torch_calls_deprecated(self, spec, make_batch):
        """DeepMerge's addmm_ warns in every step."""
        built(spec)(make_batch()).backward()


class TestDefaults:
    """What is shipped works as it is shipped."""

    @every_validator
    def test_a_validator_is_built_with_its_defaults(self, spec):
        """pytorch-adapt's MMDValidator() raises, its KNN validators need faiss."""
        assert callable(spec().build(CONTEXT))

    def test_a_checkpoint_loads_as_torch_loads_by_default(self, tmp_path):
        """pytorch-adapt's DEV saves one that torch refuses."""
        objective, _spec = objective_of_digits()
        optimizers = Optimizers(torch.optim.Adam, objective)
        save_checkpoint(
            tmp_path, 1, {"objective": objective.state_dict(), **optimizers.state_dict()}
        )
        (path,) = tmp_path.glob("*.pt")
        assert torch.load(path, weights_only=True).keys() >= {"objective", "optimizer"}

    @every_validator
    def test_no_validator_but_one_that_says_so_sees_target_labels(self, spec):
        """tllib, DeepDA and others stop early on the target's test accuracy."""
        assert spec.uses_target_labels == (spec.model_fields["name"].default == "oracle")
        assert not objective_of_digits()[1].training.selection.uses_target_labels
