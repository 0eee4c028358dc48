"""The comparison of finished runs: methods over seeds, a baseline, and published numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

from dakit.components import DatasetSpec
from dakit.contracts import SIDES
from dakit.errors import DakitError, InputError, did_you_mean
from dakit.evaluation.latent_space import LatentSpace
from dakit.files.writing import make_folder, write_text
from dakit.plugins import catalog
from dakit.plugins.faults import faults_told, reason_of
from dakit.reporting.compare.compared_run import ComparedRun, read_compared
from dakit.reporting.compare.facts import ComparisonFacts, ExperimentFacts, all_differences, spreads
from dakit.reporting.compare.grouping import Experiment, Method, group
from dakit.reporting.compare.latex import latex_tables
from dakit.reporting.compare.page import NO_MATPLOTLIB, render_page
from dakit.reporting.compare.tables import TextTable, all_tables, interval_words
from dakit.reporting.compare.tidy import TidyRow, tidy_csv, tidy_rows
from dakit.reporting.page import write_figures
from dakit.reporting.report.facts import Attention
from dakit.runs.folder import RunFolder
from dakit.runs.html import tables
from dakit.runs.run import Run, load_run
from dakit.spec.reference_table import ReferenceTable, read_reference_table
from dakit.workflows.arguments import several
from dakit.workflows.plan_again import Looked, plan_again
from dakit.workflows.report import figures_possible
from dakit.workflows.train import Plan


@final
@dataclass(frozen=True)
class Comparison:
    """Where the page is, and what stands on it."""

    path: Path
    facts: ComparisonFacts = field(repr=False)
    missing: tuple[str, ...]
    """What is not on the page, and why."""

    @property
    def tables(self) -> tuple[TextTable, ...]:
        """The tables of every experiment, as text."""
        return all_tables(self.facts)

    @property
    def rows(self) -> tuple[TidyRow, ...]:
        """Every number: a row for each experiment, method, domain and metric."""
        return tidy_rows(self.facts)

    def _repr_html_(self) -> str:
        """Return the tables, for notebooks."""
        return tables((f"{t.experiment}: {t.caption}", t.header, t.rows) for t in self.tables)

    def write_csv(self, path: str | Path) -> None:
        """Write :attr:`rows` as CSV.

        Raises:
            RunError: it cannot be written.
        """
        write_text(Path(path), tidy_csv(self.rows))

    def write_latex(self, path: str | Path) -> None:
        """Write :attr:`tables` as LaTeX.

        Raises:
            RunError: it cannot be written.
        """
        words = [interval_words(part) for part in self.facts.experiments if part.others]
        write_text(Path(path), latex_tables(self.tables, list(dict.fromkeys(words))))


def compare(
    runs: str | Path | Run | Sequence[str | Path | Run],
    *,
    references: str | Path | Sequence[str | Path] = (),
    out: str | Path = "comparison.html",
    baseline: str | None = None,
    latent: bool = True,
    figures: str | Sequence[str] = (),
) -> Comparison:
    """Compare finished ``runs`` on one page at ``out``, figures beside it; return what it tells.

    Runs on the same data with the same backbone are an experiment; in it runs whose specs differ
    in the seed alone are a method, given as mean and standard deviation over seeds. Differences
    are to the method without adaptation, or to the one called ``baseline`` (a method's label or a
    run's name); see :func:`dakit.evaluation.paired_difference.paired_differences` for their
    intervals. Published tables that the dataset offers are shown beside ours; ``references`` add
    others, by file or by name. With ``latent`` the data are read again for the t-SNE. ``figures``
    are names of further ones, of plugins, beside those that the specs of the runs name.

    Raises:
        InputError: a folder holds no finished run, no method is called ``baseline``, or a table
            cannot be read.
    """
    path = Path(out)
    runs = several(runs, (str, Path, Run), "runs", "folders of finished runs")
    references = several(references, (str, Path), "references", "files or names of tables")
    if not runs:
        raise InputError("no runs to compare: name at least one run folder")
    opened = [run if isinstance(run, Run) else load_run(run) for run in runs]
    facts = gather(opened, references=references, baseline=baseline, latent=latent)
    make_folder(path.parent)
    missing = [part.missing for part in facts.experiments if part.missing]
    if not figures_possible():
        write_text(path, render_page(facts, None))
        return Comparison(path, facts, tuple(dict.fromkeys([*missing, NO_MATPLOTLIB])))
    from dakit.reporting.figures.compare import draw_comparison
    from dakit.reporting.figures.further import asked_for, compared_run_of, draw_further

    drawn = draw_comparison(facts)
    further = several(figures, (str,), "figures", "names of figures")
    for number, part in enumerate(facts.experiments):
        asked = asked_for((run.spec for run in part.experiment.runs), further)
        runs_of = [compared_run_of(run, m.label) for m in part.methods for run in m.runs]
        ending = f"_{number + 1}" if len(facts.experiments) > 1 else ""
        drawn[f"further {number}"], why = draw_further(asked, runs_of, ending)
        facts = replace(facts, notes=(*facts.notes, *why))
        missing += why
    folder = path.with_name(f"{path.stem}_figures")
    write_figures(folder, drawn)
    write_text(path, render_page(facts, drawn))
    return Comparison(path, facts, tuple(dict.fromkeys(missing)))


def gather(
    runs: Sequence[Run],
    *,
    references: Sequence[str | Path] = (),
    baseline: str | None = None,
    latent: bool = True,
) -> ComparisonFacts:
    """Return everything that the comparison of ``runs`` tells."""
    offered, notes = _offered_tables()
    experiments = group([read_compared(run) for run in runs], offered)
    chosen = _baselines(experiments, baseline)
    asked = [_asked_table(str(reference), offered) for reference in references]
    parts = [
        _experiment_facts(experiment, base, [*offered, *asked], latent)
        for experiment, base in zip(experiments, chosen, strict=True)
    ]
    shown = {table.name for part in parts for table in part.tables}
    others = tuple(table for table in asked if table.name not in shown)
    return ComparisonFacts(tuple(parts), others, tuple(notes))


def _baselines(experiments: Sequence[Experiment], wanted: str | None) -> list[Method | None]:
    """Return the baseline of each experiment; ``wanted`` must be there in at least one."""
    if wanted is None:
        return [_without_adaptation(experiment) for experiment in experiments]
    named = [_called(experiment, wanted) for experiment in experiments]
    if any(named):
        return [
            method or _without_adaptation(experiment)
            for method, experiment in zip(named, experiments, strict=True)
        ]
    methods = [method for experiment in experiments for method in experiment.methods]
    known = list(dict.fromkeys(name for m in methods for name in (m.label, *m.names)))
    near = did_you_mean(wanted, known, most=3) or "."
    raise InputError(
        f"--baseline: no method or run is called {wanted!r}{near} There are {', '.join(known)}."
    )


def _called(experiment: Experiment, name: str) -> Method | None:
    by_label = [method for method in experiment.methods if method.label == name]
    found = by_label or [method for method in experiment.methods if name in method.names]
    if len(found) > 1:
        labels = " or ".join(repr(method.label) for method in found)
        raise InputError(f"--baseline: several methods are called {name!r}; say {labels}")
    return found[0] if found else None


def _without_adaptation(experiment: Experiment) -> Method | None:
    """Return the plainest method that does not look at the target: fresh, with few terms."""
    found = [method for method in experiment.methods if not method.adapts and method.recipe.source]
    return min(found, key=lambda m: (m.recipe.pretrained, len(m.recipe.regularizers)), default=None)


def _offered_tables() -> tuple[list[ReferenceTable], list[str]]:
    """Return the tables that datasets offer; a broken one is reported in the notes, not raised."""
    tables, notes = [], []
    for component in catalog.current().components("dataset"):
        spec_class = component.spec_class
        assert issubclass(spec_class, DatasetSpec)  # of this kind
        try:
            paths = [Path(path) for path in spec_class.published_tables()]
        except Exception as error:  # nobody's table keeps others' runs from being compared
            paths = []
            notes.append(
                f"The published tables of {component.name} were left out: {reason_of(error)}"
            )
        for path in paths:
            try:
                tables.append(read_reference_table(path))
            except InputError as error:
                notes.append(f"A published table of {component.name} was left out: {error}")
    return tables, notes


def _asked_table(reference: str, offered: Sequence[ReferenceTable]) -> ReferenceTable:
    by_name = {table.name: table for table in offered}
    if reference in by_name:
        return by_name[reference]
    path = Path(reference)
    if path.exists() or path.suffix:
        return read_reference_table(path)
    near = did_you_mean(reference, by_name, most=3) or "."
    raise InputError(
        f"--reference: {reference!r} is no file and no table on offer{near} "
        f"On offer: {', '.join(by_name) or 'none'}."
    )


def _experiment_facts(
    experiment: Experiment, base: Method | None, tables: Sequence[ReferenceTable], latent: bool
) -> ExperimentFacts:
    fitting = {table.name: table for table in tables if table.belongs_to(experiment.data)}
    facts = ExperimentFacts(
        experiment=experiment,
        baseline=base,
        spreads=spreads(experiment),
        differences=all_differences(experiment, base),
        tables=tuple(fitting.values()),
    )
    return _with_latent_spaces(facts) if latent else facts


def _with_latent_spaces(facts: ExperimentFacts) -> ExperimentFacts:
    """Look at one run of each method, the same seed where all have it: t-SNE and Grad-CAM."""
    shared = set.intersection(*(set(method.seeds) for method in facts.methods))
    seed = min(shared) if shared else None
    chosen = {
        method.label: next(run for run in method.runs if seed in (None, run.seed))
        for method in facts.methods
    }
    plans: dict[tuple[str, ...], Plan] = {}
    spaces: dict[str, LatentSpace] = {}
    looks: dict[str, list[Attention]] = {}
    missing: dict[str, str] = {}
    for label, run in chosen.items():
        try:
            with faults_told():
                plan, found = _plan(run, plans), facts.methods[0].seeds[0]
                network = Looked.of(plan, Run(RunFolder(run.folder)))
                spaces[label] = network.space(found)
                if len(plans) == 1:  # the same test images as those of the methods before
                    looks[label] = network.attention(run.sets, None, found, {})
        except (DakitError, OSError, ValueError) as error:
            missing.setdefault(str(error), label)
    why = [f"{label}: the latent space is left out: {reason}" for reason, label in missing.items()]
    return replace(
        facts,
        latent=spaces,
        attention={label: parts for label, parts in looks.items() if parts},
        latent_seed=seed,
        missing=" ".join(why) or None,
    )


def _plan(run: ComparedRun, plans: dict[tuple[str, ...], Plan]) -> Plan:
    """Return the plan of ``run``, or that of another run with the same data and the same split."""
    key = (run.fingerprint, *(",".join(run.sets[role].ids) for role in SIDES))
    if key not in plans:
        plans[key] = plan_again(load_run(run.folder))
    return plans[key]
