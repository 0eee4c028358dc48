import csv
import io

import numpy as np
import pytest

from dakit.contracts import Domain, DomainSplit
from dakit.evaluation.evaluate import DomainPredictions, predictions_csv


def split(train, validation, test):
    return DomainSplit(*(np.array(rows, dtype=np.int64) for rows in (train, validation, test)))


@pytest.fixture
def domains():
    random = np.random.default_rng(0)
    source = Domain(
        "sim",
        np.zeros((4, 2)),
        labels=np.array([0, 1, 1, 0]),
        ids=np.array(["a", "b,c", 'd"', "e"]),
        groups=np.array([7, 7, 8, 9]),
    )
    target = Domain("real", np.zeros((2, 2)), labels=None, ids=np.array([10, 11]))
    probabilities = random.dirichlet([1, 1], 6).astype(np.float32)
    return (
        DomainPredictions(source, "source", split([1, 3], [0], [2]), probabilities[:4]),
        DomainPredictions(target, "target", split([], [1], []), probabilities[4:]),
    )


@pytest.fixture
def rows(domains):
    text = predictions_csv(domains, ("other", "merger"))
    return list(csv.DictReader(io.StringIO(text)))


def test_there_is_a_row_for_every_image_in_row_order(rows):
    assert [row["id"] for row in rows] == ["a", "b,c", 'd"', "e", "10", "11"]
    assert [row["domain"] for row in rows] == ["source"] * 4 + ["target"] * 2


def test_the_columns_are_those_promised(rows):
    columns = ["id", "domain", "split", "group", "label", "predicted", "p_other", "p_merger"]
    assert list(rows[0]) == columns


def test_splits_groups_and_labels_belong_to_their_row(rows):
    assert [row["split"] for row in rows[:4]] == ["validation", "train", "test", "train"]
    assert [row["group"] for row in rows[:4]] == ["7", "7", "8", "9"]
    assert [row["label"] for row in rows[:4]] == ["other", "merger", "merger", "other"]


def test_what_is_unknown_is_empty(rows):
    assert [(row["split"], row["group"], row["label"]) for row in rows[4:]] == [
        ("", "", ""),
        ("validation", "", ""),
    ]


def test_probabilities_read_back_exactly_and_agree_with_the_prediction(rows, domains):
    read = np.array([[row["p_other"], row["p_merger"]] for row in rows], dtype=np.float32)
    written = np.concatenate([domain.probabilities for domain in domains])
    np.testing.assert_array_equal(read, written)
    expected = [("other", "merger")[int(p[1] > p[0])] for p in written]
    assert [row["predicted"] for row in rows] == expected
