"""A text that a terminal or a browser would obey, and what of such is left on a page."""

import unicodedata

BAD = "\x1b[31m\x00\x07\x9b\u202e\u2028<b>"
SHOWN = r"\x1b[31m\x00\x07\x9b\u202e\u2028&lt;b&gt;"


def unseen(page):
    """Return the control and format characters of ``page`` but for line ends."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {c for c in page if unicodedata.category(c) in kinds} - {"\n"}
