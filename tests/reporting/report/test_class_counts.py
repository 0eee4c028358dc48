from dakit.reporting.report.class_counts import class_counts, counts_table, object_counts


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


def test_the_table_has_sums_and_nothing_is_nothing():
    table = counts_table(class_counts(ROWS, ["no", "yes"]), {}, ["no", "yes"])
    assert '<th scope="row">source train</th><td>2</td><td>0</td><td>2</td>' in table
    assert counts_table({}, {}, ["no"]) == ""


def test_objects_are_counted_beside_their_images_where_all_are_known():
    groups = iter(["a", "a", "b", ""])
    rows = [{**each, "group": next(groups)} for each in ROWS]
    objects = object_counts(rows, ["no", "yes"])
    assert objects == {"source": {"train": [1, 0], "validation": [0, 0], "test": [0, 1]}}
    table = counts_table(class_counts(rows, ["no", "yes"]), objects, ["no", "yes"])
    assert "(objects in brackets)" in table
    assert "<td>2 (1)</td><td>0 (0)</td><td>2 (1)</td>" in table
    assert object_counts([{**rows[0], "group": ""}, *rows[1:]], ["no", "yes"]) == {}
