import copy
import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from dakit.evaluation.metrics import metric_set
from dakit.reporting.result_table import ROWS, print_result
from dakit.runs.results import METRICS, MetricSet, Results, cell
from tests.run_files import made


def metrics(value):
    return {
        **dict.fromkeys(METRICS, value),
        "n": 42,
        "intervals": {name: [value - 0.1, value + 0.1] for name in METRICS},
    }


DOCUMENT = {
    "run_id": "0123456789",
    "name": "sim_real",
    "seed": 0,
    "data": {
        "origin": "files",
        "description": "two telescopes",
        "fingerprint": "ff",
        "class_names": ["no", "yes"],
        "leakage": {"lines": ["3 objects are on both sides"]},
        "notes": ["the sky is blue"],
    },
    "selection": {
        "validator": "source_accuracy",
        "epoch": 3,
        "used_target_labels": False,
        "score": 0.75,
    },
    "training": {"epochs": 9, "epochs_run": 5, "stopped_early": True},
    "evaluation": {
        "confidence": 0.95,
        "bootstrap": 1000,
        "bootstrap_unit": {"source": "group", "target": "row"},
    },
    "metrics": {"source_test": metrics(0.8), "target_test": metrics(0.6)},
}


def printed(terminal=False, **changes):
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        part, _, key = path.partition("__")
        document[part][key] = value
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=100, no_color=True)
    print_result(console, made(Results, document), Path("runs/sim_real-0123456789"))
    return text.getvalue()


def test_objects_are_counted_beside_images_where_they_are_known():
    assert not any(line.startswith("objects") for line in printed().splitlines())
    source = {**metrics(0.8), "n": 1242, "objects": 39}
    lines = [line.split() for line in printed(metrics__source_test=source).splitlines()]
    assert ["images", "1,242", "42"] in lines
    assert ["objects", "39", "-"] in lines


def test_every_metric_stands_with_its_interval_for_both_domains():
    lines = printed().splitlines()
    for title in ROWS.values():
        (line,) = [line for line in lines if line.startswith(title + "  ")]
        assert line.split(title)[1].split("  ", 1)[1].strip() == (
            "0.800 [0.700, 0.900]  0.600 [0.500, 0.700]"
        )
    assert any(line.split() == ["images", "42", "42"] for line in lines)


def test_no_metric_is_left_out():
    assert set(ROWS) == set(METRICS)


def test_it_tells_data_selection_leakage_notes_intervals_and_folder():
    text = printed()
    assert "Data: files: two telescopes" in text
    assert "Epoch 3 of 5, stopped early, chosen by source_accuracy = 0.75" in text
    assert "3 objects are on both sides" in text
    assert "Note: the sky is blue" in text
    assert "95% from 1000 bootstrap resamples of whole objects (source), images (target)" in text
    assert "runs/sim_real-0123456789" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_mock_data_are_called_mock_beside_the_numbers(terminal):
    text = printed(terminal, data__origin="mock")
    assert "MOCK DATA" in text
    assert "source test (MOCK)" in text
    assert "target test (MOCK)" in text
    assert "MOCK" not in printed(terminal)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_choice_by_target_labels_is_stamped(terminal):
    stamp = "ORACLE: chosen by target labels"
    assert stamp in printed(terminal, selection__used_target_labels=True)
    assert stamp not in printed(terminal)


def test_a_target_without_labels_has_no_numbers_and_says_so():
    text = printed(metrics__target_test=None)
    assert "The target has no labels" in text
    assert any(
        line.split() == ["accuracy", "0.800", "[0.700,", "0.900]", "-"]
        for line in text.splitlines()
    )


def test_what_is_undefined_is_a_dash_and_without_interval_a_number():
    target = metrics(0.6) | {"auc": None}
    target["intervals"] = dict.fromkeys(METRICS)
    lines = printed(metrics__target_test=target).splitlines()
    assert any(line.startswith("ROC AUC") and line.endswith("-") for line in lines)
    assert any(line.startswith("recall") and line.endswith("  0.600") for line in lines)


def test_without_resamples_no_intervals_are_claimed():
    evaluation = DOCUMENT["evaluation"] | {"bootstrap": 0}
    assert "Intervals" not in printed(evaluation__bootstrap=evaluation["bootstrap"])


def test_a_class_without_an_image_is_named():
    names = ["elliptical", "spiral", "edge-on"]
    counted = {**metrics(0.8), "support": [5, 0, 3]}
    text = " ".join(printed(data__class_names=names, metrics__source_test=counted).split())
    assert "No image of spiral in source test: nothing is known of it there; means" in text
    assert "No image" not in printed(data__class_names=names)
    two = {**metrics(0.8), "support": [5, 0]}
    text = " ".join(printed(data__class_names=names[:2], metrics__target_test=two).split())
    assert "No image of spiral in target test" in text
    assert "means over" not in text


def test_a_set_without_intervals_says_why():
    why = metric_set([0, 1, 1], np.full((3, 2), 0.5), groups=np.zeros(3)).model_dump()
    text = printed(metrics__target_test=why, data__class_names=["a", "b"])
    text = " ".join(text.split())
    assert "No interval in target test: its 3 images show a single object, so nothing" in text
    assert "No interval" not in printed()


@pytest.mark.parametrize("intervals", [{}, {"accuracy": None}])
def test_an_interval_that_is_undefined_is_left_out(intervals: dict[str, None]) -> None:
    assert cell(MetricSet(accuracy=0.75, n=3, intervals=intervals), "accuracy") == "0.750"
