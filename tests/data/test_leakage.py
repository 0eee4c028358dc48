import json

import numpy as np
from pairs import domain, pair

from dakit.components import SplitSpec
from dakit.contracts import DomainSplit, PairSplit
from dakit.data.leakage import leakage
from dakit.data.splits import draw_split


def rows(*parts):
    return DomainSplit(*(np.array(part, dtype=np.int64) for part in parts))


def test_objects_on_both_sides_are_counted():
    source = domain(groups=np.array([0, 0, 1, 1, 2, 2]), n=6)
    target = domain("target", groups=np.array([0, 1, 2, 2, 3, 2]), n=6)
    # source: object 0 in train and test, 1 in train only, 2 in validation and test
    # target: its test images show 2, 3 and 2; none of them is in source train but ...
    split = PairSplit(rows((0, 2, 3), (4,), (1, 5)), rows((2,), (0,), (1, 3, 4, 5)))
    report = leakage(pair(source, target, shared=True), split)
    assert (report.source.objects, report.source.straddling_objects) == (3, 2)
    assert (report.source.test_images, report.source.leaked_test_images) == (2, 1)
    assert (report.target.straddling_objects, report.target.leaked_test_images) == (1, 2)
    assert report.target_test_in_source_train == 1  # ... object 1 is, in one image
    assert report.target_test_objects_in_source_train == 1
    told = "\n".join(report.lines())
    assert "LEAKAGE: source: 2 of 3 objects" in told
    assert "50.0% of the test images" in told
    assert "1 of 4 target test images (25.0%)" in told
    assert json.loads(json.dumps(report.to_dict()))["source"]["straddling_objects"] == 2


def test_a_drawn_split_leaks_nothing():
    groups = np.arange(40) // 4
    data = pair(domain(groups=groups), domain("target", groups=groups, n=40), shared=True)
    report = leakage(data, draw_split(data, SplitSpec(), 0))
    assert report.source.straddling_objects == report.target.straddling_objects == 0
    assert report.target_test_in_source_train == 0
    assert not any("LEAKAGE" in line for line in report.lines())


def test_without_groups_leakage_is_said_to_be_unknown():
    data = pair()
    report = leakage(data, draw_split(data, SplitSpec(), 0))
    assert report.source.straddling_objects is None
    assert report.target_test_in_source_train is None
    assert all("not known: no groups" in line for line in report.lines())
