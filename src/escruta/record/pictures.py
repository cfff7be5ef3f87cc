"""Redacted pictures of tally sheets: found beside a source's files, and published with the record.

A source that names its pictures by digest may have a folder of what of them can be published (`redacted` in the
definition), as `escruta scan` writes it. Nothing else is ever taken: not a picture that a reading only gives the
address of, and not one whose own digest is that of the original, because nothing was painted over in it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from escruta.base.errors import InputError
from escruta.record.contents import Results
from escruta.record.digests import digest_of

PICTURES = "pictures"
"""The folder of a record that holds them, each under its own digest, and the table that lists them."""
_NAMED = re.compile(r"(?:sha256:)?([0-9a-f]{64})(?:#page=([1-9][0-9]{0,3}))?")
_JPEG = b"\xff\xd8\xff"
_SCHEMA = pl.Schema({"source": pl.String, "picture": pl.String, "file": pl.String, "sha256": pl.String})


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedPicture:
    """What of a picture may be published."""

    source: str
    picture: str
    """As the readings name the original."""
    path: Path


def redacted_pictures(results: Results, folders: Sequence[Path]) -> Iterator[RedactedPicture]:
    """Find the redacted pictures of all readings; a source's folder is looked for in each of `folders` in turn.

    Raises `InputError` where a source names a folder that is not there, or what stands there is no redacted picture.
    """
    for source in results.election.sources:
        if source.redacted is None:
            continue
        folder = next((each / source.redacted for each in folders if (each / source.redacted).is_dir()), None)
        if folder is None:
            raise InputError(
                "the folder of a source's redacted pictures is not there",
                where=f"sources.{source.id}",
                found=source.redacted,
                advice="Name the folder that `escruta scan` wrote, or leave `redacted` out.",
            )
        own = [each.readings.filter(pl.col("source").cast(pl.String) == source.id) for each in results.contests]
        named = pl.concat([each.get_column("picture") for each in own]).drop_nulls().unique().sort()
        for picture in named:
            said = _NAMED.fullmatch(picture)
            path = None if said is None else folder / f"{said[1]}{_page(said[2])}.jpg"
            if path is not None and path.is_file():
                yield RedactedPicture(source=source.id, picture=picture, path=path)


def _page(number: str | None) -> str:
    return "" if number in {None, "1"} else f"-{number}"


def publish_pictures(pictures: Iterable[RedactedPicture], folder: Path) -> pl.DataFrame:
    """Copy pictures into a record, and list them; a picture that is its own original is refused."""
    rows = []
    for each in pictures:
        digest = digest_of(each.path)
        with each.path.open("rb") as file:
            is_picture = file.read(len(_JPEG)) == _JPEG
        if not is_picture or digest in each.picture:
            raise InputError(
                "this is not a redacted picture",
                where=str(each.path),
                found="the original" if is_picture else "another kind of file",
                expected="a JPEG picture in which names and signatures were painted over",
                advice="Keep originals out of this folder: everything in it may be published.",
            )
        file_name = f"{PICTURES}/{digest}.jpg"
        (folder / PICTURES).mkdir(exist_ok=True)
        shutil.copyfile(each.path, folder / file_name)
        rows.append((each.source, each.picture, file_name, digest))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").sort("source", "picture")
