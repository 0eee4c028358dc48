"""Section 1 tells how a run was trained."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from dakit.reporting.report.facts import ReportFacts
from dakit.reporting.report.page import render_page
from dakit.reporting.report.what_was_run import training_line
from dakit.runs.records import Resolved
from tests.run_files import changed, made, resolved

SPEC = {
    **resolved("made_up", epochs=3),
    "model": {"backbone": {"name": "deepmerge"}, "head": {"hidden": [64, 32]}},
    "objective": {"task": {"name": "cross_entropy", "weight": 1.0}},
    "optimizer": {"name": "adam", "lr": 0.002, "weight_decay": 1e-4},
    "schedule": {"name": "one_cycle"},
    "training": {"epochs": 3, "batch_size": 128, "gradient_clip": None},
    "evaluation": {},
}


def told(facts: ReportFacts) -> dict[str, str]:
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", render_page(facts, None))
    return {name: unescape(value) for name, value in found}


def test_optimizer_batch_parameters_and_time(make_facts: Callable[..., ReportFacts]) -> None:
    facts = make_facts(spec=made(Resolved, SPEC))
    rows = [
        changed(row, seconds=seconds) for row, seconds in zip(facts.history, (9, 1, 2), strict=True)
    ]
    training = changed(
        facts.results.training, parameters={"backbone": 172_000, "head": 2_626}
    ).model_dump()
    results = changed(facts.results, training=training)
    found = told(make_facts(spec=facts.spec, history=rows, results=results))
    assert found["Optimizer"] == (
        "adam, learning rate 0.002, schedule one_cycle, weight decay 0.0001, batches of 128"
    )
    assert found["Parameters"] == "174,626 (backbone 172,000, head 2,626)"
    assert found["Time"] == "2 s an epoch (the median of 3)"
    steps = [changed(row, step=12 * row.epoch) for row in rows]
    found = told(make_facts(spec=facts.spec, history=steps, results=results))
    assert found["Time"] == "2 s an epoch of 12 steps (the median of 3)"


def test_a_run_of_an_earlier_dakit_lacks_what_it_did_not_note(
    make_facts: Callable[..., ReportFacts],
) -> None:
    found = told(make_facts(spec=made(Resolved, SPEC)))
    assert "Parameters" not in found
    assert "Time" not in found


def test_what_is_not_used_is_not_told() -> None:
    plain = {**SPEC, "optimizer": {"name": "sgd", "lr": 0.1, "weight_decay": 0.0}}
    clipped = {**plain, "training": {"epochs": 3, "batch_size": 32, "gradient_clip": 1.5}}
    assert (
        training_line(made(Resolved, plain))
        == "sgd, learning rate 0.1, schedule one_cycle, batches of 128"
    )
    assert training_line(made(Resolved, clipped)).endswith(
        "batches of 32, gradients clipped at 1.5"
    )


def test_what_a_term_estimates_of_the_target_is_shown_beside_the_source(
    make_facts: Callable[..., ReportFacts],
) -> None:
    results = make_facts().results
    shares = [1 / (2 + i) for i, _ in enumerate(results.data.class_names)]
    found = told(make_facts(results=changed(results, estimated_shares={"bbse": shares})))
    assert found["Estimated"].startswith(
        f"Class shares of the target as estimated by 'bbse': {results.data.class_names[0]} 0.500, "
    )
    assert "Estimated" not in told(make_facts())
