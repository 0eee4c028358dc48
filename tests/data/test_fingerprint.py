from dataclasses import replace

from pairs import domain, pair

from dakit.contracts import Provenance
from dakit.data.prepare import fingerprint


def test_it_is_a_short_word_that_changes_with_what_the_data_are():
    data = pair()
    assert len(fingerprint(data)) == 16
    assert fingerprint(pair()) == fingerprint(data)
    others = [
        replace(data, class_names=("a", "c")),
        replace(data, source=domain(n=41)),
        replace(data, provenance=Provenance("mock", "noise", {"all": "0"})),
        replace(data, provenance=Provenance("generated", "noise", {"all": "1"})),
    ]
    assert len({fingerprint(other) for other in [data, *others]}) == 5


def test_words_about_the_data_do_not_change_it():
    data = pair()
    described = replace(data, provenance=Provenance("generated", "other words", {"all": "0"}))
    assert fingerprint(described) == fingerprint(data)
