"""A record's count as an EML 510 message, written piece by piece, however many polling stations it has.

Source: OASIS Election Markup Language (EML) 5.0, schema 510 (Count), OASIS Standard of 1 December 2007. It is the
version that authorities use: the Dutch EML_NL is a profile of it, and so are the results of the Australian one; 7.0
never became more than a committee specification.

`ReportingUnitVotes` are of one kind in a message, polling stations or the areas of one level, so that they add up to
`TotalVotes`. What the record does not know is left out: the schema knows no "unknown", and 0 would be a claim. A unit
without any known vote cannot be written, since the schema asks for at least one. A sum over unread figures carries how
many stations it lacks, as a `CountMetric`; it is a lower bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from escruta.base.errors import InputError
from escruta.record.exports.source import Source
from escruta.record.exports.xml import nmtoken, path_nmtoken, token

STATIONS = "stations"
"""The word for polling stations as units; the other units are levels of areas."""

_NAMESPACE = "urn:oasis:names:tc:evs:schema:eml"
_UNREAD = "unread-stations"
_ROWS = 4096
"""Units in a piece."""
_LONGEST_NAME = 70
"""Characters of a `CandidateName`, by the schema `emlexternals-v5-0.xsd`."""
_OF_AREAS = {
    "stations-expected": "stations.expected",
    "stations-counted": "stations.counted",
    "stations-outside": "outside_stations",
    "registered-voters-expected": "registered.expected",
    "registered-voters-counted": "registered.counted",
    "registered-voters-outside": "outside_registered_voters",
}
"""Metrics of an area, and where its figure stands in `areas-CONTEST`."""
_OF_STATIONS = {"registered-voters": "registered_voters"}
_VALID_BLANK = "valid-blank-votes"
"""Blank votes where the law counts them as valid: no selection of the schema, and not rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contest:
    """One contest, its figures as columns: `id`, `name`, `votes_*`, `unread_stations_*`, those of metrics, the rest."""

    declared: Mapping[str, Any]
    candidates: pl.DataFrame
    country: pl.DataFrame
    units: pl.DataFrame
    metrics_of_areas: Mapping[str, str]
    metrics_of_units: Mapping[str, str]
    is_complete: bool

    @property
    def has_votes(self) -> bool:
        """Whether there is anything that a message can say."""
        return any(self.country[name][0] is not None for name in _votes(self.candidates))


def eml_count(source: Source, *, issuer: str, generated_at: datetime, units: str = STATIONS) -> Iterator[str]:
    """Write the message; `issuer` says who issues it, `generated_at`, an aware time, when, `units` which units it has.

    Raises:
        InputError: no such units, or no contest has a vote that is known; both before the first piece.
    """
    levels = [str(level["id"]) for level in source.election.get("levels", ())]
    if units not in {STATIONS, *levels}:
        raise InputError(
            "the election has no such units",
            found=units,
            expected=", ".join([STATIONS, *levels]),
            advice="name polling stations or a level of areas of the definition",
        )
    contests = [each for each in (_contest(source, contest, units) for contest in source.contests) if each.has_votes]
    if not contests:
        raise InputError(
            "no polling station counts in any contest",
            expected="at least one known vote, since EML 510 has no word for a result that is not known",
            advice="export as nist-1500-100, which can say that nothing is counted yet",
        )
    return _message(source.election, contests, issuer, generated_at)


def _message(
    election: Mapping[str, Any], contests: Sequence[_Contest], issuer: str, generated_at: datetime
) -> Iterator[str]:
    at = generated_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    name = token(_said(election, election["name"]))
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<EML xmlns="{_NAMESPACE}" Id="510" SchemaVersion="5.0">\n'
        f"<TransactionId>{token(election['id'])} {at}</TransactionId>\n"
        f'<ManagingAuthority><AuthorityIdentifier Id="{nmtoken(issuer)}">{token(issuer)}</AuthorityIdentifier>'
        f"<AuthorityAddress/></ManagingAuthority>\n<IssueDate>{at}</IssueDate>\n<Count>\n"
        f"<EventIdentifier><EventName>{name}</EventName>"
        f"<EventQualifier>{str(election['date'])[:10]}</EventQualifier></EventIdentifier>\n"
        f'<Election><ElectionIdentifier Id="{nmtoken(election["id"])}"><ElectionName>{name}</ElectionName>'
        "</ElectionIdentifier>\n<Contests>\n"
    )
    for contest in contests:
        yield from _one(election, contest)
    yield (
        "</Contests>\n</Election>\n<AuditInformation><ProcessingUnits>"
        '<CountingSystem Role="sender"><Name>escruta</Name><Id>escruta</Id></CountingSystem>'
        "</ProcessingUnits></AuditInformation>\n</Count>\n</EML>\n"
    )


def _one(election: Mapping[str, Any], contest: _Contest) -> Iterator[str]:
    declared = contest.declared
    yield (
        f'<Contest><ContestIdentifier Id="{nmtoken(declared["id"])}">'
        f"<ContestName>{token(_said(election, declared.get('name', declared['id'])))}</ContestName>"
        "</ContestIdentifier>\n<CountQualifier><Final>no</Final>"
        f"<Partial>{'no' if contest.is_complete else 'yes'}</Partial></CountQualifier>\n<TotalVotes>"
    )
    rows = contest.candidates.iter_rows(named=True)
    named = {row["candidate"]: _named(row) for row in rows}
    yield contest.country.select(_metrics(contest.metrics_of_areas) + _votes_of(named, contest)).item()
    yield "</TotalVotes>\n"
    short = {each: _candidate(each) for each in contest.candidates["candidate"]}
    begin, end = pl.lit('<ReportingUnitVotes><ReportingUnitIdentifier Id="'), pl.lit("</ReportingUnitIdentifier>")
    unit = pl.concat_str(begin, "id", pl.lit('">'), "name", end)
    whole = unit + _metrics(contest.metrics_of_units) + _votes_of(short, contest) + "</ReportingUnitVotes>\n"
    for piece in contest.units.iter_slices(_ROWS):
        yield "".join(piece.select(whole).to_series())
    yield "</Contest>\n"


def _named(row: Mapping[str, Any]) -> str:
    """Name a candidate in full; units have the id alone."""
    party = row["party"]
    name = _name_of(str(row["name"]))
    registered = f"<RegisteredName>{token(party)}</RegisteredName>" if party else ""
    affiliation = f"<AffiliationIdentifier>{registered}</AffiliationIdentifier>" if party else ""
    return _candidate(row["candidate"], name) + affiliation


def _name_of(name: str) -> str:
    """Write a name; where it is longer than the schema's `PersonNameType` allows, its start, and all of it beside."""
    if len(name) <= _LONGEST_NAME:
        return f"<CandidateName>{token(name)}</CandidateName>"
    return f"<CandidateName>{token(name[: _LONGEST_NAME - 1])}…</CandidateName><KnownAs>{token(name)}</KnownAs>"


def _candidate(candidate: str, name: str = "") -> str:
    start, end = f'<Candidate><CandidateIdentifier Id="{nmtoken(candidate)}"', "</CandidateIdentifier></Candidate>"
    return f"{start}>{name}{end}" if name else f"{start}/></Candidate>"


def _votes_of(heads: Mapping[str, str], contest: _Contest) -> pl.Expr:
    """Write the group of votes of each unit, in the schema's order; a figure that is null is left out."""
    valid = contest.declared.get("blank_is_valid", False)
    rejected = {"null": "null"} if valid else {"null": "null", "blank": "blank"}
    parts = [
        *(_selection(candidate, head) for candidate, head in heads.items()),
        _element("<Cast>", "ballots", "</Cast>"),
        _element("<TotalCounted>", "counted_votes", "</TotalCounted>"),
        *(
            _element(f'<RejectedVotes ReasonCode="{code}">', column, "</RejectedVotes>")
            for code, column in rejected.items()
        ),
    ]
    return pl.concat_str(parts)


def _selection(candidate: str, head: str) -> pl.Expr:
    unread = pl.col(f"unread_stations_{candidate}")
    bound = pl.when(unread > 0).then(_element(f'<CountMetric Type="{_UNREAD}">', unread, "</CountMetric>"))
    votes = pl.col(f"votes_{candidate}")
    whole = pl.concat_str(
        pl.lit(f"<Selection>{head}<ValidVotes>"),
        votes,
        pl.lit("</ValidVotes>"),
        bound.otherwise(pl.lit("")),
        pl.lit("</Selection>"),
    )
    return pl.when(votes.is_not_null()).then(whole).otherwise(pl.lit(""))


def _metrics(metrics: Mapping[str, str]) -> pl.Expr:
    return pl.concat_str(
        [_element(f'<CountMetric Type="{kind}">', column, "</CountMetric>") for kind, column in metrics.items()]
    )


def _element(start: str, figure: str | pl.Expr, end: str) -> pl.Expr:
    """Write a figure between two texts; nothing where it is not known."""
    column = pl.col(figure) if isinstance(figure, str) else figure
    whole = pl.concat_str(pl.lit(start), column, pl.lit(end))
    return pl.when(column.is_not_null()).then(whole).otherwise(pl.lit(""))


def _contest(source: Source, contest: str, units: str) -> _Contest:
    declared = next(each for each in source.election["contests"] if each["id"] == contest)
    candidates = source.table("candidates").filter(pl.col("contest") == contest).sort("position")
    areas = _of_areas(source, contest, candidates)
    chosen = _of_stations(source, contest, candidates, declared) if units == STATIONS else _at(areas, units)
    blank = {_VALID_BLANK: "blank"} if declared.get("blank_is_valid", False) else {}
    return _Contest(
        declared=declared,
        candidates=candidates,
        country=areas.filter(pl.col("area") == ""),
        units=chosen.filter(pl.any_horizontal(pl.col(_votes(candidates)).is_not_null())),
        metrics_of_areas=_OF_AREAS | blank,
        metrics_of_units=(_OF_STATIONS if units == STATIONS else _OF_AREAS) | blank,
        is_complete=source.is_complete(contest),
    )


def _votes(candidates: pl.DataFrame) -> list[str]:
    return [f"votes_{candidate}" for candidate in candidates["candidate"]]


def _of_stations(source: Source, contest: str, candidates: pl.DataFrame, declared: Mapping[str, Any]) -> pl.DataFrame:
    """Give the stations that count; the votes of a station are read or not, so none is a lower bound."""
    names = source.table("stations").select("station", "area", "name")
    counted = source.counted(contest).drop("area").join(names, on="station", how="left").sort("area", "station")
    ids = [path_nmtoken(area, station) for area, station in counted.select("area", "station").iter_rows()]
    blank = [pl.col("blank")] if declared.get("blank_is_valid", False) else []
    votes = {
        f"votes_{each}": pl.col(f"votes.{each}") if f"votes.{each}" in counted.columns else _unknown()
        for each in candidates["candidate"]
    }
    unread = {f"unread_stations_{each}": _unknown() for each in candidates["candidate"]}
    return (
        _with(counted, ["null", "blank", "ballots"])
        .with_columns(id=pl.Series(ids, dtype=pl.String), name=pl.Series(_tokens(counted["station"]), dtype=pl.String))
        .with_columns(**votes, **unread)
        .with_columns(counted_votes=pl.sum_horizontal(*votes, *blank, ignore_nulls=False))
    )


def _of_areas(source: Source, contest: str, candidates: pl.DataFrame) -> pl.DataFrame:
    """Give the areas with their sums, the country first; `level_id` is null for the country."""
    by_candidate = source.totals(contest).pivot(on="candidate", index="area", values=["votes", "unread_stations"])
    wanted = [f"{name}_{each}" for name in ("votes", "unread_stations") for each in candidates["candidate"]]
    named = source.table("areas").select(pl.col("area").fill_null(""), "level_id", "name")
    sums = _with(source.areas(contest), ["null", "blank", "ballots"]).with_columns(counted_votes="valid")
    frame = named.join(sums, on="area", how="left").join(_with(by_candidate, wanted), on="area", how="left")
    ids = [path_nmtoken(area) for area in frame["area"]]
    return frame.with_columns(
        id=pl.Series(ids, dtype=pl.String), name=pl.Series(_tokens(frame["name"]), dtype=pl.String)
    )


def _with(frame: pl.DataFrame, figures: Sequence[str]) -> pl.DataFrame:
    """Give a frame the figures that it lacks, as not known."""
    return frame.with_columns(_unknown().alias(each) for each in figures if each not in frame.columns)


def _at(areas: pl.DataFrame, level: str) -> pl.DataFrame:
    return areas.filter(pl.col("level_id") == level).sort("area")


def _tokens(names: pl.Series) -> list[str]:
    return [token(name or "") for name in names]


def _unknown() -> pl.Expr:
    return pl.lit(None, dtype=pl.Int64)


def _said(election: Mapping[str, Any], name: Any) -> str:  # noqa: ANN401 - a text, or a text for each language
    """Give a name in the first language of the election that has one."""
    if not isinstance(name, Mapping):
        return str(name)
    language = next((each for each in election.get("languages", ()) if each in name), next(iter(name)))
    return str(name[language])
