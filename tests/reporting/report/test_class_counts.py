from dakit.reporting.scored_set import class_counts, count_rows, object_counts


def row(domain, split, label):
    return {"domain": domain, "split": split, "label": label}


ROWS = [
    row("source", "train", "no"),
    row("source", "train", "no"),
    row("source", "test", "yes"),
    row("target", "test", ""),
]


def test_labels_are_counted_by_part():
    counts = class_counts(ROWS, ["no", "yes"])
    assert counts == {"source": {"train": [2, 0], "validation": [0, 0], "test": [0, 1]}}


def test_the_rows_have_sums_and_nothing_is_nothing():
    rows = list(count_rows(class_counts(ROWS, ["no", "yes"]), {}))
    assert rows[0] == ["source train", "2", "0", "2"]
    assert list(count_rows({}, {})) == []


def test_objects_are_counted_beside_their_images_where_all_are_known():
    groups = iter(["a", "a", "b", ""])
    rows = [{**each, "group": next(groups)} for each in ROWS]
    objects = object_counts(rows, ["no", "yes"])
    assert objects == {"source": {"train": [1, 0], "validation": [0, 0], "test": [0, 1]}}
    first, *_ = count_rows(class_counts(rows, ["no", "yes"]), objects)
    assert first == ["source train", "2 (1)", "0 (0)", "2 (1)"]
    assert object_counts([{**rows[0], "group": ""}, *rows[1:]], ["no", "yes"]) == {}
