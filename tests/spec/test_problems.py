from __future__ import annotations

from dakit.errors import InputError
from dakit.spec.problems import Problem, SpecError, dotted, unknown


def test_a_problem_reads_as_place_path_and_message():
    assert str(Problem("is odd", "a.b", "x.json", 4, 21)) == "x.json:4:21: a.b: is odd"
    assert str(Problem("is odd", "a.b", "--set a.b=1")) == "--set a.b=1: a.b: is odd"
    assert str(Problem("is odd", "a.b")) == "a.b: is odd"


def test_an_error_lists_every_problem_once_and_ends_with_exit_code_2():
    first, second = Problem("one", "a"), Problem("two", "b")
    error = SpecError([first, second, first])
    assert error.problems == (first, second)
    assert isinstance(error, InputError)
    assert error.exit_code == 2
    assert "a: one" in str(error)
    assert "b: two" in str(error)


def test_steps_are_written_with_dots():
    assert dotted(("objective", "regularizers", 0, "weight")) == "objective.regularizers.0.weight"


def test_what_is_unknown_is_said_with_what_there_is():
    assert unknown("key", "zzz", ["weight", "ramp"]) == "unknown key. Allowed: weight, ramp"
