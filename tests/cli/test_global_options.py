from __future__ import annotations

from pathlib import Path

import pytest

from dakit import InputError
from dakit.cli.app import extract
from dakit.plugins.options import PluginOptions


def test_options_are_taken_out_wherever_they_stand() -> None:
    line = "--debug run --disable-plugin a s.json --no-plugins --seed 3 --disable-plugin=b"
    options, rest = extract([*line.split(), "--plugin-module", "x.py"], {})
    assert options == PluginOptions(
        disabled=("a", "b"), allowed=(), modules=(Path("x.py"),), debug=True
    )
    assert rest == ["run", "s.json", "--seed", "3"]


def test_options_add_to_the_environment() -> None:
    environ = {"DAKIT_DISABLE_PLUGINS": "a", "DAKIT_STRICT_PLUGINS": "1"}
    options, _ = extract(["--disable-plugin", "b"], environ)
    assert options == PluginOptions(disabled=("a", "b"), strict=True)


def test_nothing_after_two_dashes_is_touched() -> None:
    assert extract(["info", "--", "--debug"], {}) == (PluginOptions(), ["info", "--", "--debug"])


@pytest.mark.parametrize("line", [["--disable-plugin"], ["--plugin-module", "--json"]])
def test_missing_value_is_the_users_error(line: list[str]) -> None:
    with pytest.raises(InputError, match=f"{line[0]} needs a value"):
        extract(line, {})
