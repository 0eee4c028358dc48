"""The file of groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dakit.errors import InputError
from dakit.inspecting.joining import check_groups_name, write_groups


def test_it_holds_an_array_a_domain(tmp_path: Path) -> None:
    write_groups(tmp_path / "groups.npz", np.array([0, 1, 0]), np.array([2]))
    with np.load(tmp_path / "groups.npz", allow_pickle=False) as read:
        assert {name: read[name].tolist() for name in read} == {"source": [0, 1, 0], "target": [2]}


def test_another_suffix_is_refused() -> None:
    with pytest.raises(InputError, match=r"\.npz"):
        check_groups_name(Path("groups.csv"))
