"""What a dataset says of files that can be fetched: light, for ``DatasetSpec.remote_files``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import final

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hex digits by algorithm: the checksums that can be verified."""


@final
@dataclass(frozen=True)
class RemoteFile:
    """One file: its plain name, where it is, and what makes it the right one.

    ``size`` is in bytes; ``checksum`` is ``"sha256:<hex>"`` (or md5, sha1, sha512). Either may be
    none: the index may give them. Raises ValueError where a name leads out of the folder or a
    checksum could never be met.
    """

    name: str
    url: str
    size: int | None = None
    checksum: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^\x00-\x1f/\\:]+", self.name) or self.name.startswith("."):
            raise ValueError(f"{self.name!r} is no plain file name")
        if self.checksum is not None and not is_checksum(self.checksum):
            raise ValueError(
                f"{self.name}: {self.checksum!r} is no checksum such as 'sha256:<hex>'"
            )


@final
@dataclass(frozen=True)
class RemoteFiles:
    """All files of a dataset.

    ``folder`` is where the dataset looks for them; a relative one starts from the working
    directory. ``index`` is the URL of a JSON document with ``files[].key``, ``.size`` and
    ``.checksum``, as Zenodo's ``/api/records/ID`` has. ``note`` is told after the files have come:
    how a run finds them.
    """

    files: tuple[RemoteFile, ...]
    folder: Path
    index: str | None = None
    note: str = ""


def is_checksum(text: str) -> bool:
    """Say whether ``text`` is ``algorithm:hex`` of a known algorithm and of its length."""
    algorithm, _, digits = text.partition(":")
    return bool(re.fullmatch("[0-9a-f]+", digits)) and len(digits) == DIGEST_LENGTHS.get(algorithm)
