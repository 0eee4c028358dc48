"""Whether a run adapts: whether a term reads the target or BatchNorm sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, final

from safetensors import SafetensorError, safe_open

from dakit.components import LossSpec
from dakit.contracts import BuildContext, LossTerm
from dakit.plugins import catalog
from dakit.runs.run import Run
from dakit.training.batch_norm import batch_norm_layers
from dakit.training.objective import Objective, unique_name


@final
@dataclass(frozen=True)
class Adaptation:
    """By what a run adapts; where by nothing, it is *no adaptation*, and false."""

    terms: tuple[str, ...] = ()
    """The terms that read the target."""
    batch_norm: str | None = None
    """``joint`` or ``domain`` where the target is in the statistics of BatchNorm layers."""

    def __bool__(self) -> bool:
        return bool(self.terms) or self.batch_norm is not None

    def __str__(self) -> str:
        named = [f"'{name}'" for name in self.terms]
        return ", ".join([*named, *([f"{self.batch_norm} BatchNorm"] if self.batch_norm else [])])

    @property
    def remark(self) -> str:
        """What must stand behind a list of the terms that does not tell of it."""
        if not self:
            return " (no adaptation)"
        return "" if self.terms else f" (adapts by {self})"

    def to_dict(self) -> dict[str, Any]:
        """Return what ``results.json`` holds of it."""
        return asdict(self)


def adaptation_of(objective: Objective) -> Adaptation:
    """Return by what a training with ``objective`` adapts."""
    terms = [name for name in objective.terms if objective.term(name).uses_target]
    sees = objective.batch_norm != "source" and batch_norm_layers(objective.network)
    return Adaptation(tuple(terms), objective.batch_norm if sees else None)


def adaptation_in(run: Run) -> Adaptation:
    """Return by what a finished run adapted.

    Its results say so. For those of an earlier dakit its terms are built again: a transfer loss
    or regularizer that is not here any more counts as one that reads the target, which is what
    the contract has a term do unless it says otherwise.
    """
    noted = run.results.get("adaptation")
    if noted is not None:
        return Adaptation(tuple(noted["terms"]), noted["batch_norm"])
    spec = run.resolved
    terms = tuple(_reading_terms(spec))
    mode = spec["training"].get("batch_norm") or ("joint" if terms else "source")
    return Adaptation(terms, mode if mode != "source" and _has_batch_norm(run) else None)


def _reading_terms(spec: Mapping[str, Any]) -> Iterator[str]:
    objective = spec["objective"]
    transfer, regularizers = objective.get("transfer"), objective.get("regularizers") or ()
    parts = [("task", objective.get("task")), ("transfer", transfer)]
    taken: dict[str, bool] = {}
    for kind, term in (*parts, *(("regularizer", each) for each in regularizers)):
        if term and term.get("weight", 1) > 0:
            name = unique_name(term["name"], taken)
            taken[name] = _reads_target(kind, term)
    return (name for name, reads in taken.items() if reads)


def _reads_target(kind: Any, term: Mapping[str, Any]) -> bool:
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
        found = catalog.current().find(kind, term["name"])
        assert issubclass(found, LossSpec)  # of these kinds
        built = found.model_validate(term).build(context)
    except Exception:  # gone, or of another version, whatever it makes of the spec
        return bool(kind != "task")
    return isinstance(built, LossTerm) and built.uses_target


def _has_batch_norm(run: Run) -> bool:
    """Whether the saved weights hold running averages; where they cannot be read, as if so."""
    try:
        with safe_open(run.folder.model / "weights.safetensors", "pt") as weights:
            return any(name.endswith("running_mean") for name in weights.keys())  # noqa: SIM118
    except (OSError, SafetensorError):
        return True
