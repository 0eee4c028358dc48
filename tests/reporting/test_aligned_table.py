import io

from rich.console import Console

from dakit.reporting.aligned_table import print_aligned, print_line


def printed(*, terminal, header=("name", "value"), rows=(), width=40):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=width, no_color=True)
    print_aligned(console, header, rows, emphasis=[""] * len(rows))
    return text.getvalue()


def test_a_pipe_gets_aligned_plain_text():
    lines = printed(terminal=False, rows=[("a", "1"), ("longer", "2")])
    assert lines == "name    value\na       1\nlonger  2\n"


def test_nothing_is_folded_in_a_pipe():
    lines = printed(terminal=False, rows=[("x" * 100, "y" * 100)], width=40).splitlines()
    assert lines[1] == "x" * 100 + "  " + "y" * 100


def test_a_terminal_gets_a_rule_under_the_header():
    text = printed(terminal=True, rows=[("a", "1")])
    assert "─" in text
    assert "a" in text


def test_square_brackets_are_text_and_no_markup():
    rows = [("[red]", "[0.1, 0.2]")]
    assert "[red]  [0.1, 0.2]" in printed(terminal=False, rows=rows)
    assert "[red]" in printed(terminal=True, rows=rows)


def test_a_header_alone_is_a_table():
    assert printed(terminal=False) == "name  value\n"


def test_a_line_is_not_folded_in_a_pipe():
    text = io.StringIO()
    print_line(Console(file=text, width=20), "word " * 20)
    assert text.getvalue().count("\n") == 1
