"""Small domain pairs for the tests of the data path."""

import numpy as np

from dakit import DatasetSpec
from dakit.contracts import Domain, DomainPair, Provenance


class Given(DatasetSpec):
    """The base options of a dataset and nothing else."""

    name: str = "given"

    def build(self, context):
        raise AssertionError("the pair is given")


def domain(name="source", inputs=None, labels=None, ids=None, groups=None, n=40, shape=(2, 4, 4)):
    """A domain of noise, each image different; two classes."""
    if inputs is None:
        inputs = np.random.default_rng(len(name)).normal(3, 2, (n, *shape))
    n = len(inputs)
    labels = np.arange(n) % 2 if labels is None else labels
    return Domain(name, inputs, labels, np.arange(n) if ids is None else ids, groups)


def pair(source=None, target=None, *, classes=("a", "b"), shared=False, split=None):
    return DomainPair(
        domain("source") if source is None else source,
        domain("target", n=30) if target is None else target,
        tuple(classes),
        Provenance("generated", "noise", {"all": "0"}),
        shared,
        split,
    )


def on_disk(path, array):
    """The array as a read-only map."""
    np.save(path, array)
    return np.load(path, mmap_mode="r")
