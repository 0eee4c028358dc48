"""The short table on the terminal."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from dakit.reporting.compare.compared_run import ComparedRun
from dakit.reporting.compare.console import print_comparison
from dakit.reporting.compare.facts import ComparisonFacts
from tests.run_files import changed, with_target

MakeRun = Callable[..., ComparedRun]
MakeFacts = Callable[..., ComparisonFacts]


def printed(facts: ComparisonFacts) -> str:
    text = io.StringIO()
    print_comparison(Console(file=text, width=300), facts)
    return text.getvalue()


def test_the_gain_stands_beside_the_accuracy(make_run: MakeRun, make_facts: MakeFacts) -> None:
    text = printed(make_facts((make_run(), make_run("mmd", separation=2.0))))
    assert "target accuracy - noDA" in text
    assert "paired 95% intervals" in text
    assert "(source 60 images of 30 objects, target 60 images of 30 objects)" in text


def test_without_a_baseline_there_is_no_column_of_differences(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    runs = (make_run("mmd"), make_run("dann", separation=2.0))
    text = printed(make_facts(runs, baseline=False))
    assert text.count("target accuracy") == 1
    assert "intervals" not in text


def test_an_unlabelled_target_is_said_once_and_has_no_columns(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    sets = make_run().sets
    sets = {**sets, "target": replace(sets["target"], labels=None)}
    text = printed(make_facts((make_run(sets=sets), make_run("mmd", sets=sets))))
    assert "source accuracy" in text
    assert "target accuracy" not in text
    assert "target AUC" not in text
    assert "intervals" not in text
    assert text.count("The target has no labels") == 1


def test_a_test_set_of_a_single_object_says_why_it_has_no_interval(
    make_run: MakeRun, make_facts: MakeFacts
) -> None:
    runs = make_run(), make_run("mmd")
    target = runs[0].results.metrics["target_test"]
    single = changed(target, no_intervals="its 60 images show a single object")
    told = [dataclasses.replace(run, results=with_target(run.results, single)) for run in runs]
    assert (
        printed(make_facts(tuple(told))).count("No interval in target test: its 60 images show")
        == 1
    )
