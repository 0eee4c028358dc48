"""What a plugin must satisfy. Each check raises :class:`PluginFault` with the reason."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, final, get_args, get_origin

import pluggy

from dakit.components import SPEC_BASES, ComponentSpec, Ramp
from dakit.errors import did_you_mean
from dakit.plugins import hooks
from dakit.plugins.hooks import PROJECT
from dakit.plugins.options import plain_name

BASES = {base.kind_hook: base for base in SPEC_BASES.values()}
"""What the components extend that each hook offers."""

_MAY_BE_DAKIT = re.compile(rf"{PROJECT}(?![\w.-]*\w)", re.IGNORECASE)
_PLAIN_REQUIREMENT = re.compile(
    rf"{PROJECT}(?:\[[\w,-]*\])?(?: ?>= ?(\d+(?:\.\d+)*))?(?:; extra == .*)?"
)
_PLAIN_VERSION = re.compile(r"\d+(?:\.\d+)*")


class PluginFault(Exception):
    """What is wrong with a plugin, in words for its author."""


def unmet_requirement(requires: Sequence[str], version: str) -> str:
    """Return the requirement on dakit that ``version`` does not meet, or an empty string.

    A pre-release of the required version is accepted: whoever installs 0.2.0rc1 wants the
    plugins for 0.2.
    """
    wanted = [text for text in requires if _MAY_BE_DAKIT.match(text)]
    if not wanted or all(_met_at_a_glance(text, version) for text in wanted):
        return ""
    # late: a listing that does without is there sooner
    from packaging.requirements import Requirement
    from packaging.version import Version

    for text in wanted:
        requirement = Requirement(text)
        if plain_name(requirement.name) != PROJECT:
            continue
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        candidates = (version, Version(version).base_version)
        if not any(requirement.specifier.contains(v, prereleases=True) for v in candidates):
            return f"{requirement.name}{requirement.specifier}"
    return ""


def _met_at_a_glance(requirement: str, version: str) -> bool:
    """Return whether it is no more than ``dakit>=X.Y`` and ``version`` is plainly above."""
    least, found = _PLAIN_REQUIREMENT.fullmatch(requirement), _PLAIN_VERSION.fullmatch(version)
    if least is None or found is None:
        return False
    wanted = [int(number) for number in (least[1] or "0").split(".")]
    given = [int(number) for number in version.split(".")]
    return [*given, *[0] * len(wanted)] >= wanted  # so that 0.1 is no less than 0.1.0


def offered(plugin: object, name: str) -> tuple[type[ComponentSpec], ...]:
    """Return the component specs that the hooks of ``plugin`` return, all checked.

    Raises:
        PluginFault: an unknown or unmarked hook, or a hook that returns something else.
        pluggy.PluginValidationError: a hook with an argument that its specification lacks.
    """
    try:
        _HOOKS.register(plugin, name)
        classes = [
            spec_class
            for base in BASES.values()
            for implementation in getattr(_HOOKS.hook, base.kind_hook).get_hookimpls()
            for spec_class in _called(implementation.function, base)
        ]
    finally:  # one plugin at a time, so that each result is known to be this plugin's
        if _HOOKS.is_registered(plugin):
            _HOOKS.unregister(plugin)
    _check_unique(classes)
    return tuple(classes)


@final
class _Hooks(pluggy.PluginManager):
    """Looks at each attribute of a plugin once: is it a hook, and one that dakit has?"""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        marks = super().parse_hookimpl_opts(plugin, name)
        if marks is None:
            _check_not_forgotten(plugin, name)
        elif not marks["optionalhook"] and (hook := marks["specname"] or name) not in BASES:
            near = did_you_mean(hook, BASES) or f"; hooks: {', '.join(BASES)}"
            raise PluginFault(f"there is no hook {hook!r}{near}")
        return marks


def _check_not_forgotten(plugin: object, attribute: str) -> None:
    if attribute not in BASES:
        return
    function = getattr(plugin, attribute)
    if inspect.isfunction(function) and not hasattr(function, f"{PROJECT}_spec"):
        raise PluginFault(f"{attribute} is not marked with @hookimpl")


def _called(function: Any, base: type[ComponentSpec]) -> list[type[ComponentSpec]]:
    try:
        result = function()
        if not isinstance(result, Iterable) or isinstance(result, str):
            raise PluginFault(f"returned {result!r} instead of a list of component specs")
        return [_checked(item, base) for item in result]
    except PluginFault as fault:
        raise PluginFault(f"{base.kind_hook}: {fault}") from fault.__cause__


def _checked(item: object, base: type[ComponentSpec]) -> type[ComponentSpec]:
    if not isinstance(item, type):
        hint = "; return the class itself" if isinstance(item, ComponentSpec) else ""
        raise PluginFault(f"{item!r} is not a component spec class{hint}")
    if not issubclass(item, base):
        raise PluginFault(f"{item.__qualname__} does not extend {base.__name__}")
    if not says_what_it_builds(item):
        raise PluginFault(
            f"{item.__qualname__} says nowhere what it builds: name it in `implementation` "
            '(".module:Name"), or write `build`'
        )
    if not item.__module__.startswith(f"{PROJECT}."):  # dakit's own are known to be sound
        Ramp.model_rebuild()  # once, and not anew within each loss
        item.model_rebuild()
    _check_name(item)
    return item


def says_what_it_builds(spec_class: type[ComponentSpec]) -> bool:
    """Return whether ``spec_class`` names its implementation or has a ``build`` of its own."""
    return bool(spec_class.implementation) or spec_class.build is not ComponentSpec.build


def _check_name(spec_class: type[ComponentSpec]) -> None:
    field = spec_class.model_fields["name"]
    values = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if len(values) != 1 or not isinstance(values[0], str) or field.default != values[0]:
        raise PluginFault(
            f"{spec_class.__qualname__} does not pin its name; write "
            f'name: Literal["some_name"] = "some_name"'
        )


def _check_unique(classes: Iterable[type[ComponentSpec]]) -> None:
    seen: dict[tuple[str, str], type[ComponentSpec]] = {}
    for spec_class in classes:
        key = (spec_class.kind, component_name(spec_class))
        first = seen.setdefault(key, spec_class)
        if first is not spec_class:
            raise PluginFault(
                f"both {first.__qualname__} and {spec_class.__qualname__} are named {key[1]!r}"
            )


def component_name(spec_class: type[ComponentSpec]) -> str:
    """Return the name that a component spec class pins."""
    name: str = spec_class.model_fields["name"].default
    return name


_HOOKS = _Hooks(PROJECT)
_HOOKS.add_hookspecs(hooks)
