"""What goes into the log: each thing that reached us, and each thing that we published, as one small text.

An entry is canonical JSON (RFC 8785) below 4 kB. The entry of a reading is its canonical form itself, so its digest is
the reading's id. Every other entry says its `kind`; `docs/reference/log-entries.md` lists them. Nothing
that we write ourselves names a person; that page says which texts come from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import rfc8785

from escruta.record.contents import ContestResults, Results
from escruta.record.digests import DIGESTS, INDEX, digest_of
from escruta.sheets.canonical import MEMBERS, canonical_texts
from escruta.sheets.readings import placed
from escruta.sources.readings import FileRead

LONGEST = 4095
"""Bytes of an entry: a longer reading goes in as its digest."""

_DIGEST = r"^(?:sha256:)?([0-9a-f]{64})(?:#page=[1-9][0-9]*)?$"


def entry(kind: str, **said: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    """Write an entry of a kind.

    >>> entry("page", path="index.html", sha256="00")
    b'{"kind":"page","path":"index.html","sha256":"00"}'
    """
    return rfc8785.dumps({"kind": kind, **said})


def kind_of(raw: bytes) -> tuple[str, Mapping[str, Any]]:
    """Tell what kind an entry is, and what it says; a kind of `other` is none of ours.

    >>> kind_of(b'{"kind":"page","path":"x"}')[0], kind_of(b'{"figures":{},"station":"1"}')[0], kind_of(b"?")[0]
    ('page', 'reading', 'other')
    """
    try:
        said = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return "other", {}
    if not isinstance(said, dict):
        return "other", {}
    kind = said.get("kind")
    if isinstance(kind, str):
        return kind, said
    return ("reading" if "kind" not in said and isinstance(said.get("figures"), dict) else "other"), said


def is_in_form(raw: bytes, kind: str, said: Mapping[str, Any]) -> bool:
    """Tell whether an entry of a kind of ours is written in its one way: canonical, with the members that it must have.

    Another program could read a name that stands twice, or a number beyond what JSON holds, in another way than we do.

    >>> is_in_form(b'{"kind":"page"}', "page", {"kind": "page"})
    False
    """
    own = [*MUST_SAY[kind], *(name for name in MAY_SAY.get(kind, ()) if name in said)]
    if any(not isinstance(said.get(name), str) for name in own):
        return False
    if any(_IS_DIGEST.fullmatch(said[name]) is None for name in own if name in _DIGESTS):
        return False
    try:
        return rfc8785.dumps(said) == raw
    except (ValueError, RecursionError):
        return False


MUST_SAY: Mapping[str, tuple[str, ...]] = {
    "rules": ("election", "sha256"),
    "file": ("source", "sha256"),
    "copy": ("source", "station", "sha256"),
    "reading": ("contest", "reading", "source", "station"),
    "withdrawal": ("reading", "source"),
    "return": ("reading", "source"),
    "record": ("sha256sums",),
    "page": ("path", "sha256"),
    "pages": ("sha256sums",),
    "sealing-keys": ("note",),
}
"""The members that an entry of a kind must have, each a text, beside those of the board."""

MAY_SAY: Mapping[str, tuple[str, ...]] = {"pages": ("sha256parts",)}
"""Members that an entry of a kind may have beside them; entries of earlier versions do without."""

_DIGESTS = frozenset(("sha256", "sha256sums", "sha256parts", "reading"))
_IS_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(slots=True)
class History:
    """What a log holds already, as far as the next run must know."""

    files: set[tuple[str, str]] = field(default_factory=set)
    """Source and SHA-256 of each file that arrived."""
    copies: set[tuple[str, str, str]] = field(default_factory=set)
    """Source, station and SHA-256 of each picture that arrived."""
    readings: dict[str, str] = field(default_factory=dict)
    """Id and source of the readings in it that were not withdrawn."""
    withdrawn: dict[str, str] = field(default_factory=dict)
    """Id and source of those that were."""
    published: int = 0
    """How often a record, or the pages of one, were published."""
    record: str | None = None
    """SHA-256 of the list of digests of the record that was published last."""
    page_list: str | None = None
    """SHA-256 of the list of its pages; None where none were published with it."""
    page_parts: str | None = None
    """SHA-256 of the index of the parts of that list; None where the log names none."""
    pages: set[tuple[str, str]] = field(default_factory=set)
    """Path and SHA-256 of every page that ever was published."""

    @classmethod
    def of(cls, entries: Iterable[bytes]) -> History:
        """Read a log from its beginning."""
        history = cls()
        for raw in entries:
            history.add(raw)
        return history

    def add(self, raw: bytes) -> None:
        """Go on by one entry."""
        self.add_said(raw, *kind_of(raw))

    def add_said(self, raw: bytes, kind: str, said: Mapping[str, Any]) -> bool:
        """Go on by one entry whose kind is known already; False where it contradicts what stands before it.

        Such an entry changes nothing. Otherwise a reading could be hidden by giving it to another source.
        """
        if kind == "reading":
            return self._read(reading_of(raw, said), str(said.get("source")), is_whole="kind" not in said)
        if kind == "withdrawal":
            return _move(said, self.readings, self.withdrawn)
        if kind == "return":
            return _move(said, self.withdrawn, self.readings)
        if kind == "file":
            self.files.add((str(said.get("source")), str(said.get("sha256"))))
        elif kind == "copy":
            self.copies.add((str(said.get("source")), str(said.get("station")), str(said.get("sha256"))))
        elif kind in {"record", "pages"}:
            self._publish(kind, str(said.get("sha256sums")), said.get("sha256parts"))
        elif kind == "page":
            self.pages.add((str(said.get("path")), str(said.get("sha256"))))
        return True

    def without_known(self, readings: pl.DataFrame) -> pl.DataFrame:
        """Leave out the readings that are in the log, withdrawn or not."""
        if not self.readings and not self.withdrawn:
            return readings
        ids = readings["reading"].to_list()
        new = [each for each in ids if each not in self.readings and each not in self.withdrawn]
        return readings.filter(pl.col("reading").is_in(new))

    def _read(self, reading: str, source: str, *, is_whole: bool) -> bool:
        """Take a reading; its own figures say whose it is, whatever an entry said that only names it."""
        named = self.withdrawn if reading in self.withdrawn else self.readings
        is_new = reading not in named
        if is_new or is_whole:
            named[reading] = source
        return is_new

    def _publish(self, kind: str, digest: str, of_parts: str | None) -> None:
        self.published += 1
        if kind == "record":
            self.record, self.page_list, self.page_parts = digest, None, None
        else:
            self.page_list, self.page_parts = digest, of_parts


def _move(said: Mapping[str, Any], one: dict[str, str], other: dict[str, str]) -> bool:
    """Move a reading from one place to the other, if it is there and belongs to the source that is said."""
    reading, source = str(said.get("reading")), said.get("source")
    if one.get(reading, _NOBODY) != source:
        return False
    other[reading] = one.pop(reading)
    return True


_NOBODY = object()


def reading_of(raw: bytes, said: Mapping[str, Any]) -> str:
    """Give the id of the reading that an entry of kind `reading` speaks of."""
    return str(said.get("reading")) if "kind" in said else sha256(raw).hexdigest()


def received(results: Results, history: History, *, arrived: str | None) -> Iterator[bytes]:
    """Give the entries of what reached us: the rules, the files, the readings, and what was withdrawn.

    `arrived` is when the files that are new to the log came, in UTC; None where nobody can say.
    """
    yield entry("rules", election=results.election.id, sha256=sha256(definition_of(results)).hexdigest())
    yield from _files(results.files, history, arrived)
    for each in results.contests:
        yield from _pictures(each, history)
        yield from readings_of(each, results.election.id, history)
    yield from _changes(results, history, arrived)


def definition_of(results: Results) -> bytes:
    """Write the election's definition in canonical form, as `election.json` holds it."""
    return rfc8785.dumps(msgspec.json.decode(results.election.model_dump_json(by_alias=True, exclude_none=True)))


def _files(files: Iterable[tuple[str, FileRead]], history: History, arrived: str | None) -> Iterator[bytes]:
    for source, read in files:
        table = read.table
        if (source, table.file.sha256) in history.files:
            continue
        yield entry(
            "file",
            source=source,
            path=read.file.path,
            sha256=table.file.sha256,
            bytes=table.file.size,
            content_digest=table.content_digest,
            published_at=None if read.file.published_at is None else str(read.file.published_at),
            arrived=arrived,
        )


def _pictures(results: ContestResults, history: History) -> Iterator[bytes]:
    """Give the digests of pictures, where a source names its pictures by digest; never an address."""
    named = results.judged.rows.select("source", "station", "picture", digest=pl.col("picture").str.extract(_DIGEST))
    given = named.filter(pl.col("digest").is_not_null()).unique(maintain_order=True)
    for copy in given.select("source", "station", "digest").iter_rows():
        if copy not in history.copies:
            source, station, digest = copy
            yield entry("copy", source=source, station=station, sha256=digest)


def readings_of(results: ContestResults, election: str, history: History | None = None) -> Iterator[bytes]:
    """Give the canonical form of every reading, or of those that the log does not have."""
    own = results.readings if history is None else history.without_known(results.readings)
    readings = own.with_columns(election=pl.lit(election))
    marks = placed(results.marks, readings["reading"])
    texts = canonical_texts(
        readings.with_columns(pl.col(name).cast(pl.String) for name in MEMBERS), results.figures.all, marks
    )
    for reading, text in zip(readings["reading"], texts, strict=True):
        raw = text.encode("utf-8")
        yield raw if len(raw) <= LONGEST else _long_reading(reading, raw)


def _long_reading(reading: str, raw: bytes) -> bytes:
    said = msgspec.json.decode(raw)
    kept = {name: said[name] for name in ("contest", "source", "station")}
    return entry("reading", reading=reading, **kept)


def _changes(results: Results, history: History, arrived: str | None) -> Iterator[bytes]:
    """Say which readings are no longer in what the same sources give, and which are there again."""
    if not history.readings and not history.withdrawn:
        return
    columns = [each.readings.select("reading", pl.col("source").cast(pl.String)) for each in results.contests]
    now = set[str]().union(*(each["reading"].to_list() for each in columns))
    sources = {source.id for each in results.contests for source in each.sources}
    for reading in sorted(reading for reading in history.readings if reading not in now):
        source = history.readings[reading]
        if source in sources:
            yield entry("withdrawal", reading=reading, source=source, noticed=arrived)
    again = sorted(history.withdrawn.keys() & now)
    source_of = {reading: source for each in columns if again for reading, source in each.iter_rows()}
    for reading in again:
        yield entry("return", reading=reading, source=source_of[reading], noticed=arrived)


def record_list(digests: Path, history: History) -> Iterator[bytes]:
    """Give the entry of a record: the digest of the list of its files, unless that was the last to be published."""
    digest = digest_of(digests)
    if digest != history.record:
        yield entry("record", number=history.published + 1, sha256sums=digest)


def pages(files: Iterable[tuple[str, str]], history: History) -> Iterator[bytes]:
    """Give an entry for each page among files, by path and digest, that never was published as it is."""
    for path, digest in files:
        if path.endswith(".html") and (path, digest) not in history.pages:
            yield entry("page", path=path, sha256=digest)


def page_list(site: Path, history: History, digest: str | None = None) -> Iterator[bytes]:
    """Give the entry of the list itself, and of its parts: which pages there are, and which there are no more.

    `digest` is the SHA-256 of the list, where it is known.
    """
    of_all = {"sha256sums": digest or digest_of(site / DIGESTS)}
    if (site / INDEX).is_file():  # a site of an earlier version has no parts
        of_all["sha256parts"] = digest_of(site / INDEX)
    if of_all != {"sha256sums": history.page_list} | _named(sha256parts=history.page_parts):
        yield entry("pages", number=history.published + 1, **of_all)


def _named(**said: str | None) -> dict[str, str]:
    return {name: each for name, each in said.items() if each is not None}
