"""Section 1: data, split, selection, machine."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.result_table import selection_line
from dakit.runs.records import Environment, EpochRow, Git, Model, Parts, Resolved, Start
from dakit.runs.results import Adaptation, Results

PACKAGES = ("dakit", "torch", "numpy", "scikit-learn")


def what_was_run(facts: ReportFacts) -> list[tuple[str, str]]:
    """Return what a reader must know before the first number: names and values, some empty."""
    results, spec, environment = facts.results, facts.spec, facts.environment
    looked = f"{'' if results.selection.used_target_labels else 'no '}target labels were used"
    device = environment.device
    return [
        ("Run", results.title),
        ("Meaning", spec.description or ""),
        ("Data", str(results.data)),
        ("Classes", ", ".join(facts.class_names)),
        ("Network", _network(spec.model)),
        ("Parameters", _parameters(results)),
        ("Objective", objective_line(spec, facts.adaptation)),
        ("Starts from", _start(spec.init_from)),
        ("Baseline", facts.baseline.title if facts.baseline else ""),
        ("Selection", f"{selection_line(results)}; {looked} in the choice"),
        ("Estimated", "; ".join(results.share_lines)),
        ("Optimizer", training_line(spec)),
        ("Time", _time(facts.history)),
        ("Seed", str(results.seed)),
        ("Split", _split(spec.data.split)),
        ("Device", " ".join(filter(None, (device.type, device.name)))),
        ("Versions", _versions(environment)),
        ("Plugins", _plugins(environment)),
        ("Code", _code(environment.git)),
        ("Started", environment.started),
    ]


def objective_line(spec: Resolved, adaptation: Adaptation) -> str:
    """Return the weighted sum of losses: ``cross_entropy + 0.01 fisher (no adaptation)``."""
    parts = [
        term.name if term.weight == 1 else f"{term.weight:g} {term.name}"
        for _, term in spec.objective.terms
    ]
    return " + ".join(parts) + adaptation.remark


def training_line(spec: Resolved) -> str:
    """Return how steps were taken: ``adam, learning rate 0.001, one_cycle, batches of 128``."""
    optimizer, training = spec.optimizer, spec.training
    parts = {
        "": optimizer.name,
        "learning rate ": optimizer.lr,
        "schedule ": spec.schedule.name,
        "weight decay ": optimizer.weight_decay or None,
        "batches of ": training.batch_size,
        "gradients clipped at ": training.gradient_clip,
    }
    return ", ".join(f"{words}{value}" for words, value in parts.items() if value is not None)


def median_seconds(history: Sequence[EpochRow]) -> float | None:
    """Return the median time of an epoch; None where none was noted."""
    seconds = [row.seconds for row in history if row.seconds is not None]
    return statistics.median(seconds) if seconds else None


def _time(history: Sequence[EpochRow]) -> str:
    seconds = median_seconds(history)
    if seconds is None:
        return ""
    steps = [f" of {row.step // row.epoch:,} steps" for row in history[-1:] if row.step is not None]
    return f"{seconds:.2g} s an epoch{''.join(steps)} (the median of {len(history)})"


def _parameters(results: Results) -> str:
    counts = results.training.parameters if results.training else {}
    named = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"{sum(counts.values()):,} ({named})" if counts else ""


def _network(model: Model) -> str:
    hidden = " ".join(map(str, model.head.hidden))
    return f"{model.backbone.name}, {f'head {hidden}' if hidden else 'linear head'}"


def _start(init: Start | None) -> str:
    path = "" if init is None else init.run or init.spec or ""
    return f"{path.rpartition('/')[2]} ({', '.join(init.parts)})" if init and path else ""


def _split(split: Parts) -> str:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    return ", ".join(f"{share:.0%} {part}" for part, share in parts.items() if share is not None)


def _versions(environment: Environment) -> str:
    packages = environment.packages
    versions = [f"{name} {packages[name]}" for name in PACKAGES if name in packages]
    return ", ".join([f"python {environment.python}", *versions])


def _plugins(environment: Environment) -> str:
    active = [plugin for plugin in environment.plugins if plugin.state == "active"]
    return ", ".join(f"{plugin.name} {plugin.version}" for plugin in active)


def _code(git: Git | None) -> str:
    if git is None or not git.commit:
        return ""
    return f"commit {git.commit[:12]}" + (", with uncommitted changes" if git.dirty else "")
