from dakit.reporting.report.class_counts import class_counts, counts_table


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
    table = counts_table(class_counts(ROWS, ["no", "yes"]), ["no", "yes"])
    assert '<th scope="row">source train</th><td>2</td><td>0</td><td>2</td>' in table
    assert counts_table({}, ["no"]) == ""
