"""``dakit fetch``: bring the files of a dataset here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dakit.cli.completion import dataset_fields, datasets


def fetch(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", autocompletion=datasets, help="The dataset's name.")
    ],
    to: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the files; by default the dataset's own."),
    ] = None,
    mirror: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A folder on the web with copies of the files."),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option("--file", metavar="NAME", help="Only this file (repeatable)."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="K=V",
            autocompletion=dataset_fields,
            help="A field of the dataset, e.g. experiment=sim_sim.",
        ),
    ] = None,
) -> None:
    """Bring the files of DATASET here: whole, checked, and only once.

    Sizes and checksums are those of the archive's own record. A download that breaks off, by
    Ctrl-C too, goes on where it ended when the same command is given again; a file whose checksum
    nobody knows starts over. Files that are here and right are left alone. Proxies are taken from
    HTTPS_PROXY and HTTP_PROXY.

    Examples:

      dakit fetch galaxy_mergers

      dakit fetch galaxy_mergers --set experiment=sim_sim --to /data/mergers

      dakit fetch galaxy_mergers --mirror https://data.example.org/mergers
    """
    from dakit.fetching.fetch import fetch as fetch_files
    from dakit.fetching.fetch import remote_files

    remote = remote_files(dataset, settings or [])
    fetched = fetch_files(remote, to=to, mirror=mirror, names=files or [])
    lines = [*fetched.lines(), *([remote.note] if remote.note else [])]
    sys.stdout.writelines(f"{line}\n" for line in lines)
