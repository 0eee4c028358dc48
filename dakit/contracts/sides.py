"""The sides of a pair of domains and the parts of each: what they are called, in their order."""

from __future__ import annotations

from typing import Literal, get_args

Side = Literal["source", "target"]
SIDES: tuple[Side, ...] = get_args(Side)

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = get_args(Part)
