"""The images dataset: a pair of domains from image files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from dakit import InputError, first_few
from dakit.builtin.datasets.image_entries import (
    Labels,
    classes_of,
    entries_of,
    is_folder,
    labels_of,
    new_entries,
)
from dakit.contracts import BuildContext, Domain, DomainPair, Provenance, Side, no_source
from dakit.contracts.naming import is_missing
from dakit.images import (
    ARRAYS,
    FITS,
    ImageEntry,
    ImageReading,
    decode_images,
    is_picture,
    listed,
    read_images,
)

if TYPE_CHECKING:
    from dakit.builtin.datasets.images import Images


OF_KINDS = {
    "hdu": ("FITS", FITS),
    "channels_last": ("npy", ARRAYS),
    "blank": ("FITS or npy", (*FITS, *ARRAYS)),
}
"""Settings of the reading that some kinds of files alone have a use for."""


def load_images(spec: Images, context: BuildContext) -> DomainPair:
    """Return the domains of ``spec``.

    Raises:
        InputError: labels of either domain are unknown, or files are missing or cannot be used and
            the spec leaves none out; lists all.
    """
    entries = entries_of(spec, context.base_dir)
    classes = classes_of(spec, entries)
    labels, cache = labels_of(spec, entries, classes), _cache(spec, context)
    sides = [
        _Side(role, found, labels[role], spec.sides[role].reading or spec.reading, cache)
        for role, found in entries.items()
    ]
    _check_bad(sides, spec)
    notes = [note for side in sides for note in side.notes()]
    provenance = Provenance(
        "files",
        f"images of {' -> '.join(side.path.name for side in spec.sides.values())}",
        {name: found for side in sides for name, found in side.checksums().items()},
        (*notes, *_idle(spec, sides), *_for_new_images(spec, context.base_dir)),
    )
    target = sides[-1].domain()
    source = sides[0].domain() if len(sides) > 1 else no_source(target)
    return DomainPair(source, target, classes, provenance, spec.shared_groups)


def read_new_images(spec: Images, paths: Sequence[Path], context: BuildContext) -> Domain:
    """Return new images, read as those of ``context.domain``, in their order.

    ``paths`` are files, folders and catalogues. Those that are missing or cannot be used are left
    out where the spec or the context says so.

    Raises:
        InputError: some are missing or cannot be used, and are listed, or no image is left.
    """
    side = spec.sides.get(context.domain, spec.target)
    entries = new_entries(spec, paths, context.domain, context.base_dir)
    images = read_images(
        entries,
        side.reading or spec.reading,
        on_bad="skip" if context.skip_bad else spec.bad_files,
        cache=_cache(spec, context),
        shape=context.input_shape or None,
        how_to_skip="--skip-bad (skip_bad=True)",
    )
    kept = [entries[row] for row in images.kept]
    left_out = tuple((bad.id, bad.reason) for bad in images.bad)
    return Domain("new images", images.inputs, None, _ids(kept), _groups(kept), left_out=left_out)


@final
class _Side:
    """One domain: its entries, their labels and what could be read of them."""

    def __init__(
        self,
        name: Side,
        entries: Sequence[ImageEntry],
        labels: Labels,
        reading: ImageReading,
        cache: Path | None,
    ) -> None:
        self.name = name
        self.reading = reading
        self.images = decode_images(entries, reading, cache=cache)
        self.total = len(entries)
        self.kept = [entries[row] for row in self.images.kept]
        self._labels = None if labels is None else np.array(labels, np.int64)[self.images.kept]

    def domain(self) -> Domain:
        """Return the domain of the images that could be read."""
        return Domain(
            self.name, self.images.inputs, self._labels, _ids(self.kept), _groups(self.kept)
        )

    def checksums(self) -> dict[str, str]:
        """Return the SHA-256 of the files' contents and of what is said of them."""
        said = json.dumps([[entry.id, entry.label, entry.group] for entry in self.kept])
        catalogue = hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
        return {f"{self.name} images": self.images.sha256, f"{self.name} catalogue": catalogue}

    def notes(self) -> list[str]:
        """Return what resizing kept, and what was left out or replaced."""
        images, notes = self.images, list(_resized(self.name, self.kept, self.reading))
        if images.bad:
            ids = first_few([bad.id for bad in images.bad], most=20)
            notes.append(
                f"{self.name}: {len(images.bad)} of {self.total} images were left out, missing or "
                f"not usable: {ids}."
            )
        if images.blank_pixels:
            notes.append(
                f"{self.name}: {images.blank_pixels} blank pixels (NaN) in {images.blank_images} "
                "images were replaced."
            )
        return notes


def _for_new_images(spec: Images, base: Path) -> Iterator[str]:
    """Yield which settings of a folder are those of catalogues that ``dakit predict`` may get."""
    for role, side in spec.sides.items():
        asked = {
            "root": side.root,
            "columns.path": side.columns.path,
            "columns.id": side.columns.id,
        }
        idle = [name for name, value in asked.items() if value is not None]
        if idle and is_folder(base / side.path):
            yield (
                f"{role}: {side.path.name} is a folder, where {', '.join(idle)} say nothing; they "
                "hold for catalogues given to dakit predict."
            )


def _idle(spec: Images, sides: Sequence[_Side]) -> Iterator[str]:
    """Yield what is said of the reading of files of which there is none."""
    read_by: dict[str, list[_Side]] = {}
    for side in sides:
        own = spec.sides[side.name].reading
        read_by.setdefault(f"{side.name}.reading" if own else "reading", []).append(side)
    for place, members in read_by.items():
        reading = members[0].reading
        files = [path.name.lower() for side in members for e in side.kept for path in e.paths]
        for setting, (kinds, suffixes) in OF_KINDS.items():
            asked = getattr(reading, setting) != ImageReading.model_fields[setting].default
            if asked and not any(file.endswith(suffixes) for file in files):
                yield f"'{place}.{setting}' is for {kinds} files, and there is none."
        if reading.size is None and reading.conserve != "flux_or_picture_brightness":
            yield f"'{place}.conserve' says nothing without 'size': no image is resized."


def _resized(name: str, kept: Sequence[ImageEntry], reading: ImageReading) -> Iterator[str]:
    if reading.size is None:
        return
    what = reading.conserve.replace("_", " ")
    if reading.conserve == "flux_or_picture_brightness":
        pictures = sum(is_picture(entry.paths[0]) for entry in kept)
        kinds = {
            "brightness of {} PNG or JPEG": pictures,
            "flux of {} FITS or npy": len(kept) - pictures,
        }
        what = " and ".join(
            f"the {kind.format(number)}" for kind, number in kinds.items() if number
        )
    yield f"{name}: resized to {reading.size} pixels, which keeps {what}."


def _cache(spec: Images, context: BuildContext) -> Path | None:
    return None if spec.cache is None else context.base_dir / spec.cache


def _check_bad(sides: Sequence[_Side], spec: Images) -> None:
    bad = [f"{side.name} {image}" for side in sides for image in side.images.bad]
    reasons = [image.reason for side in sides for image in side.images.bad]
    nothing_left = any(len(side.images.kept) == 0 for side in sides)
    if bad and (spec.bad_files == "stop" or nothing_left):
        total = sum(side.total for side in sides)
        raise InputError(
            f"{len(bad)} of {total} images are missing or cannot be used:{listed(bad)}\n"
            f"{'; '.join(_ways_out(reasons, total, nothing_left))}."
        )


def _ways_out(reasons: Sequence[str], total: int, nothing_left: bool) -> Iterator[str]:
    if len(reasons) > total / 2:
        yield "So many at once: look at 'reading' (bands, cut, hdu) before the files"
    if any("blank" in reason for reason in reasons):
        yield "Blank pixels can be filled with 'blank' of 'reading'"
    if any("HDU" in reason for reason in reasons):
        yield (
            "'hdu' of 'reading' says which HDU of a FITS file is read, the same for all files of a "
            "domain: bring files of another layout to it"
        )
    elif any("instead of" in reason for reason in reasons):
        yield "Images of several shapes become one with 'size' and 'bands' of 'reading'"
    yield "Mend them" + ("" if nothing_left else ', or leave them out with "bad_files": "skip"')


def _ids(entries: Sequence[ImageEntry]) -> NDArray[np.str_]:
    return np.array([entry.id for entry in entries], dtype=np.str_)


def _groups(entries: Sequence[ImageEntry]) -> NDArray[np.str_] | None:
    """Return the groups; an image without one stands alone, under its id."""
    groups = ["" if is_missing(entry.group) else entry.group for entry in entries]
    if not any(groups):
        return None
    names = [group or entry.id for group, entry in zip(groups, entries, strict=True)]
    return np.array(names, dtype=np.str_)
