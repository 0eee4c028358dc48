"""What ``import dakit`` gives: everything it promises, and torch only when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dakit
from dakit import images
from dakit.workflows import compare, evaluate, export, inspect, predict, report, train


def test_every_promised_name_is_there() -> None:
    assert [name for name in dakit.__all__ if getattr(dakit, name, None) is None] == []


def test_notebooks_call_what_the_commands_call() -> None:
    assert dakit.run is train.run
    assert dakit.load_run is train.load_run
    assert dakit.report is report.report
    assert dakit.compare is compare.compare
    assert dakit.predict is predict.predict
    assert dakit.score is evaluate.score
    assert dakit.export is export.export
    assert dakit.inspect is inspect.inspect


def test_completion_offers_every_promised_name() -> None:
    assert set(dakit.__all__) <= set(dir(dakit))
    assert set(images.__all__) <= set(dir(images))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'dakit' has no attribute 'predcit'"):
        _ = dakit.predcit  # type: ignore[attr-defined]


def test_importing_dakit_does_not_import_torch() -> None:
    code = "import sys, dakit; dir(dakit); sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
