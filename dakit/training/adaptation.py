"""Whether a run adapts: whether a term reads the target or BatchNorm sees it."""

from __future__ import annotations

from collections.abc import Iterator

from safetensors import SafetensorError, safe_open

from dakit.components import LossSpec
from dakit.contracts import BuildContext, LossTerm
from dakit.plugins import catalog
from dakit.runs.records import Objective as ObjectiveFacts
from dakit.runs.records import Term, read_resolved
from dakit.runs.results import Adaptation, read_results
from dakit.runs.run import Run
from dakit.training.batch_norm import batch_norm_layers
from dakit.training.objective import Objective, unique_name


def adaptation_of(objective: Objective) -> Adaptation:
    """Return by what a training with ``objective`` adapts."""
    terms = [name for name in objective.terms if _adapts(objective.term(name))]
    mode = objective.batch_norm
    sees = mode != "source" and batch_norm_layers(objective.network)
    apart = mode == "source" and objective.network.domain_layers
    by = "adabn" if apart else mode if sees else None
    return Adaptation(terms=terms, batch_norm=by, source=objective.needs_source)


def _adapts(term: LossTerm) -> bool:
    return term.uses_target or term.estimated_shares() is not None


def adaptation_in(run: Run) -> Adaptation:
    """Return by what a finished run adapted.

    Its results say so. For those of an earlier dakit its terms are built again: a transfer loss
    or regularizer that is not here any more counts as one that reads the target, which is what
    the contract has a term do unless it says otherwise.
    """
    noted = read_results(run.folder).adaptation
    if noted is not None:
        return noted
    spec = read_resolved(run.folder)
    terms = list(_reading_terms(spec.objective))
    mode = spec.training.batch_norm or ("joint" if terms else "source")
    sees = mode != "source" and _has_batch_norm(run)
    return Adaptation(terms=terms, batch_norm=mode if sees else None)


def _reading_terms(objective: ObjectiveFacts) -> Iterator[str]:
    taken: dict[str, bool] = {}
    for kind, term in objective.terms:
        name = unique_name(term.name, taken)
        taken[name] = _reads_target(kind, term)
    return (name for name, reads in taken.items() if reads)


def _reads_target(kind: str, term: Term) -> bool:
    context = BuildContext(
        seed=0,
        input_shape=(4,),
        feature_dim=4,
        num_classes=2,
        class_counts=(1, 1),
        source_size=2,
        target_size=2,
    )
    try:
        found = catalog.current().find(kind, term.name)
        assert issubclass(found, LossSpec)  # of these kinds
        built = found.model_validate(term.model_dump(exclude_unset=True)).build(context)
    except Exception:  # gone, or of another version, whatever it makes of the spec
        return kind != "task"
    return isinstance(built, LossTerm) and _adapts(built)


def _has_batch_norm(run: Run) -> bool:
    """Whether the saved weights hold running averages; where they cannot be read, as if so."""
    try:
        with safe_open(run.folder.model / "weights.safetensors", "pt") as weights:
            return any(name.endswith("running_mean") for name in weights.keys())  # noqa: SIM118
    except (OSError, SafetensorError):
        return True
