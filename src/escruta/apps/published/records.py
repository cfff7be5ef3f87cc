"""A published record as values: its documents, and its tables when they are asked for.

Nothing is verified beyond the form: `escruta verify` does that.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from typing import Any, TypeVar

import polars as pl

from escruta.apps.published.places import Published
from escruta.base.errors import FileUnreadable, printable

_Given = TypeVar("_Given")
_Checked = TypeVar("_Checked")


class PublishedRecord:
    """A record whose documents are read, and whose tables are read when they are asked for; nothing is verified."""

    def __init__(self, published: Published) -> None:
        """Read the documents; raises `FileUnreadable` where the place holds no record, or one of another form."""
        from escruta.portal.forms.documents import definition_of, summary_of  # noqa: PLC0415 - few who open a place

        self._published = published
        self._where = published.place
        self.election = self._in_form(definition_of, self._document("election.json", dict))
        self.summary = self._in_form(summary_of, self._document("summary.json", dict))
        self.table: Callable[[str], pl.DataFrame] = cache(self._table)

    @property
    def policy(self) -> str | None:
        """The policy under which it counts."""
        found = [str(contest.get("policy")) for contest in self.summary.get("contests", ())]
        return found[0] if found else None

    @property
    def contests(self) -> list[str]:
        """The ids of the contests, in the order of the definition."""
        return [contest["contest"] for contest in self.summary["contests"]]

    @property
    def files(self) -> list[dict[str, Any]]:
        """What `files.json` says of each source file."""
        from escruta.portal.forms.documents import files_of  # noqa: PLC0415

        return self._in_form(files_of, self._document("files.json", list))

    def candidates(self) -> dict[str, str]:
        """Name the candidates."""
        frame = self.table("candidates").select("contest", "candidate", "name")
        return {f"{contest}/{candidate}": name for contest, candidate, name in frame.iter_rows()}

    def sources(self) -> dict[str, str]:
        """Name the sources."""
        return {source["id"]: _named(source.get("name"), source["id"]) for source in self.election.get("sources", ())}

    def _document(self, name: str, kind: type) -> Any:  # noqa: ANN401 - JSON of that kind
        try:
            found = json.loads(self._raw(name))
        except (ValueError, RecursionError) as error:
            raise self._unreadable(name, error) from error
        if not isinstance(found, kind):
            raise self._unreadable(name, TypeError("another kind of JSON than a record has"))
        return found

    def _table(self, name: str) -> pl.DataFrame:
        from escruta.portal.forms.tables import in_form  # noqa: PLC0415

        file = f"{name}.parquet"
        try:
            return self._in_form(partial(in_form, name), pl.read_parquet(BytesIO(self._raw(file))))
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise self._unreadable(file, error) from error

    def _raw(self, name: str) -> bytes:
        raw = self._published.read(name)
        if raw is None:
            raise FileUnreadable(
                "this is no record, or not all of it",
                where=self._where,
                found=f"no {name}",
                expected="a folder that `escruta run` wrote, as it was published",
                advice="Name the record's folder, its .zip or its URL.",
            )
        return raw

    def _in_form(self, check: Callable[[_Given], _Checked], given: _Given) -> _Checked:
        """Hold what was read to its form; whatever is wrong with it is told with the place where it was published."""
        try:
            return check(given)
        except FileUnreadable as error:
            error.where = f"{self._where}, {error.where}"
            raise

    def _unreadable(self, name: str, error: BaseException) -> FileUnreadable:
        return FileUnreadable(
            "a file of the record cannot be read",
            where=f"{self._where}, {name}",
            found=printable(error)[:200],
            advice="Fetch the record again, and run `escruta verify` on it.",
        )


def _named(name: Any, default: str) -> str:  # noqa: ANN401 - a text, or a text for each language
    if isinstance(name, dict):
        return str(name.get("en") or next(iter(name.values()), default))
    return str(name) if name else default
