import pytest

from dakit.builtin.stoppings.plateau import PlateauSpec
from dakit.builtin.stoppings.published import PublishedSpec
from dakit.contracts import BuildContext, History


def stops(spec, *what, **more):
    return spec.build(BuildContext(seed=0))(History(*what, **more))


@pytest.mark.parametrize(
    ("scores", "min_delta", "wait"),
    [
        ([], 0.0, 0),
        ([0.5], 0.0, 0),
        ([0.5, 0.5, 0.5], 0.0, 2),
        ([0.5, 0.4, 0.6], 0.0, 0),
        ([0.5, 0.55, 0.58], 0.1, 2),
        ([0.5, 0.55, 0.7], 0.1, 0),
        ([0.0, 0.25, 0.5], 0.25, 0),
        ([-3.0, -2.0, -2.5], 0.0, 1),
    ],
)
def test_plateau_counts_the_epochs_without_a_gain(scores, min_delta, wait):
    for patience in range(1, 5):
        stopped = stops(PlateauSpec(), scores, patience=patience, min_delta=min_delta)
        assert stopped == (wait >= patience)


def test_plateau_stops_after_patience_epochs():
    assert not stops(PlateauSpec(), [0.9, 0.8, 0.8], patience=3)
    assert stops(PlateauSpec(), [0.9, 0.8, 0.8, 0.8], patience=3)


@pytest.mark.parametrize(
    ("excess", "penalty"),
    [(0.05, 0), (0.125, 0.1), (0.25, 0.25), (0.375, 0.5), (0.5, 1), (3.0, 1), (-0.5, 0)],
)
def test_published_penalties(excess, penalty):
    """So many losses that far above the lowest one take the counter to 1, and one more above it."""
    times = int(1 / penalty) if penalty else 100
    assert not stops(PublishedSpec(), [], [1.0, *[1.0 + excess] * times], patience=1)
    if penalty:
        assert stops(PublishedSpec(), [], [1.0, *[1.0 + excess] * (times + 1)], patience=1)


def test_published_counter_is_never_reset():
    losses = [1.0, 2.0, 0.5, 2.0, 0.5, 0.75]  # 1 + 1 + 0.25
    assert stops(PublishedSpec(), [], losses, patience=2)
    assert not stops(PublishedSpec(), [], losses[:-1], patience=2)


def test_published_rule_stops_above_patience_and_never_on_a_plateau():
    assert not stops(PublishedSpec(), [0.5] * 4, [1.0, 2.0, 2.0, 1.0], patience=2)
    assert stops(PublishedSpec(), [0.5] * 4, [1.0, 2.0, 2.0, 2.0], patience=2)
    assert not stops(PublishedSpec(), [0.5] * 500, [1.0] * 500, patience=1)
