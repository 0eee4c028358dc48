"""Pairs of domains."""

from dakit import DatasetSpec
from dakit.builtin.datasets.arrays import Arrays
from dakit.builtin.datasets.digits_shift import DigitsShift
from dakit.builtin.datasets.images import Images

SPECS: tuple[type[DatasetSpec], ...] = (
    Arrays,
    DigitsShift,
    Images,
)
