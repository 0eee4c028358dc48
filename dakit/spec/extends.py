"""``extends``: a spec says only what differs from other specs.

The bases are read left to right, each over the one before, and the file itself comes last:

* objects are merged key by key,
* lists are replaced,
* an object whose ``name`` differs from the inherited one is replaced whole, so the parameters
  of one loss never leak into another (the ``name`` of the run itself is just a key),
* ``null`` replaces what was inherited. Where null is a value (``objective.transfer``) it stays;
  elsewhere the key is dropped before validation and the default applies.

A component's short form ``"mmd"`` merges exactly like ``{"name": "mmd"}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import JSONDecodeError
from pathlib import Path

from dakit.spec.links import LONGEST_CHAIN, Chain, linked, similar_file
from dakit.spec.positions import Mark, Node, parse
from dakit.spec.problems import Problem, SpecError
from dakit.spec.run import SCHEMA_VERSION


def merge(base: Node, child: Node, *, top: bool = False) -> Node:
    """Return ``child`` over ``base`` by the rules above; ``top`` for whole specs."""
    below, above = _members(base), _members(child)
    is_text = isinstance(child.value, str)
    if below is None or above is None or (is_text and "name" not in below):
        return child
    if is_text and isinstance(base.value, str):
        return child
    names = [node.plain() for node in (below.get("name"), above.get("name")) if node is not None]
    if not top and len(names) == 2 and names[0] != names[1]:
        return child
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        merged[key] = merge(below[key], above[key])
    return Node(merged, child.mark, child.key_mark)


def _members(node: Node) -> dict[str, Node] | None:
    if isinstance(node.value, str):
        return {"name": Node(node.value, node.mark, node.key_mark)}
    return node.value if isinstance(node.value, dict) else None


def read_file(
    path: Path,
    shown: str,
    problems: list[Problem],
    chain: Chain = (),
    done: dict[Path, Node] | None = None,
) -> Node:
    """Read a spec file merged over everything it extends; once, where ``done`` holds it.

    Raises:
        SpecError: A file is missing or no JSON, ``extends`` goes in a circle, or a version is
            unknown. Smaller ``problems`` are collected instead.
    """
    done, full = {} if done is None else done, path.resolve()
    if full not in done:
        node = read_node(path, shown, problems)
        done[full] = read_bases(node, problems, (*chain, (full, shown)), done)
    return done[full]


def read_node(path: Path, shown: str, problems: list[Problem], what: str = "run spec") -> Node:
    """Read a file that holds a JSON object, with the place of everything in it.

    Raises:
        SpecError: The file is missing or holds no JSON object; smaller ``problems`` are collected.
    """
    mark = Mark(shown, folder=path.resolve().parent)
    node = _parsed(_text(path, shown), mark, problems)
    if not isinstance(node.value, dict):
        raise SpecError([node.mark.problem((), f"a {what} must be an object: {{ ... }}")])
    return node


def read_bases(
    node: Node,
    problems: list[Problem],
    chain: Chain = (),
    done: dict[Path, Node] | None = None,
) -> Node:
    """Merge a parsed document over everything it extends; see :func:`read_file`."""
    _check_version(node, problems)
    merged = Node({}, node.mark)
    for text, mark in _bases(node):
        path, shown = linked(text, mark, ("extends",), chain)
        merged = merge(merged, read_file(path, shown, problems, chain, done), top=True)
    own = Node({k: v for k, v in node.value.items() if k != "extends"}, node.mark)
    return merge(merged, own, top=True)


def _bases(node: Node) -> Iterator[tuple[str, Mark]]:
    extends = node.child("extends")
    if extends is None or extends.value is None:
        return
    bases = extends.value if isinstance(extends.value, list) else [extends]
    if len(bases) > LONGEST_CHAIN:
        message = f"must be at most {LONGEST_CHAIN} files, not {len(bases)}"
        raise SpecError([extends.mark.problem(("extends",), message)])
    for base in bases:
        if not isinstance(base.value, str):
            message = "must be the path of a run spec or a list of such paths"
            raise SpecError([base.mark.problem(("extends",), message)])
        yield base.value, base.mark


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        message = f"there is no such file{similar_file(path)}"
    except UnicodeDecodeError as error:
        message = f"is not a text in UTF-8 (byte {error.start})"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    raise SpecError([Problem(message, file=shown)])


def _parsed(text: str, source: Mark, problems: list[Problem]) -> Node:
    try:
        node, found = parse(text, source)
    except JSONDecodeError as error:
        message = f"not JSON: {_reason(error)}"
        raise SpecError([Problem(message, "", source.file, error.lineno, error.colno)]) from None
    except ValueError as error:
        raise SpecError([Problem(f"not JSON: {error}", file=source.file)]) from None
    problems.extend(found)
    if node.value is None and found:  # nothing was read
        raise SpecError(problems)
    return node


def _reason(error: JSONDecodeError) -> str:
    rest = error.doc[error.pos :].lstrip()
    if not error.doc.strip():
        return "the file is empty"
    if rest.startswith(("//", "/*", "#")):
        return "comments are not allowed; use the 'description' key"
    if error.msg.startswith("Expecting property name") and rest.startswith("}"):
        return "a comma before the closing brace"
    if error.msg == "Expecting value" and rest.startswith("]"):
        return "a comma before the closing bracket"
    if rest.startswith("'"):
        return "text must stand in double quotes"
    return error.msg[0].lower() + error.msg[1:]


def _check_version(node: Node, problems: list[Problem]) -> None:
    version = node.child("schema_version")
    if version is None or version.value is None:
        return
    whole = isinstance(version.value, float) and version.value.is_integer()
    if type(version.value) is not int and not whole:  # to Python, true equals 1
        problems.append(version.mark.problem(("schema_version",), "must be a whole number"))
    elif version.value != SCHEMA_VERSION:
        message = f"there is no version {int(version.value)}: this dakit reads {SCHEMA_VERSION}"
        if version.value > SCHEMA_VERSION:
            message = (
                f"version {int(version.value)} is newer than this dakit, which reads up to "
                f"{SCHEMA_VERSION}: use a newer dakit"
            )
        raise SpecError([version.mark.problem(("schema_version",), message)])
