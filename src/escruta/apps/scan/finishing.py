"""After the pictures were read: the table of readings, the findings, and what to say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from escruta.apps.executing import Workplace
from escruta.apps.scan.alike import findings_of_likeness
from escruta.apps.scan.beside import findings_beside, read_beside
from escruta.apps.scan.decisions import decided, read_decisions
from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.apps.scan.gathering import gather
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.judging import row_of
from escruta.apps.scan.keeping import keep, keep_pieces, sweep
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import SortedLines
from escruta.sheets.seal import KeyList
from escruta.sources.scans.evidence import GRADES, Grade
from escruta.tlog.locking import locked

DOUBTFUL = frozenset((Grade.QUESTIONS, Grade.CONTRADICTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanState:
    """What stands in an election's place for scans."""

    files: int
    """Files that were ever read into it."""
    copies: int
    """Pages on which a sheet was read."""
    stations: int
    """Stations with a reading in the table."""
    readings: int
    """Lines of the table."""
    withheld: int
    """Copies whose readings are not in the table."""
    withheld_for: Mapping[str, int]
    """Why -> how many of these: `seal` (it is not good), `station` (code and print), `unsealed` (no good seal)."""
    without_reading: Mapping[str, int]
    """Reason -> files that gave no reading."""
    other_layouts: int
    """Files that were read with other layouts of sheets than there are now."""
    findings: Mapping[str, int]
    """Code -> how often."""
    doubtful: int
    """Copies with a finding that questions or contradicts."""
    not_compared: tuple[str, ...]
    """Sources that could not be read, and why."""

    @property
    def has_contradictions(self) -> bool:
        """Whether some picture contradicts itself, or another."""
        return any(GRADES[code] is Grade.CONTRADICTS for code in self.findings)


def finish(home: ScanHome, keys: KeyList | None = None, place: Workplace | None = None) -> ScanState:
    """Write the readings and findings anew from the journal and what was typed; `keys` is a list that was verified.

    Pictures that look alike are laid upon each other at `place`, in this process where there is none.

    The same journal gives the same files, whatever the order in which the pictures came. Where another process is
    writing them, it waits until that one is done.
    """
    home.folder.mkdir(parents=True, exist_ok=True)
    with locked(home.tables_lock), SortedLines(home.folder) as readings, SortedLines(home.folder) as findings:
        require_same_keys(home, keys)
        sweep(home.folder)
        if keys is not None:
            keep(home.keys_used, msgspec.json.encode(_Used(sequence=keys.sequence)) + b"\n")
        standing = Standing(home.journal)
        typed = decided(read_decisions(home.decisions))
        gathered = gather(home, standing, typed, keys, readings, findings)
        keep_pieces(home.table, readings)
        beside = read_beside(home) if gathered.readings else None
        if beside is not None:
            for copy, station, found in findings_beside(beside, gathered.pages):
                findings.add(row_of(copy, station, found))
        for copy, station, found in findings_of_likeness(home, standing, gathered, place):
            findings.add(row_of(copy, station, found))
        counted = _Counted()
        keep_pieces(home.findings, counted.through(findings))
    return ScanState(
        files=len(standing),
        copies=gathered.pages.height,
        stations=gathered.stations,
        readings=gathered.readings,
        withheld=gathered.withheld.total(),
        withheld_for=dict(sorted(gathered.withheld.items())),
        without_reading=dict(gathered.failures.most_common()),
        other_layouts=gathered.other_layouts,
        findings=dict(sorted(counted.codes.items())),
        doubtful=len(counted.doubtful),
        not_compared=() if beside is None else beside.missing,
    )


class FindingHead(msgspec.Struct):
    """What of the line of a finding tells whether somebody should look at the copy."""

    code: str
    copy: str

    @property
    def is_doubtful(self) -> bool:
        """Whether it questions or contradicts."""
        return GRADES[self.code] in DOUBTFUL


finding_head = msgspec.json.Decoder(FindingHead).decode


def doubtful_findings(home: ScanHome) -> Iterator[FindingHead]:
    """Go through the findings that question or contradict."""
    if not home.findings.exists():
        return
    with home.findings.open("rb") as file:
        for line in file:
            head = finding_head(line)
            if head.is_doubtful:
                yield head


@dataclass(slots=True, kw_only=True)
class _Counted:
    """Findings, counted on their way to the file."""

    codes: Counter[str] = field(default_factory=Counter)
    doubtful: set[str] = field(default_factory=set)

    def through(self, findings: SortedLines) -> Iterator[bytes]:
        for line in findings:
            head = finding_head(line)
            self.codes[head.code] += 1
            if head.is_doubtful:
                self.doubtful.add(head.copy)
            yield line


def require_same_keys(home: ScanHome, keys: KeyList | None) -> None:
    """Refuse to write the tables without a list of keys, or with an earlier one than they were written with.

    So too without one where the definition requires seals.
    Readings whose seal is not good would otherwise be counted from then on, for want of an option or of a revocation.
    """
    if keys is not None and keys.election != home.election.id:
        raise ScanHomeUnusable(
            "the list of sealing keys is of another election", found=keys.election, expected=str(home.election.id)
        )
    if keys is None and home.seals_required:
        raise ScanHomeUnusable(
            "the definition requires seals, and no list of sealing keys is named",
            where=f"the source {home.source.id}",
            expected="a list with which the seals are checked",
            advice="Name it: --keys LIST --trust KEY.",
        )
    used = _used(home)
    if used is None or (keys is not None and keys.sequence >= used.sequence):
        return
    raise ScanHomeUnusable(
        "the seals were checked before, and no list of sealing keys is named now"
        if keys is None
        else "the seals were checked with a later list of sealing keys before",
        where=str(home.keys_used),
        found=None if keys is None else f"list {keys.sequence}",
        expected=f"list {used.sequence}, or a later one",
        advice="Name it: --keys LIST --trust KEY. To do without it, move keys-used.json away.",
    )


class _Used(msgspec.Struct, frozen=True):
    """The list of keys with which tables were written."""

    sequence: int


def _used(home: ScanHome) -> _Used | None:
    try:
        return msgspec.json.decode(home.keys_used.read_bytes(), type=_Used)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise ScanHomeUnusable(
            "it is not known with which list of sealing keys the seals were checked",
            where=str(home.keys_used),
            found=str(error),
            advice="Restore the file from a copy, or move it away and name the latest list.",
        ) from error
