"""The reader of code blocks, and the checks of what is not run: each mistake is found."""

from __future__ import annotations

from pathlib import Path

import documentation_checks as checks
import documentation_pages as pages
import pytest
from documentation_pages import ROOT, Block

PAGE = """
Text.

<!-- not run: needs a telescope -->
```sh
dakit run spec.json \\
  --seed 2
# a comment
```

<!-- first
x = 1
-->

<!-- fails -->
```console
$ dakit validate x.json
wrong
```

    indented

```python title="a/b.py"
pass
```

```python
# c/d.py: says what it is
pass
```

````markdown title="README.md"
```sh
dakit runs
```
````

```
dakit runs
```
"""


@pytest.fixture
def read(tmp_path: Path) -> list[Block]:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    return pages.blocks(page)


def test_blocks_have_language_title_and_comments(read: list[Block]) -> None:
    assert [(b.language, b.title) for b in read] == [
        *(("sh", ""), ("console", ""), ("python", "a/b.py"), ("python", "c/d.py")),
        *(("markdown", "README.md"), ("sh", "")),
    ]
    assert read[0].comments == {"not run": "needs a telescope"}
    assert read[1].comments == {"first": "x = 1", "fails": ""}
    assert read[2].comments == {}
    assert read[4].text == "```sh\ndakit runs\n```\n"


def test_commands_are_what_is_typed(read: list[Block]) -> None:
    assert [line.split()[:3] for line in read[0].commands()] == [["dakit", "run", "spec.json"]]
    assert "--seed 2" in read[0].commands()[0]
    assert read[1].commands() == ["dakit validate x.json"]


@pytest.mark.parametrize(
    "line",
    [
        "dakit rum spec.json",
        "dakit run spec.json --sed 2",
        "ls && dakit run spec.json --sed 2",
        "for s in 1 2; do dakit run x.json --sed $s; done",
        "A=1 dakit lst-plugins",
        "python -m dakit runs --jason",
        "dakit validate examples/no_such_spec.json",
        'pip install -e ".[figgures]"',
        "pip install -e plugins/nowhere",
        "make coffee",
    ],
)
def test_commands_options_and_files_that_do_not_exist_are_found(line: str) -> None:
    with pytest.raises(AssertionError):
        checks.check_commands(block("sh", line))


@pytest.mark.parametrize(
    "line",
    [
        "dakit run examples/astro_mergers/sim_sim_noda.json --seed=2 --debug  # with a comment",
        "dakit --version",
        'pip install -e ".[figures]" -e plugins/astro_mergers',
        "make test",
    ],
)
def test_those_that_exist_pass(line: str) -> None:
    checks.check_commands(block("sh", line))


@pytest.mark.parametrize(
    "text",
    ["from dakit import Nothing", "x = (", "import dakit\ndakit.run('examples/no_such.json')"],
)
def test_python_that_cannot_work_is_found(text: str) -> None:
    with pytest.raises((AssertionError, SyntaxError)):
        checks.check_python(block("python", text))


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1,}',
        '"objective": {"transfer": "mdm"}',
        '{"schema_version": 1, "name": "x", "data": "digits_shift", "objective": {}}',
    ],
)
def test_json_that_is_no_spec_is_found(text: str) -> None:
    with pytest.raises(Exception, match=r"double quotes|trailing comma|mdm|model"):
        checks.check_json(block("json", text))


def block(language: str, text: str) -> Block:
    return Block(ROOT / "docs" / "page.md", 1, language, "", text)
