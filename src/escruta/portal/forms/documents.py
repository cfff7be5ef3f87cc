"""The documents of a record, as the pages read them: the definition, the summary, and the list of the sources' files.

What stands in a document beside that is left alone: a later version of this software may have written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from escruta.election.structure import parse_structure
from escruta.portal.forms.errors import malformed
from escruta.record.digests import DIGESTS

MOST = 10**15
"""More than there can be of anything that is counted; sums of such numbers fit into a table."""
DEFINITION, SUMMARY, FILES = "election.json", "summary.json", "files.json"
Count: TypeAlias = Annotated[int, Meta(ge=0, le=MOST)]
Figure: TypeAlias = Annotated[int, Meta(ge=-MOST, le=MOST)]
Name: TypeAlias = str | dict[str, str]
_T = TypeVar("_T")


class _Source(Struct):
    source: str
    stations: Count | None = None


class _Pair(Struct):
    a: str
    b: str
    shared: Count
    differing: Count


class _Outcome(Struct):
    assumptions: list[str] | None = None


class _Group(Struct):
    candidates: Annotated[list[str], Meta(min_length=1)]
    announced: Count
    counted: Count | None
    smallest_possible: Count
    false_sheets_at_least: Count | None


class _Covered(Struct):
    by: str
    claimed: Count | None
    of: Count | None


class _Outside(Struct):
    stations: Count | None


class _Certificate(Struct):
    weights: Annotated[list[list[Figure]], Meta(min_length=1)]
    coverage_prices: Annotated[list[Figure], Meta(min_length=1)]
    announced_score: Figure
    largest_possible: Figure
    gap: Figure


class _Bound(Struct):
    verdict: str
    groups: Annotated[list[_Group], Meta(min_length=1)]
    coverage: _Covered
    outside: _Outside
    certificate: _Certificate | None
    certificate_at_any_coverage: _Certificate | None
    assumptions: list[str]


class _Announcement(Struct):
    announcement: str
    missing_to_compare: list[str]
    name: Name | None = None
    stations_counted: Count | None = None
    bound: _Bound | None = None


class _Contest(Struct):
    contest: str
    policy: str = "single"
    outcome: _Outcome = msgspec.field(default_factory=_Outcome)
    sources: list[_Source] = []
    agreement: list[_Pair] = []
    announcements: list[_Announcement] = []


class _Summary(Struct):
    contests: list[_Contest]


class _Note(Struct):
    code: str


class _File(Struct):
    source: str | None = None
    path: str = ""
    sha256: str | None = None
    notes: list[_Note] | None = None


class _Files(Struct):
    files: list[_File]


def definition_of(document: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON as it was found
    """Take the definition of an election; raises `RecordMalformed` with the first spot that is not in its form."""
    if not isinstance(document, dict):
        raise malformed(DEFINITION, found=_kind(document), expected="the definition of an election")
    election, faults = parse_structure(document, DEFINITION)
    if election is None:
        first = faults[0]
        raise malformed(f"{DEFINITION}, {first.key}", found=first.found, expected=first.expected)
    origins = {each.id: each for each in election.origins}
    named = [(source.origin, f"sources[{at}].origin") for at, source in enumerate(election.sources)]
    named += [
        (other, f"origins[{at}]")
        for at, origin in enumerate(election.origins)
        for other in (*origin.derived_from, *origin.adverse_to)
    ]
    unknown = next(((origin, spot) for origin, spot in named if origin not in origins), None)
    if unknown is not None:
        raise malformed(f"{DEFINITION}, {unknown[1]}", found=unknown[0], expected="the id of one of its origins")
    return document


def summary_of(document: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON as it was found
    """Take the summary; raises `RecordMalformed`."""
    found = _converted(document, _Summary, SUMMARY)
    for at, contest in enumerate(found.contests):
        for place, said in enumerate(contest.announcements):
            _require_weights(said, f"{SUMMARY}, contests[{at}].announcements[{place}].bound")
    return dict(document)


def _require_weights(said: _Announcement, spot: str) -> None:
    """Require a weight for each group: a certificate is a sum over all of them."""
    bound = said.bound
    proofs = () if bound is None else (bound.certificate, bound.certificate_at_any_coverage)
    groups = 0 if bound is None else len(bound.groups)
    for row in (row for proof in proofs if proof is not None for row in proof.weights):
        if len(row) != groups:
            raise malformed(spot, found=f"{len(row)} weights", expected=f"one for each of {groups} groups")
    if bound is not None and said.name is None:
        raise malformed(spot, found="a proof about an announcement without a name", expected="its name")


def files_of(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON as it was found
    """Take the list of the sources' files; raises `RecordMalformed`."""
    files = document["files"] if isinstance(document, dict) and "files" in document else document
    _converted({"files": files}, _Files, FILES)
    return list(files)


def digests_of(folder: Path) -> Mapping[str, str]:
    """Read the record's list of digests, by the path of each file; every file that it names must be there.

    Raises `RecordMalformed`.
    """
    expected = "a line for each file: its SHA-256 and its path, as `sha256sum` writes them"
    try:
        text = (folder / DIGESTS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise malformed(DIGESTS, found=error, expected=expected) from error
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    digests = {parts[1].removeprefix("*"): parts[0] for parts in lines if len(parts) > 1}
    for path in digests:
        if not _is_there(folder, path):
            raise malformed(DIGESTS, found=f"a line for {path}", expected="files that are in the record")
    return digests


def _is_there(folder: Path, path: str) -> bool:
    try:
        return path.isprintable() and (folder / path).is_file()
    except OSError:  # a name that no disk takes
        return False


def _converted(document: Any, form: type[_T], file: str) -> _T:  # noqa: ANN401 - JSON as it was found
    try:
        return msgspec.convert(document, form)
    except msgspec.ValidationError as error:
        what, _, spot = str(error).partition(" - at `")
        where = f"{file}, {spot.rstrip('`').removeprefix('$').removeprefix('.')}".removesuffix(", ")
        raise malformed(where, found=what, expected="what docs/reference/record.md describes") from error


def _kind(document: object) -> str:
    names = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}
    return names.get(type(document), "nothing")
