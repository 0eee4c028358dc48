"""Errors a user meets. Each knows the exit code it ends the command line with."""

from __future__ import annotations


class DakitError(Exception):
    """Something went wrong that the user can understand and act on."""

    exit_code = 1


class InputError(DakitError):
    """The user's input is wrong: a spec, an option, a data file."""

    exit_code = 2


class RunError(DakitError):
    """A run could not be completed: a loss became NaN, the disk is full."""
