"""Carries out one check of a component, for the tests of the kit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dakit.testing import bound_checks


def _run_check(spec_class: Any, name: str, **example: Any) -> None:
    (bound,) = [b for b in bound_checks(spec_class, example=example) if b.check.name == name]
    bound()


def _assert_caught(spec_class: Any, name: str, message: str, **example: Any) -> None:
    with pytest.raises(Exception, match=message):
        _run_check(spec_class, name, **example)


@pytest.fixture
def run_check() -> Callable[..., None]:
    return _run_check


@pytest.fixture
def assert_caught() -> Callable[..., None]:
    return _assert_caught
