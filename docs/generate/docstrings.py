"""Docstrings as mkdocstrings shows them: roles become links, fields have their description."""

from __future__ import annotations

import ast
import re
from typing import Any

import griffe

ROLE = re.compile(r":[a-z]+:`(~?)([\w.]+)`")


class Docstrings(griffe.Extension):
    """Turn roles into links, where a page describes what they name, and ``::`` into ``:``."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Change the docstring of one object."""
        if obj.is_attribute and not obj.docstring and (described := _description(obj)):
            obj.docstring = griffe.Docstring(described, parent=obj)
        _change(obj)

    def on_package(self, *, pkg: griffe.Module, **kwargs: Any) -> None:
        """Change the docstring of the package itself, which is no object of anything."""
        _change(pkg)


def _change(obj: griffe.Object) -> None:
    if obj.docstring:
        text = ROLE.sub(_link, obj.docstring.value)
        obj.docstring.value = re.sub(r"::$", ":", text, flags=re.MULTILINE)


def _link(role: re.Match[str]) -> str:
    short, path = role.groups()
    shown = path.rpartition(".")[2] if short else path
    return f'<autoref optional identifier="{path}"><code>{shown}</code></autoref>'


def _description(attribute: griffe.Object) -> str:
    """Return the ``description`` of a pydantic field, or nothing."""
    value = ast.parse(str(getattr(attribute, "value", None)), mode="eval").body
    if not isinstance(value, ast.Call) or ast.unparse(value.func) != "Field":
        return ""
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    return str(ast.literal_eval(given["description"])) if "description" in given else ""
