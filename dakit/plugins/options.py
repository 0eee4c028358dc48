"""Which plugins the user wants, how loudly their failures are reported, and how much besides."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final


@final
@dataclass(frozen=True)
class PluginOptions:
    """What is blocked before it is imported, what is loaded besides, and what failures do."""

    disabled: tuple[str, ...] = ()
    """Names of plugins or distributions that are not imported."""
    allowed: tuple[str, ...] | None = None
    """If given, only these are imported; empty: none but dakit's own."""
    modules: tuple[Path, ...] = ()
    """Python files that are loaded as plugins although they are not installed."""
    debug: bool = False
    """Print the traceback of each failure."""
    strict: bool = False
    """Raise instead of carrying on without the plugin."""
    quiet: bool = False
    """Tell errors and results alone: no bars, no lines an epoch, no notes. Of this process only."""

    @staticmethod
    def from_environment(environ: Mapping[str, str] = os.environ) -> PluginOptions:
        """Read ``DAKIT_DISABLE_PLUGINS``, ``DAKIT_PLUGINS``, ``DAKIT_{DEBUG,STRICT}_PLUGINS``."""
        allowed = environ.get("DAKIT_PLUGINS")
        return PluginOptions(
            disabled=_names(environ.get("DAKIT_DISABLE_PLUGINS", "")),
            allowed=None if allowed is None else _names(allowed),
            debug=_is_on(environ.get("DAKIT_DEBUG_PLUGINS", "")),
            strict=_is_on(environ.get("DAKIT_STRICT_PLUGINS", "")),
        )

    def arguments(self) -> list[str]:
        """Return the command line options that give another process these options.

        A list of allowed plugins has no option: it goes with the environment.
        """
        given = ["--no-plugins"] if self.allowed == () else []
        given += [f"--disable-plugin={name}" for name in self.disabled]
        given += [f"--plugin-module={path.resolve()}" for path in self.modules]
        return given + (["--debug"] if self.debug else [])

    def reason_against(self, *names: str) -> str:
        """Return why a plugin known by ``names`` is not imported; empty if it may be."""
        if _any_named(self.disabled, names):
            return "disabled by --disable-plugin or DAKIT_DISABLE_PLUGINS"
        if self.allowed is not None and not _any_named(self.allowed, names):
            return "not among the plugins allowed by DAKIT_PLUGINS or --no-plugins"
        return ""

    def unknown(self, known: Iterable[str]) -> tuple[str, ...]:
        """Return the names the user gave that belong to none of ``known``."""
        given = dict.fromkeys((*self.disabled, *(self.allowed or ())))
        return tuple(name for name in given if not _any_named((name,), known))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _is_on(text: str) -> bool:
    return text.strip().lower() not in {"", "0", "false", "no", "off"}


def _any_named(wanted: Iterable[str], names: Iterable[str]) -> bool:
    """Compare as packaging does, so that ``astro_mergers`` is ``astro-mergers``."""
    return not {plain_name(n) for n in wanted}.isdisjoint(map(plain_name, names))


def plain_name(name: str) -> str:
    """Return ``name`` as package indexes compare it (PEP 503): ``a.b``, ``A_b`` are ``a-b``."""
    return re.sub(r"[-_.]+", "-", name).lower()
