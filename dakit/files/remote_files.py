"""What a dataset says of files that can be fetched: light, for ``DatasetSpec.remote_files``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import final
from urllib.parse import urlsplit

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hex digits by algorithm: the checksums that can be verified."""


@final
@dataclass(frozen=True)
class RemoteFile:
    """One file: its plain name, where it is, and what makes it the right one.

    ``size`` is in bytes; ``checksum`` is ``"sha256:<hex>"`` (or md5, sha1, sha512). Either may be
    None: the index may give them. Raises ValueError where a name leads out of the folder, an
    address is none of the web, or a checksum could never be met.
    """

    name: str
    url: str
    size: int | None = None
    checksum: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^\x00-\x1f/\\:]+", self.name) or self.name.startswith("."):
            raise ValueError(f"{self.name!r} is no plain file name")
        if not is_url(self.url):
            raise ValueError(f"{self.name}: {self.url!r} is no http or https URL")
        if self.checksum is not None and not is_checksum(self.checksum):
            wrong = f"{self.checksum!r} is no checksum such as 'sha256:<hex>'"
            raise ValueError(f"{self.name}: {wrong}")


@final
@dataclass(frozen=True)
class RemoteFiles:
    """All files of a dataset.

    ``folder`` is where the dataset looks for them; a relative one starts from the working
    directory. ``index`` is the URL of a JSON document with ``files[].key``, ``.size`` and
    ``.checksum``, as Zenodo's ``/api/records/ID`` has. ``note`` is shown after the files have come:
    how a run finds them. Raises ValueError where the index is no address of the web.
    """

    files: tuple[RemoteFile, ...]
    folder: Path
    index: str | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.index is not None and not is_url(self.index):
            raise ValueError(f"the index: {self.index!r} is no http or https URL")


def is_url(text: str) -> bool:
    """Say whether ``text`` is an address that can be fetched from, by http or https."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets without an address, a port beyond 65535
        return False


def is_checksum(text: str) -> bool:
    """Say whether ``text`` is ``algorithm:hex`` of a known algorithm and of its length."""
    algorithm, _, digits = text.partition(":")
    return bool(re.fullmatch("[0-9a-f]+", digits)) and len(digits) == DIGEST_LENGTHS.get(algorithm)
