"""What a careful colleague would say before anybody quotes a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from dakit.contracts import SIDES
from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.facts import METRICS, ComparisonFacts, ExperimentFacts
from dakit.reporting.compare.published import contradictions
from dakit.reporting.report.cautions import apart
from dakit.reporting.result_table import set_notes

WORSE_BELOW = ("accuracy", "auc")
"""Metrics in which an interval below 0 is negative transfer; for the Brier score it is above."""


def cautions(facts: ComparisonFacts) -> list[str]:
    """Return the warnings of a comparison, the gravest first."""
    parts = facts.experiments
    return [
        *_mock(facts),
        *(line for part in parts for line in _oracles(part)),
        *(line for part in parts for line in negative_transfer(part)),
        *(line for part in parts for line in _apart(part)),
        *(line for part in parts for line in of_runs(part)),
        *(line for part in parts for line in _fingerprints(part)),
        *(line for part in parts for line in _splits(part)),
        *(line for part in parts for line in _versions(part)),
        *(line for part in parts for line in _seeds(part)),
        *(line for part in parts for line in _baseline(part)),
        *dict.fromkeys(line for part in parts for line in unknown(part)),
        *(str(contradiction) for contradiction in contradictions(facts.tables)),
        *facts.notes,
    ]


def negative_transfer(facts: ExperimentFacts) -> Iterator[str]:
    """Yield a sentence for each method and domain with an interval on the wrong side of 0."""
    tried = product(facts.others, reversed(SIDES), (*WORSE_BELOW, "brier"))
    for method, role, metric in tried:
        found = facts.differences.get((method.label, role, metric))
        if found is None or facts.baseline is None:
            continue
        if found.above_zero if metric == "brier" else found.below_zero:
            what = "Worse" if facts.baseline.adapts else "Negative transfer"
            yield (
                f"{what}: {method.label} is worse than {facts.baseline.label} in "
                f"the {role}: {METRICS[metric]} {found.value:+.3f}, 95% interval "
                f"{found.low:+.3f} to {found.high:+.3f} ({facts.experiment.title})."
            )


def of_runs(facts: ExperimentFacts) -> Iterator[str]:
    """Yield what must be said of single runs, with those it is said of."""
    told: dict[str, dict[str, None]] = {}
    for method in facts.methods:
        for run in method.runs:
            for line in run.cautions:
                told.setdefault(line, {})[f"{method.label} seed {run.seed}"] = None
    yield from (f"{line} ({', '.join(runs)})" for line, runs in told.items())


def _apart(facts: ExperimentFacts) -> Iterator[str]:
    for method in facts.methods:
        if method.adapts and method.label in facts.latent:
            yield from (f"{method.label}: {line}" for line in apart(facts.latent[method.label]))


def _mock(facts: ComparisonFacts) -> Iterator[str]:
    mock = [part.experiment.title for part in facts.experiments if part.experiment.mock]
    if mock:
        which = "" if len(mock) == len(facts.experiments) else f" in {len(mock)} experiments"
        yield (
            f"Mock data{which}: made by a generator; these numbers say nothing about real objects, "
            "and published numbers beside them are no benchmark for them."
        )


def _oracles(facts: ExperimentFacts) -> Iterator[str]:
    chosen = [method for method in facts.methods if any(run.oracle for run in method.runs)]
    if chosen:
        names = ", ".join(method.label for method in chosen)
        yield (
            f"Oracle: the epoch of {names} was chosen by target labels; without them nobody could "
            "have chosen it. Not comparable with runs that did not see them."
        )
    seen = sorted({t.label for t in facts.tables if t.used_target_labels})
    if seen:
        yield (
            f"Oracle: the published models of {', '.join(seen)} were selected by target labels "
            f"({facts.experiment.title})."
        )


def _fingerprints(facts: ExperimentFacts) -> Iterator[str]:
    found = {run.fingerprint for run in facts.experiment.runs}
    if len(found) > 1:
        which = "; ".join(
            f"{print_ or 'unknown'}: {_list(facts, print_)}" for print_ in sorted(found)
        )
        yield f"Different data: the fingerprints of the data differ ({which})."


def _list(facts: ExperimentFacts, fingerprint: str) -> str:
    runs = [run for run in facts.experiment.runs if run.fingerprint == fingerprint]
    return ", ".join(f"{run.results.name} seed {run.seed}" for run in runs)


def _splits(facts: ExperimentFacts) -> Iterator[str]:
    if facts.baseline is None:
        return
    for method in facts.others:
        by_seed = {run.seed: run for run in facts.baseline.runs}
        pairs = [(run, by_seed[run.seed]) for run in method.runs if run.seed in by_seed]
        for role in SIDES:
            differ = [
                run.seed for run, other in pairs if _test_ids(run, role) != _test_ids(other, role)
            ]
            if differ:
                yield (
                    f"Different splits: {method.label} and {facts.baseline.label} were tested on "
                    f"other {role} images (seed {', '.join(map(str, differ))}); only images that "
                    "both saw are paired in the intervals."
                )
        if {run.seed for run in method.runs} != set(by_seed):
            yield (
                f"Different seeds: {method.label} {_seed_list(method.runs)}, "
                f"{facts.baseline.label} {_seed_list(facts.baseline.runs)}."
            )


def _test_ids(run: ComparedRun, role: str) -> set[str]:
    return set(run.sets[role].ids)


def _seed_list(runs: Sequence[ComparedRun]) -> str:
    return ("seeds " if len(runs) > 1 else "seed ") + ", ".join(str(run.seed) for run in runs)


def _versions(facts: ExperimentFacts) -> Iterator[str]:
    """Yield a sentence for each plugin that the runs used in more than one version."""
    runs = facts.experiment.runs
    for plugin in sorted({name for run in runs for name in run.versions}):
        by_version: dict[str, list[str]] = {}
        for run in runs:
            if plugin in run.versions:
                made = by_version.setdefault(run.versions[plugin], [])
                made.append(f"{run.results.name} seed {run.seed}")
        if len(by_version) > 1:
            which = "; ".join(
                f"{version}: {', '.join(by_version[version])}" for version in by_version
            )
            yield f"Different versions of the plugin {plugin!r} made these runs ({which})."


def _seeds(facts: ExperimentFacts) -> Iterator[str]:
    single = [method.label for method in facts.methods if len(method.runs) == 1]
    if single:
        yield (
            f"One seed only: {', '.join(single)} ({facts.experiment.title}). No standard deviation "
            "can be given, and the intervals cover the choice of test images, not the luck of "
            "training. Repeat with other seeds."
        )


def _baseline(facts: ExperimentFacts) -> Iterator[str]:
    if facts.baseline is None and facts.labelled("target"):
        yield (
            f"No baseline: every run adapts ({facts.experiment.title}), so nothing can be said of "
            "what adaptation gains. Add a run without adaptation, or name one with --baseline."
        )


def unknown(facts: ExperimentFacts) -> list[str]:
    """Return what is not known of the test sets, and why: classes without images, intervals."""
    told = (run.results for run in facts.experiment.runs)
    notes = (set_notes(results.metrics, results.data.class_names) for results in told)
    return list(dict.fromkeys(line for lines in notes for line in lines))
