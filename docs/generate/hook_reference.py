"""Writes docs/hooks.md from dakit/plugins/hooks.py and dakit/components.py.

Run ``python docs/generate/hook_reference.py`` after a hook or a spec base has changed; a test
tells when.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from dakit.cli.info import field_rows
from dakit.components import ComponentSpec
from dakit.plugins import hooks
from dakit.plugins.checks import BASES

PAGE = Path(__file__).parents[1] / "hooks.md"
HEAD = """\
<!-- Written by `python docs/generate/hook_reference.py` from hooks.py and components.py -->

# Hooks

A plugin is a module that implements any of these functions, each marked with `@hookimpl` and \
named by an entry point in the group `dakit`. Each returns a list of *component spec classes*. \
Hooks are called once, when dakit starts, so the module imports nothing slow. An implementation \
may leave out arguments that it does not need; [arguments are added, never removed](versioning.md) \
within a major version. The [tutorial](tutorial.md) shows a whole plugin, [the contract]\
(contract.md) what `build` gets and returns.

| hook | offers |
|---|---|
"""


def hook_reference() -> str:
    """Return the page."""
    rows = [f"| [`{hook}`](#{hook}) | {base.kind_label} |\n" for hook, base in BASES.items()]
    return "".join([HEAD, *rows, *map(_section, BASES)])


def _section(hook: str) -> str:
    base = BASES[hook]
    function = getattr(hooks, hook)
    told, _, example = inspect.cleandoc(function.__doc__ or "").partition("Example::")
    lines = [
        f"\n## {hook}\n\n{_markdown(told)}\n",
        f"**Arguments:** {_arguments(function)}\n",
        f"**Returns:** classes that extend `{base.__name__}`. {_markdown(base.__doc__ or '')}\n",
        _code(hook, base, textwrap.dedent(example)),
        *_overridable(base),
        *_fields(base),
    ]
    return "\n".join(lines)


def _arguments(function: object) -> str:
    names = inspect.signature(function).parameters  # type: ignore[arg-type]
    return ", ".join(f"`{name}`" for name in names) + "." if names else "none."


def _code(hook: str, base: type[ComponentSpec], example: str) -> str:
    class_name = example.partition("return [")[2].partition("]")[0]
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()
    hookimpl = re.sub(r"  # class .*", "", example.strip())
    return f'''```python
from typing import ClassVar, Literal

from dakit import {base.__name__}, hookimpl


class {class_name}({base.__name__}):
    """One line for `dakit list-plugins`, then the formula."""

    implementation: ClassVar[str] = ".{name}_{base.kind_part}:{base.kind_part.title()}"

    name: Literal["{name}"] = "{name}"


{hookimpl}
```
'''


def _overridable(base: type[ComponentSpec]) -> Iterator[str]:
    rows = [row for cls in base.__mro__[::-1] for row in _members(cls)]
    if rows:
        yield "What the class may say besides its fields:\n"
        yield from ["| name | meaning |", "|---|---|", *rows, ""]


def _members(cls: type) -> Iterator[str]:
    """Yield a row for each class variable and method that is documented in ``cls`` itself."""
    if not issubclass(cls, ComponentSpec):
        return
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    for node, following in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            arguments = ", ".join(a.arg for a in node.args.args[1:])
            summary = (ast.get_docstring(node) or "").replace("\n\n", "<br>")
            yield f"| `{node.name}({arguments})` | {_markdown(summary)} |"
        elif _is_class_variable(node) and isinstance(following, ast.Expr):
            told = ast.literal_eval(following.value)
            yield f"| `{ast.unparse(node)}` | {_markdown(told)} |"


def _is_class_variable(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.AnnAssign)
        and node.value is not None
        and "ClassVar" in ast.unparse(node.annotation)
    )


def _fields(base: type[ComponentSpec]) -> Iterator[str]:
    rows = [row for row in field_rows(base) if row.name != "name"]
    if rows:
        yield "Fields that come with the base:\n"
        yield from ["| field | type | default | bounds | description |", "|---|---|---|---|---|"]
        cells = [(f"`{r.name}`", r.type, r.default, r.bounds, r.description) for r in rows]
        yield from ("| " + " | ".join(c.replace("|", "\\|") for c in row) + " |" for row in cells)
        yield ""


def _markdown(text: str) -> str:
    """Turn a docstring into a line of Markdown."""
    text = re.sub(r":(?:attr|class|meth|data):`~?([\w.]+)`", r"`\1`", inspect.cleandoc(text))
    return " ".join(text.replace("``", "`").split())


def main() -> None:
    """Write the page."""
    PAGE.write_text(hook_reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
