"""`escruta prove`: the proof that a polling station's reading is in the log, as a file and as a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, with_exit_codes
from escruta.apps.cli.screen import say, show_json, show_table
from escruta.base.words import languages

if TYPE_CHECKING:
    from escruta.apps.published import Published
    from escruta.tlog import Policy, ProofFile, Standing

_OUT = click.Path(path_type=Path, dir_okay=False)
_SHOWN = 12
"""Digits of a reading's id that tell it from the others of its station."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A reading in a log."""

    index: int
    reading: str
    contest: str
    source: str
    method: str


@click.command()
@click.argument("record")
@click.argument("station")
@click.option("--contest", metavar="ID", help="Only readings of this contest.")
@click.option("--source", metavar="ID", help="Only readings of this source.")
@click.option("--reading", metavar="ID", help="Only the reading whose id begins like this.")
@click.option("--proof", type=_OUT, help="Write the proof (C2SP tlog-proof) into this file.")
@click.option("--html", type=_OUT, help="Write a page that checks it in any browser, without a network.")
@click.option("--language", type=click.Choice(languages()), default="en", show_default=True, help="Of the page.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@with_exit_codes
def prove(*, record: str, station: str, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Prove that a reading of polling station STATION is in the log of RECORD: a folder, a .zip, or a URL.

    Without --proof and --html, its readings in the log are listed. Whoever has the page or the proof needs neither the
    record nor a network to check it.

    \b
    Examples:
      escruta prove result 010101001.1
      escruta prove result 010101001.1 --source campaign --html sheet.html --proof sheet.tlog-proof
    """
    from escruta.apps.published import open_published  # noqa: PLC0415 - keeps `--help` quick

    with open_published(record) as published:
        log = _Log(published)
        chosen = {name: said[name] for name in ("contest", "source", "reading") if said[name]}
        found = [each for each in log.readings(station) if _is_chosen(each, chosen)]
        _require_some(found, station, published.place)
        if said["proof"] or said["html"]:
            _write(log, _only(found), said["proof"], said["html"], said["language"])
        _tell(log, found, said, as_json=as_json)
    return DONE


def _is_chosen(each: Logged, chosen: dict[str, str]) -> bool:
    return all(
        each.reading.startswith(value) if name == "reading" else getattr(each, name) == value
        for name, value in chosen.items()
    )


class _Log:
    """The log of a published record, under the policy that stands beside it."""

    def __init__(self, published: Published) -> None:
        from escruta.record.logbook import LOG, POLICY  # noqa: PLC0415
        from escruta.tlog import TreeReader, parse_policy, read_checkpoint, standing_of  # noqa: PLC0415

        self.published = published
        self.log = published.under(LOG)
        self.policy: Policy = parse_policy(_there(published, POLICY), where=published.locate(POLICY))
        self.note = read_checkpoint(self.log)
        self.standing: Standing = standing_of(self.note, self.policy, where=self.log.locate("checkpoint"))
        self.tree = TreeReader(self.log, self.standing.checkpoint.head)

    def readings(self, station: str) -> Iterator[Logged]:
        """Find the readings of a station; what is found is verified when its proof is made."""
        wanted = f'"station":{json.dumps(station, ensure_ascii=False)}'.encode()
        for index, raw in self._entries():
            if wanted not in raw:
                continue
            members = json.loads(raw)
            is_long = members.get("kind") == "reading"
            if members.get("station") == station and (is_long or "kind" not in members):
                reading = members["reading"] if is_long else sha256(raw).hexdigest()
                names = {name: str(members.get(name, "")) for name in ("contest", "source", "method")}
                yield Logged(index=index, reading=reading, **names)

    def _entries(self) -> Iterator[tuple[int, bytes]]:
        from escruta.tlog.errors import TileMalformed  # noqa: PLC0415
        from escruta.tlog.reading import read_tile  # noqa: PLC0415
        from escruta.tlog.tiles import parse_bundle, tile_at  # noqa: PLC0415
        from escruta.tlog.trees import TILE_WIDTH  # noqa: PLC0415

        size = self.standing.checkpoint.head.size
        tiles = [tile_at(None, number, size) for number in range(-(-size // TILE_WIDTH))]
        self.log.prefetch(tile.path for tile in tiles)
        for number, tile in enumerate(tiles):
            found = read_tile(self.log, tile)
            if found is None:
                raise TileMalformed("the bundle is missing", where=self.log.locate(tile.path), found="no file")
            raw, width = found
            entries = parse_bundle(raw, width, where=self.log.locate(tile.path))[: tile.width]
            yield from enumerate(entries, start=number * TILE_WIDTH)

    def prove(self, index: int) -> tuple[bytes, ProofFile]:
        """Give an entry and its proof, verified up to the checkpoint."""
        from escruta.tlog import ProofFile  # noqa: PLC0415

        entry = self.tree.entry(index)
        return entry, ProofFile(index=index, hashes=self.tree.prove_inclusion(index), checkpoint=self.note)

    def names(self, language: str) -> dict[str, str]:
        """Take the names of candidates from the record's definition; none where it cannot be read."""
        from escruta.election.definition import Election  # noqa: PLC0415

        raw = self.published.read("election.json")
        try:
            election = None if raw is None else Election.model_validate_json(raw)
        except ValueError:
            return {}
        return {} if election is None else _names_of(election, language)


def _names_of(election: Any, language: str) -> dict[str, str]:  # noqa: ANN401 - an Election, whose module loads late
    found = {}
    for contest in election.contests:
        for candidate in contest.candidates:
            found[f"{contest.id}/votes.{candidate.id}"] = candidate.name
        for figure in contest.further_figures:
            named = figure.name
            found[f"{contest.id}/other.{figure.id}"] = named if isinstance(named, str) else named.get(language, "")
    return {key: name for key, name in found.items() if name}


def _there(published: Published, path: str) -> bytes:
    from escruta.base.errors import FileUnreadable  # noqa: PLC0415

    raw = published.read(path)
    if raw is None:
        raise FileUnreadable(
            "the record has no log",
            where=published.locate(path),
            found="no such file",
            expected="a record that `escruta run` wrote",
            advice="Run it again, or ask whoever published it.",
        )
    return raw


def _require_some(found: list[Logged], station: str, place: str) -> None:
    from escruta.base.errors import InputError  # noqa: PLC0415

    if not found:
        raise InputError(
            "the log has no such reading",
            where=place,
            found=station,
            expected="the key of a polling station as the record writes it, with its leading zeros",
            advice="Look the key up in stations.csv, and leave out --contest, --source and --reading.",
        )


def _only(found: list[Logged]) -> Logged:
    from escruta.base.errors import InputError  # noqa: PLC0415

    if len(found) > 1:
        raise InputError(
            "the station has several readings in the log, and a proof is of one",
            found="; ".join(f"{each.contest} {each.source} {each.reading[:_SHOWN]}" for each in found),
            expected="one reading",
            advice="Choose it with --source, --contest or --reading.",
        )
    return found[0]


def _write(log: _Log, chosen: Logged, proof_file: Path | None, page: Path | None, language: str) -> None:
    entry, proof = log.prove(chosen.index)
    if proof_file is not None:
        proof_file.write_text(str(proof), encoding="utf-8", newline="\n")
    if page is not None:
        from escruta.portal.proof import one_file_proof  # noqa: PLC0415

        text = one_file_proof(entry, proof, log.policy, language, names=log.names(language))
        page.write_text(text, encoding="utf-8", newline="\n")


def _tell(log: _Log, found: list[Logged], said: dict[str, Any], *, as_json: bool) -> None:
    from escruta.tlog.sealing import is_sealed  # noqa: PLC0415

    checkpoint, cosigned, witnesses = log.standing.checkpoint, len(log.standing.cosigned), len(log.policy.witnesses)
    sealed = is_sealed(checkpoint.origin)
    written = {name: None if said[name] is None else str(said[name]) for name in ("proof", "html")}
    if as_json:
        show_json(
            {
                "origin": checkpoint.origin,
                "size": checkpoint.head.size,
                "is_sealed": sealed,
                "cosigned": cosigned,
                "witnesses": witnesses,
                "has_quorum": log.standing.is_met,
                "readings": [asdict(each) for each in found],
                **written,
            }
        )
        return
    say(f"In the log {checkpoint.origin}, of {checkpoint.head.size:,} entries:")
    show_table(
        None,
        ("number", "contest", "source", "method", "reading"),
        [(each.index, each.contest, each.source, each.method, each.reading[:_SHOWN]) for each in found],
        left=5,
    )
    if sealed:
        say("The log is sealed with a key that anybody can derive: it shows that the record is whole, not who made it.")
    else:
        rule = "" if log.standing.is_met else ", which is not the quorum"
        say(f"{cosigned} of {witnesses} log witnesses cosigned{rule}.")
    for path in filter(None, written.values()):
        say(f"Written: {path}")
