"""Section 1: data, split, selection, machine."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from dakit.reporting.page.markup import bullets, pairs
from dakit.reporting.report.class_counts import counts_table
from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.result_table import data_line, selection_line
from dakit.training.adaptation import Adaptation

PACKAGES = ("dakit", "torch", "numpy", "scikit-learn")


def what_was_run(facts: ReportFacts) -> str:
    """Return what a reader must know before the first number."""
    results, spec, environment = facts.results, facts.spec, facts.environment
    looked = "target labels were used" if _oracle(results) else "no target labels were used"
    rows = [
        ("Run", f"{results['name']} ({results['run_id']})"),
        ("Meaning", spec.get("description") or ""),
        ("Data", data_line(results["data"])),
        ("Classes", ", ".join(facts.class_names)),
        ("Network", _network(spec)),
        ("Parameters", _parameters(results)),
        ("Objective", objective_line(spec, facts.adaptation)),
        ("Starts from", _start(spec)),
        ("Baseline", facts.baseline.title if facts.baseline else ""),
        ("Selection", f"{selection_line(results)}; {looked} in the choice"),
        ("Optimizer", training_line(spec)),
        ("Time", _time(facts.history)),
        ("Seed", str(results.get("seed", ""))),
        ("Split", _split(spec)),
        ("Device", _device(environment)),
        ("Versions", _versions(environment)),
        ("Plugins", _plugins(environment)),
        ("Code", _code(environment)),
        ("Started", str(environment.get("started", ""))),
    ]
    notes = [
        *results["data"].get("leakage", {}).get("lines", ()),
        *results["data"].get("notes", ()),
    ]
    counts = counts_table(facts.counts, facts.objects, facts.class_names)
    return pairs(rows) + bullets(notes, "notes") + counts


def objective_line(spec: Mapping[str, Any], adaptation: Adaptation) -> str:
    """Return the weighted sum of losses: ``cross_entropy + 0.01 fisher (no adaptation)``."""
    objective = spec.get("objective", {})
    terms = [objective.get("task"), objective.get("transfer"), *objective.get("regularizers", [])]
    named = [(term["name"], float(term.get("weight", 1))) for term in terms if term]
    parts = [name if weight == 1 else f"{weight:g} {name}" for name, weight in named if weight]
    return " + ".join(parts) + adaptation.remark


def training_line(spec: Mapping[str, Any]) -> str:
    """Return how steps were taken: ``adam, learning rate 0.001, one_cycle, batches of 128``."""
    optimizer, training = spec.get("optimizer", {}), spec.get("training", {})
    decay, clip = optimizer.get("weight_decay"), training.get("gradient_clip")
    parts = {
        "": optimizer.get("name"),
        "learning rate ": optimizer.get("lr"),
        "schedule ": spec.get("schedule", {}).get("name"),
        "weight decay ": decay or None,
        "batches of ": training.get("batch_size"),
        "gradients clipped at ": clip,
    }
    return ", ".join(f"{words}{value}" for words, value in parts.items() if value is not None)


def median_seconds(history: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the median time of an epoch; None where none was noted."""
    seconds = [row["seconds"] for row in history if row.get("seconds") is not None]
    return statistics.median(seconds) if seconds else None


def _time(history: Sequence[Mapping[str, Any]]) -> str:
    seconds = median_seconds(history)
    return "" if seconds is None else f"{seconds:.2g} s an epoch (the median of {len(history)})"


def _parameters(results: Mapping[str, Any]) -> str:
    counts = results.get("training", {}).get("parameters", {})
    named = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"{sum(counts.values()):,} ({named})" if counts else ""


def _oracle(results: Mapping[str, Any]) -> bool:
    return bool(results["selection"]["used_target_labels"])


def _network(spec: Mapping[str, Any]) -> str:
    model = spec.get("model", {})
    hidden = model.get("head", {}).get("hidden", [])
    head = f", head {' '.join(map(str, hidden))}" if hidden else ", linear head"
    return f"{model['backbone']['name']}{head}" if model else ""


def _start(spec: Mapping[str, Any]) -> str:
    init = spec.get("init_from") or {}
    path = init.get("run") or init.get("spec") or ""
    return f"{str(path).rpartition('/')[2]} ({', '.join(init.get('parts', ()))})" if path else ""


def _split(spec: Mapping[str, Any]) -> str:
    split = spec.get("data", {}).get("split", {})
    return ", ".join(
        f"{split[part]:.0%} {part}" for part in ("train", "validation", "test") if part in split
    )


def _device(environment: Mapping[str, Any]) -> str:
    device = environment.get("device", {})
    return " ".join(str(device[key]) for key in ("type", "name") if device.get(key))


def _versions(environment: Mapping[str, Any]) -> str:
    packages = environment.get("packages", {})
    versions = [f"{name} {packages[name]}" for name in PACKAGES if name in packages]
    return ", ".join([f"python {environment.get('python', '?')}", *versions])


def _plugins(environment: Mapping[str, Any]) -> str:
    active = [plugin for plugin in environment.get("plugins", ()) if plugin["state"] == "active"]
    return ", ".join(f"{plugin['name']} {plugin['version']}" for plugin in active)


def _code(environment: Mapping[str, Any]) -> str:
    git = environment.get("git") or {}
    if not git.get("commit"):
        return ""
    return f"commit {git['commit'][:12]}" + (
        ", with uncommitted changes" if git.get("dirty") else ""
    )
