import numpy as np

from dakit.randomness import derived_seed, generator


def test_a_pure_function_of_seed_purpose_and_epoch():
    asked = [(1, "torch", 2), (2, "torch", 2), (1, "other", 2), (1, "torch", 3), (1, "torch")]
    seeds = [derived_seed(*arguments) for arguments in asked]
    assert seeds == [derived_seed(*arguments) for arguments in asked]
    assert len(set(seeds)) == len(asked)
    assert all(0 <= seed < 2**63 for seed in seeds)
    draws = [generator(*arguments).normal(size=3) for arguments in asked]
    assert np.array_equal(draws[0], generator(1, "torch", 2).normal(size=3))
    assert len({tuple(drawn) for drawn in draws}) == len(asked)
