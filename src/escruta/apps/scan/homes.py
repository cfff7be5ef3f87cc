"""Where scans go to: a source of an election whose file `escruta scan` writes itself, and the folder around it.

scans/readings.jsonl     the readings, which `escruta run` takes as a source of the format `scans`
scans/findings.jsonl     what each picture shows
scans/redacted/          pictures that may be published, named by the digest of the original
scans/journal.jsonl      what was done, a line a file; all of the above is made from it
scans/decisions.jsonl    what people typed in a review
scans/keys-used.json     with which list of sealing keys the seals were checked
layouts/*.json           layouts of the sheets (`escruta scan learn`), beside the definition
sealed-originals/        the pictures as they came, for nobody but you: mode 0700, beside the definition
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.scan.errors import ScanHomeUnusable
from escruta.election.definition import Contest, Election, Source
from escruta.election.reading import read_election

FORMAT = "scans"
"""The format of the sources that scans go into."""
ORIGINALS = "sealed-originals"
LAYOUTS = "layouts"
_WARNING = (
    "These are pictures as they came, with names, identity numbers and signatures of people on them.\n"
    "They are not to be published. The pictures that may be published are in the folder `redacted` of the scans.\n"
)
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanHome:
    """An election's place for scans."""

    election: Election
    source: Source
    contest: Contest
    folders: tuple[Path, ...]
    """Where the files of the election's sources are looked for."""
    table: Path
    """The readings."""
    originals: Path
    """The pictures as they came; not to be published."""
    layouts: tuple[Path, ...] = ()
    """Layouts of its sheets, by which print is read and pictures are redacted."""

    @property
    def folder(self) -> Path:
        """The folder of the readings and of what belongs to them."""
        return self.table.parent

    @property
    def layouts_known_by(self) -> str:
        """What the layouts are known by, as they are now; empty where there are none."""
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in self.layouts]
        return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest() if digests else ""

    @property
    def seals_required(self) -> bool:
        """Whether only sheets with a good seal are counted."""
        return self.source.seals == "required"

    @property
    def journal(self) -> Path:
        """What was done."""
        return self.folder / "journal.jsonl"

    @property
    def decisions(self) -> Path:
        """What people typed."""
        return self.folder / "decisions.jsonl"

    @property
    def findings(self) -> Path:
        """What each picture shows."""
        return self.folder / "findings.jsonl"

    @property
    def keys_used(self) -> Path:
        """With which list of sealing keys the tables were written last."""
        return self.folder / "keys-used.json"

    @property
    def tables_lock(self) -> Path:
        """Whoever writes readings and findings has this file locked."""
        return self.folder / ".tables.lock"

    @property
    def decisions_lock(self) -> Path:
        """Whoever writes down what was typed has this file locked."""
        return self.folder / ".decisions.lock"

    @property
    def redacted(self) -> Path:
        """Pictures that may be published."""
        return self.folder / "redacted"

    def make(self) -> None:
        """Make the folders that are not there yet; only their owner may look at the originals."""
        for folder in (self.folder, self.redacted):
            folder.mkdir(parents=True, exist_ok=True)
        self.originals.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
        self.originals.chmod(_PRIVATE)
        warning = self.originals / "DO-NOT-PUBLISH.txt"
        if not warning.exists():
            warning.write_text(_WARNING, encoding="utf-8")


def open_home(
    into: Path,
    *,
    data: Path | None = None,
    source: str | None = None,
    originals: Path | None = None,
    layouts: Sequence[Path] = (),
) -> ScanHome:
    """Find the place for scans of the election whose definition is `into`, or in the folder `into`.

    Layouts of sheets are those in the folder `layouts` beside the definition, unless others are named.

    Raises `ScanHomeUnusable` with the lines to add, where the definition has no source for scans.
    """
    election = read_election(into)
    definition = into if into.is_dir() else into.parent
    folders = (definition,) if data is None else (data, definition)
    chosen = _source(election, source, where=str(definition / "election.toml"))
    name = chosen.files[0].path
    table = next((folder / name for folder in folders if (folder / name).exists()), folders[0] / name)
    contest = next((each for each in election.contests if each.id == chosen.contest), election.contests[0])
    kept = originals if originals is not None else definition / ORIGINALS
    if kept.resolve().is_relative_to(table.parent.resolve()):
        raise ScanHomeUnusable(
            "originals may not lie among what is published",
            where=str(kept),
            expected=f"a folder outside {table.parent}",
            advice="Name another folder with --originals.",
        )
    return ScanHome(
        election=election,
        source=chosen,
        contest=contest,
        folders=folders,
        table=table,
        originals=kept,
        layouts=tuple(layouts) or tuple(sorted((definition / LAYOUTS).glob("*.json"))),
    )


def _source(election: Election, named: str | None, *, where: str) -> Source:
    found = [each for each in election.sources if each.layout.format == FORMAT]
    chosen = found if named is None else [each for each in found if each.id == named]
    if len(chosen) == 1:
        return chosen[0]
    if chosen:
        raise ScanHomeUnusable(
            "the definition has several sources for scans",
            where=where,
            found=", ".join(each.id for each in chosen),
            expected="one, named with --source",
        )
    raise ScanHomeUnusable(
        "the definition has no source for scans" if named is None else "there is no such source for scans",
        where=where,
        found=named,
        expected=", ".join(each.id for each in found) or "a source whose layout has the format `scans`",
        advice=None if found else f"Add these lines, with whose copies they are:\n\n{proposed_source(election)}",
    )


def proposed_source(election: Election) -> str:
    """Write the lines that make an election ready for scans."""
    station = ", ".join(f'{part.part} = "station.{part.part}"' for part in election.stations.key)
    contest = "" if len(election.contests) == 1 else f'contest = "{election.contests[0].id}"\n'
    return (
        "[[sources]]\n"
        'id = "scans"\n'
        'name = "Our copies, scanned"\n'
        'kind = "party"\n'
        f'origin = "{election.origins[0].id}"\n'
        f"{contest}"
        'method = "qr"\n'
        'files = [{ path = "scans/readings.jsonl" }]\n'
        f'layout = {{ format = "scans", station = {{ {station} }} }}\n'
    )
