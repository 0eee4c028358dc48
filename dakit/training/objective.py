"""The objective: network and loss terms in one module, from a batch to the total loss.

total = sum over terms of w_i(p) L_i, with the training progress p in [0, 1]. The sum is weighted,
never a mean; in the papers' form ``task + w_T transfer + sum w_i regularizer_i``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast, final

import torch
from torch import Tensor, nn

from dakit.components import LossSpec
from dakit.contracts import (
    Batch,
    BuildContext,
    EpochView,
    LossTerm,
    SourceSide,
    TargetSide,
    empty_source,
)
from dakit.data.batches import InputBatch
from dakit.data.prepare import PreparedData
from dakit.errors import InputError, RunError
from dakit.network import Head, Network, build_network
from dakit.plugins.faults import built, described, number, returned
from dakit.randomness import derived_seed
from dakit.spec.run import ObjectiveSpec, RunSpec
from dakit.spec.training import BatchNormMode, Precision
from dakit.training.passes import Passes
from dakit.training.teacher import MovingAverage


@final
@dataclass(frozen=True)
class StepOutput:
    """The total loss (a scalar with a graph) and each term by name, before its weight."""

    total: Tensor
    losses: dict[str, Tensor]


@final
class Objective(nn.Module):
    """Everything that is trained: the network and all loss terms with what they own.

    ``batch_norm`` says where BatchNorm's batch statistics come from:

    - ``joint``: the network runs once on source and target together, as in DeepMerge II; that is
      itself a form of adaptation, so it is a choice of its own;
    - ``source``: the source passes in training mode; the target passes with the BatchNorm layers
      on their running averages (of the source), and gradients flow through it all the same;
    - ``target``: the same with the domains exchanged;
    - ``domain``: each domain passes in training mode through BatchNorm layers of its own (DSBN,
      Chang et al. 2019), which the network must have;
    - None: ``target`` where no term uses the source; else ``joint`` where some term reads the
      target; else ``source``, and the target does not pass at all.

    Where no term uses the source, no row of it passes.

    Under bfloat16 only the network computes in mixed precision; features and logits are cast
    back, so all losses are float32.
    """

    def __init__(
        self,
        network: Network,
        terms: Mapping[str, LossTerm],
        specs: Mapping[str, LossSpec],
        *,
        batch_norm: BatchNormMode | None = None,
        precision: Precision = "float32",
        teacher: float = 0.99,
    ) -> None:
        super().__init__()
        self.network = network
        self.terms = nn.ModuleDict(dict(terms))
        self.specs = dict(specs)
        self.needs = frozenset(need for term in terms.values() for need in term.needs)
        uses_target = any(term.uses_target for term in terms.values())
        self.needs_source = any(term.uses_source for term in terms.values())
        usual: BatchNormMode = "joint" if uses_target else "source"
        self.batch_norm = batch_norm or (usual if self.needs_source else "target")
        self.needs_target = uses_target or self.batch_norm != "source" or not self.needs_source
        self._passes = Passes(network, self.batch_norm, precision)
        self.teacher = (
            MovingAverage(network, teacher, self.batch_norm, precision)
            if "teacher" in self.needs
            else None
        )
        self.losing = [name for name, term in terms.items() if term.has_loss]
        self._diagnosing = [n for n in self.losing if _overrides(terms[n], "diagnostics")]
        self.may_start_over = [t for t in terms.values() if _overrides(t, "starts_over")]

    def forward(self, batch: InputBatch, progress: float) -> StepOutput:
        """Return the total loss of ``batch`` at training progress ``progress`` in [0, 1].

        Raises RunError where a term does not return a scalar.
        """
        return self.losses(self.see(batch, progress))

    def see(self, batch: InputBatch, progress: float) -> Batch:
        """Return what the terms see of ``batch``: the network runs, on the domains they use."""
        of_source = _given(batch.source_inputs, batch.source_second_inputs)
        of_target = _given(batch.target_inputs, batch.target_second_inputs)
        sources, views = self._passes.views(
            of_source if self.needs_source else [], of_target if self.needs_target else []
        )
        source = sources[0] if sources else views[0].none()
        gives_inputs = "inputs" in self.needs
        first = views[0] if views else source.none()
        seen = Batch(
            empty_source(source.features, source.logits)
            if batch.source_labels is None or not self.needs_source
            else SourceSide(
                source.features,
                source.logits,
                batch.source_labels,
                batch.source_indices,
                domains=batch.source_domains,
                inputs=batch.source_inputs if gives_inputs else None,
                second_view=sources[1] if len(sources) > 1 else None,
            ),
            TargetSide(
                first.features,
                first.logits,
                batch.target_indices,
                second_view=views[1] if len(views) > 1 else None,
                inputs=batch.target_inputs if gives_inputs else None,
            ),
            progress,
            self._passes if "network" in self.needs else None,
            self.teacher,
        )
        return self._weighed(seen)

    def losses(self, seen: Batch) -> StepOutput:
        """Return the total loss of what was ``seen``, and each term. Raises RunError."""
        terms = {name: self.term(name) for name in self.losing}
        losses = {n: scalar(term(seen), term, "forward") for n, term in terms.items()}
        weights = self.weights(seen.progress)
        total = torch.stack([weights[name] * loss for name, loss in losses.items()]).sum()
        return StepOutput(total, losses)

    @property
    def predictors(self) -> dict[str, nn.Module]:
        """What predicts in place of the model's head, by the name of the term it is of."""
        found = {name: self.term(name).predictor() for name in self.terms}
        return {
            name: returned(made, nn.Module, self.terms[name], "predictor")
            for name, made in found.items()
            if made is not None
        }

    @property
    def model(self) -> Network:
        """The network as it predicts and is saved: with the predictor of the term that has one."""
        predictor = next(iter(self.predictors.values()), None)
        if predictor is None:
            return self.network
        return Network(self.network.backbone, self.network.head, predictor)

    @property
    def estimated_shares(self) -> dict[str, list[float]]:
        """The class shares of the target, by the names of the terms that estimate them."""
        found = {name: self.term(name).estimated_shares() for name in self.terms}
        return {name: shares.tolist() for name, shares in found.items() if shares is not None}

    def sizes(self) -> dict[str, int]:
        """Return the number of parameters of backbone, head and each term that has some."""
        parts = {"backbone": self.network.backbone, "head": self.network.head, **self.terms}
        counts = {n: sum(p.numel() for p in part.parameters()) for n, part in parts.items()}
        return {name: n for name, n in counts.items() if n or name in ("backbone", "head")}

    def weights(self, progress: float) -> dict[str, float]:
        """Return the weight of each term with a loss at training progress ``progress``."""
        specs = {name: self.specs[name] for name in self.losing}
        return {
            name: spec.weight if spec.ramp is None else spec.weight * spec.ramp.factor(progress)
            for name, spec in specs.items()
        }

    def diagnostics(self) -> dict[str, Tensor]:
        """Return the terms' diagnostics of the latest step as ``<term>.<what>``."""
        told = {}
        for name in self._diagnosing:
            values = self.term(name).diagnostics()
            if not isinstance(values, Mapping):
                returned(values, Mapping, self.term(name), "diagnostics")
            for what, value in values.items():
                told[f"{name}.{what}"] = _diagnostic(value, self.term(name))
        return told

    @torch.no_grad()
    def on_epoch_start(self, view: EpochView) -> None:
        """Let each term prepare for an epoch."""
        for name in self.terms:
            self.term(name).on_epoch_start(view)

    @torch.no_grad()
    def on_epoch_end(self, view: EpochView) -> None:
        """Let each term draw conclusions from an epoch."""
        for name in self.terms:
            self.term(name).on_epoch_end(view)

    def term(self, name: str) -> LossTerm:
        """Return the term called ``name``."""
        return cast(LossTerm, self.terms[name])

    def _weighed(self, seen: Batch) -> Batch:
        """Return ``seen`` with the product of the weights that the terms give source rows."""
        weighing = [name for name in self.terms if self.term(name).weighs_source]
        if not weighing:
            return seen
        product = torch.stack([self._source_weights(n, seen) for n in weighing]).prod(dim=0)
        return replace(seen, source=replace(seen.source, weights=product))

    def _source_weights(self, name: str, seen: Batch) -> Tensor:
        given = self.term(name).source_weights(seen.detached())
        weights = returned(given, Tensor, self.terms[name], "source_weights").detach()
        if weights.shape != seen.source.labels.shape:
            raise RunError(
                f"the term '{name}' gave source weights of shape {tuple(weights.shape)}; "
                f"expected {tuple(seen.source.labels.shape)}, one a row"
            )
        return weights


def context_for(data: PreparedData, seed: int, base_dir: Path) -> BuildContext:
    """Return what the network and the terms of a run on ``data`` are built with."""
    return BuildContext(
        seed=seed,
        input_shape=data.pair.source.input_shape,
        num_classes=data.pair.num_classes,
        class_counts=data.class_counts,
        base_dir=base_dir,
        source_size=len(data.split.source.train),
        target_size=len(data.split.target.train),
        num_source_domains=max(1, len(data.pair.source.domain_names)),
    )


def build_objective(spec: RunSpec, context: BuildContext) -> Objective:
    """Build the network and the terms of ``spec`` for the shapes in ``context``.

    Initial weights follow from the seed, the network's and each term's separately: runs that
    differ in their terms alone start from the same network. A term whose weight is 0 is absent.

    Raises InputError where no term has a weight above 0.
    """
    torch.manual_seed(derived_seed(context.seed, "network"))
    domain_batch_norm = spec.training.batch_norm == "domain"
    network = build_network(spec.model, context, domain_batch_norm=domain_batch_norm)
    context = replace(
        context,
        feature_dim=network.backbone.feature_dim,
        make_head=partial(Head, spec.model.head),
    )
    specs, terms = term_specs(spec.objective), {}
    for name, term in specs.items():
        torch.manual_seed(derived_seed(context.seed, f"term {name}"))
        terms[name] = built(term, context, LossTerm)
    return Objective(
        network,
        terms,
        specs,
        batch_norm="source" if spec.training.batch_norm == "adabn" else spec.training.batch_norm,
        precision=spec.training.precision,
        teacher=spec.training.teacher,
    )


def term_specs(objective: ObjectiveSpec) -> dict[str, LossSpec]:
    """Return the specs of all terms with a weight, by name; a second ``mmd`` is ``mmd_2``."""
    parts = [objective.task, objective.transfer, *objective.regularizers]
    specs: dict[str, LossSpec] = {}
    for spec in parts:
        if spec is not None and spec.weight > 0:
            specs[unique_name(spec.name, specs)] = spec
    if not specs:
        raise InputError("objective: every term has weight 0, so there is nothing to learn")
    return specs


def unique_name(name: str, taken: Mapping[str, object]) -> str:
    """Return ``name``, or ``name_2``, ``name_3`` ... where it is taken."""
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def scalar(value: object, term: nn.Module, method: str) -> Tensor:
    """Return the loss that ``method`` of a term gave; RunError where it is no scalar tensor."""
    if isinstance(value, Tensor) and value.shape == ():
        return value
    shape = tuple(returned(value, Tensor, term, method).shape)
    raise RunError(
        f"'{method}' of {described(term)} returned a tensor of shape {shape}; "
        "a loss must be a scalar, of shape ()"
    )


def _given(*inputs: Tensor | None) -> list[Tensor]:
    return [each for each in inputs if each is not None]


def _overrides(term: LossTerm, method: str) -> bool:
    return getattr(getattr(term, method), "__func__", None) is not getattr(LossTerm, method)


def _diagnostic(value: object, term: nn.Module) -> Tensor:
    if isinstance(value, Tensor) and value.numel() == 1:  # stays where it is until all are fetched
        return value
    return torch.tensor(number(value, term, "diagnostics"))
