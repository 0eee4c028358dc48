"""Domain-specific spaces and classifiers for several sources (Zhu et al. 2019)."""

from __future__ import annotations

import math
from itertools import combinations
from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional

from dakit.builtin.numerics import at_least_float32, zero_with_graph
from dakit.builtin.transfer.kernels import biased_mmd, gaussian_bank, heuristic, pair_distances
from dakit.builtin.transfer.mfsan import MFSANSpec
from dakit.contracts import Batch, BuildContext, LossTerm, Need, ganin_strength, seeded


@final
class Branch(nn.Module):
    """The space and the classifier of one source domain."""

    def __init__(self, features: int, width: int, classes: int) -> None:
        super().__init__()
        self.space = nn.Sequential(nn.Linear(features, width), nn.ReLU())
        self.classifier = nn.Linear(width, classes)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the rows ``(B, W)`` in the space and their logits ``(B, C)``."""
        rows = self.space(features)
        return rows, self.classifier(rows)


@final
class MeanPrediction(nn.Module):
    """Predicts the mean of all classifiers' probabilities."""

    def __init__(self, branches: nn.ModuleList) -> None:
        super().__init__()
        self.branches = branches

    def forward(self, features: Tensor) -> Tensor:
        """Return the logarithms of the mean probabilities ``(B, C)``."""
        said = torch.stack([branch(features)[1].log_softmax(dim=1) for branch in self.branches])
        logits: Tensor = torch.logsumexp(said, dim=0) - math.log(len(self.branches))
        return logits


@final
class MFSAN(LossTerm):
    """Classification, alignment and agreement of a branch for each source; see ``MFSANSpec``."""

    needs: frozenset[Need] = frozenset({"source_domains"})

    def __init__(self, spec: MFSANSpec, context: BuildContext) -> None:
        super().__init__()
        self._factors = spec.factors
        shape = (context.feature_dim, spec.width, context.num_classes)
        with seeded(context.seed, "mfsan"):
            branches = [Branch(*shape) for _ in range(context.num_source_domains)]
        self.mean = MeanPrediction(nn.ModuleList(branches))

    def predictor(self) -> nn.Module:
        """Return the mean of the classifiers."""
        return self.mean

    def forward(self, batch: Batch) -> Tensor:
        """Return the sum of the three parts; without target rows the first alone."""
        own_type = next(self.parameters()).dtype
        source, target = (s.features.to(own_type) for s in (batch.source, batch.target))
        domains = batch.source.domains
        assert domains is not None  # needed
        learned, aligned, said = [], [], []
        for number, branch in enumerate(self.mean.branches):
            chosen = domains == number
            rows, logits = branch(source[chosen])
            of_target, target_logits = branch(target)
            said.append(at_least_float32(target_logits).softmax(dim=1))
            if len(rows):
                learned.append(functional.cross_entropy(logits, batch.source.labels[chosen]))
            if len(rows) and len(target):
                aligned.append(self._mmd(rows, of_target))
        apart = [(one - other).abs().mean() for one, other in combinations(said, 2)]
        parts = (aligned, apart) if len(target) else ()
        nothing = zero_with_graph(source, target)
        mild = sum((torch.stack(part).mean() for part in parts if part), nothing)
        return _mean(learned, nothing) + ganin_strength(batch.progress) * mild

    def _mmd(self, source: Tensor, target: Tensor) -> Tensor:
        distances, counts = pair_distances(source, target)
        kernel = gaussian_bank(distances / heuristic(distances.detach(), "mean"), self._factors)
        sums = [part.sum() for part in torch.split(kernel, list(counts))]
        kernels = len(self._factors)
        return biased_mmd(sums, len(source), len(target), kernels) / kernels


def _mean(values: list[Tensor], nothing: Tensor) -> Tensor:
    return torch.stack(values).mean() if values else nothing
