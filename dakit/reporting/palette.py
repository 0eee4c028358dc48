"""The colours of figures and page: after the poster of DeepMerge II, and legible in the dark."""

from __future__ import annotations

INK, MUTED, LINE = "#1c2331", "#667085", "#d5dae1"

NAVY, PURPLE, DARK_PURPLE, YELLOW, PINK = "#22358c", "#9a5fc4", "#5b2a86", "#e3a008", "#e2569b"

CLASSES = (
    NAVY,
    PINK,
    YELLOW,
    PURPLE,
    "#13806b",
    "#c2452d",
    "#4f8fd6",
    "#7a7f1e",
    "#7d8594",
    "#8a4b12",
)
"""A colour a class; they repeat after the tenth."""

MARK = "#c2410c"
"""What must be seen: the chosen epoch."""

IN_THE_DARK = {
    INK: "#e8ebf0",
    MUTED: "#a3acba",
    LINE: "#3a4354",
    NAVY: "#8fa3ff",
    PURPLE: "#c493ec",
    DARK_PURPLE: "#a974dd",
    YELLOW: "#f2bd3a",
    PINK: "#ff85bd",
    "#13806b": "#45c7ab",
    "#c2452d": "#f28a75",
    "#4f8fd6": "#86b8f0",
    "#7a7f1e": "#c3c95a",
    "#7d8594": "#b9c0cc",
    "#8a4b12": "#d79a5f",
    MARK: "#ff9a5c",
}
"""The same colours on a dark page."""


def class_colour(index: int) -> str:
    """Return the colour of a class."""
    return CLASSES[index % len(CLASSES)]


def variable(colour: str) -> str:
    """Return the CSS variable that stands for ``colour``."""
    return f"--c{colour[1:]}"


def css_variables(dark: bool) -> str:
    """Return the declarations of all variables, for a light or a dark page."""
    return " ".join(f"{variable(c)}: {IN_THE_DARK[c] if dark else c};" for c in IN_THE_DARK)
