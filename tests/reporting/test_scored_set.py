"""The test sets, read back from predictions.csv."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import confusion_matrix

from dakit.reporting.scored_set import scored_sets, size_words

NAMES = ["no", "yes"]


def row(domain: str, split: str, label: str, p: float, number: int) -> dict[str, str]:
    return {
        "id": f"{domain}{number}",
        "domain": domain,
        "split": split,
        "label": label,
        "p_no": str(1 - p),
        "p_yes": str(p),
    }


ROWS = [
    row("source", "train", "no", 0.1, 0),
    row("source", "test", "no", 0.8, 1),
    row("source", "test", "yes", 0.3, 2),
    row("source", "validation", "yes", 0.3, 3),
    row("source", "test", "yes", 0.9, 4),
    row("source", "test", "yes", 0.05, 5),
    row("target", "test", "", 0.7, 0),
]


def test_a_set_is_told_in_images_and_in_the_objects_that_were_drawn() -> None:
    grouped = [{**each, "group": group} for each, group in zip(ROWS, "aabbccd", strict=True)]
    sets = scored_sets(grouped, NAMES)
    assert size_words([sets["source"]]) == "4 images of 3 objects"
    assert size_words([sets["target"]]) == "1 image of 1 object"
    assert size_words(sets.values()) == "1 to 4 images of 1 to 3 objects"
    assert size_words([scored_sets(ROWS, NAMES)["source"]]) == "4 images"
    assert size_words([sets["source"], scored_sets(ROWS, NAMES)["target"]]) == "1 to 4 images"


def test_only_test_rows_with_their_place_in_the_domain() -> None:
    source = scored_sets(ROWS, NAMES)["source"]
    assert source.rows.tolist() == [1, 2, 4, 5]
    assert source.ids == ("source1", "source2", "source4", "source5")
    assert source.labels is not None
    assert source.labels.tolist() == [0, 1, 1, 1]
    np.testing.assert_allclose(source.probabilities[:, 1], [0.8, 0.3, 0.9, 0.05])


def test_confusion_is_scikit_learns() -> None:
    source = scored_sets(ROWS, NAMES)["source"]
    expected = confusion_matrix(source.labels, source.predicted)
    assert np.array_equal(source.confusion(), expected)
    assert expected.tolist() == [[0, 1], [2, 1]]


def test_of_the_mistakes_on_one_object_the_worst_is_shown() -> None:
    grouped = [{**each, "group": group} for each, group in zip(ROWS, "aacbbcd", strict=True)]
    source = scored_sets(grouped, NAMES)["source"]
    assert [source.ids[i] for i in source.worst(3)] == ["source5", "source1"]


def test_the_worst_mistake_comes_first() -> None:
    source = scored_sets(ROWS, NAMES)["source"]
    assert [source.ids[i] for i in source.worst(2)] == ["source5", "source1"]


def test_a_domain_without_labels() -> None:
    target = scored_sets(ROWS, NAMES)["target"]
    assert len(target) == 1
    assert target.labels is None
    assert target.confusion() is None
    assert len(target.worst(3)) == 0
