"""Launchers: what carries out the runs of a sweep."""

from dakit import LauncherSpec
from dakit.builtin.launchers.local import LocalSpec

SPECS: tuple[type[LauncherSpec], ...] = (LocalSpec,)
