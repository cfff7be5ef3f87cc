"""The sources, how they agree with each other, and what was announced beside what the stations add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from escruta.base.words import CodeUnknown, code_words
from escruta.portal.announced import ANNOUNCED, bounds_of, verdict_of
from escruta.portal.editions import Edition
from escruta.portal.folding import fold, fold_whole, folded
from escruta.portal.moments import shown
from escruta.portal.noticed import noticed_in
from escruta.portal.results import percent
from escruta.portal.words import Words

_PAIRS_IN_WORDS = 3
"""So many pairs of sources are also said in words; more of them only stand in the table."""


def sources_list(edition: Edition, files: Sequence[Mapping[str, Any]]) -> str:
    """List who gave what: kind, method, origin, files with their SHA-256, stations."""
    words = edition.words
    stations = {each["source"]: each.get("stations") for each in edition.contest.summary.get("sources", ())}
    items = []
    for source in edition.sources:
        number = stations.get(source["id"])
        read = words("count.stations", n=number) if number is not None else words("unknown")
        items.append(
            f"<li><h3><b class=k>{edition.letters[source['id']]}</b> {escape(words.named(source['name']))}</h3>"
            f"<p>{words('kind.' + source['kind'])} · {words('method.' + source['method'])} · {read}"
            f"{_origin(edition, source)}{_files(edition, source, files)}{noticed_in(words, source['id'], files)}"
        )
    register = noticed_in(words, "register", files, key="source.noticed_register")
    return f"<ol class=src>{''.join(items)}</ol>{_origins_note(edition)}{register}"


def _origin(edition: Edition, source: Mapping[str, Any]) -> str:
    """Name a source's origin where its name is another one, and say how it stands to the others."""
    words, origin = edition.words, edition.origins[source["origin"]]
    said = []
    for relation in ("derived_from", "adverse_to"):
        others = [escape(words.named(edition.origins[other]["name"])) for other in origin.get(relation) or ()]
        if others:
            said.append(words(f"source.{relation}", others=words.either(others)))
    name = words.named(origin["name"])
    if name == words.named(source["name"]):
        relations = " · ".join(said)
        return f"<p>{relations[:1].upper()}{relations[1:]}"
    return f"<p>{words.labelled(words('source.origin'), ' · '.join([f'<b>{escape(name)}</b>', *said]))}"


def _files(edition: Edition, source: Mapping[str, Any], files: Sequence[Mapping[str, Any]]) -> str:
    words, rows = edition.words, []
    for declared in source["files"]:
        key = (source["id"], declared["path"])
        found = next((each for each in files if (each.get("source"), each.get("path")) == key), {})
        digest = found.get("sha256") or declared.get("sha256") or words("unknown")
        where = declared.get("published_at")
        name = escape(declared["path"].rsplit("/", 1)[-1])
        published = f"<small>{words('source.published', where=where)}</small>" if where else ""
        rows.append(f"<li><code>{name}</code> SHA-256 <code class=sha>{escape(str(digest))}</code>{published}")
    summary = f"<summary>{words('source.files', n=len(rows))}</summary>"
    return f"<details>{summary}<ul class=files>{''.join(rows)}</ul></details>"


def _origins_note(edition: Edition) -> str:
    chains = {source["origin"] for source in edition.sources}
    key = "source.one_origin" if len(chains) == 1 else "source.several_origins"
    return f"<p class=note>{edition.words(key)}"


def agreement(edition: Edition) -> str:
    """Draw the sources against each other: how many stations both have, at how many of them they differ."""
    words = edition.words
    pairs = {frozenset((each["a"], each["b"])): each for each in edition.contest.summary.get("agreement", ())}
    if len(edition.sources) < 2 or not pairs:  # noqa: PLR2004 - it takes two to agree
        return f"<p>{words('agreement.one')}"
    ids = [source["id"] for source in edition.sources]
    head = "".join(f"<th scope=col><b class=k>{edition.letters[each]}</b>" for each in ids)
    rows = "".join(
        f"<tr><th scope=row><b class=k>{edition.letters[row]}</b> <span>{escape(words.named(source['name']))}</span>"
        f"{''.join(_pair(edition, row, column, pairs) for column in ids)}"
        for row, source in zip(ids, edition.sources, strict=True)
    )
    sentences = [f"<li>{_pair_sentence(edition, each)}" for each in edition.contest.summary["agreement"]]
    said = f"<ul class=plain>{''.join(sentences)}</ul>" if len(sentences) <= _PAIRS_IN_WORDS else ""
    table = (
        f"<div class=w tabindex=0 role=region aria-label='{words('agreement.title')}'>"
        f"<table class=mat><thead><tr><th scope=col>{words('agreement.source')}{head}<tbody>{rows}</table></div>"
    )
    return f"{said}{fold_whole(words, 'pairs', table)}" if said else table


def _pair(edition: Edition, row: str, column: str, pairs: Mapping[frozenset[str], Mapping[str, Any]]) -> str:
    words = edition.words
    if row == column:
        return "<td class=self>–"
    found = pairs.get(frozenset((row, column)))
    if found is None or not found["shared"]:
        return f"<td><small>{words('agreement.nothing_shared')}</small>"
    some = " class=d" if found["differing"] else ""
    return (
        f"<td{some}><b>{words.numbers.count(found['differing'])}</b> {words('agreement.differ')}"
        f"<small>{words('agreement.of_shared', n=found['shared'])}</small>"
    )


def _pair_sentence(edition: Edition, pair: Mapping[str, Any]) -> str:
    words, letters = edition.words, edition.letters
    names = {"a": letters.get(pair["a"], pair["a"]), "b": letters.get(pair["b"], pair["b"])}
    same = _same_origin(edition, pair["a"], pair["b"])
    text = words("agreement.pair", n=pair["shared"], differing=pair["differing"], **names)
    return f"{text} {words('agreement.same_origin')}" if same and pair["shared"] else text


def _same_origin(edition: Edition, first: str, second: str) -> bool:
    chains = {source["id"]: source["origin"] for source in edition.sources}
    return chains.get(first) == chains.get(second)


def announcements(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> str:
    """Write each announcement beside the tally: announced, counted, difference, and what a reader cannot check."""
    mine = edition.contest.contest
    declared = [each for each in edition.election.get("announcements", ()) if each.get("contest") in {None, mine}]
    blocks = [
        _announcement(
            edition, each, [row for row in rows if row["announcement"] == each["id"]], is_last=each is declared[-1]
        )
        for each in declared
    ]
    return "".join(blocks)


def _announcement(
    edition: Edition, said: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, is_last: bool
) -> str:
    """Write one announcement; the figures of those before the last one are a tap away on a phone."""
    words = edition.words
    by = next((source["name"] for source in edition.election["sources"] if source["id"] == said["by"]), None)
    who = escape(words.named(by)) if by else _giver(edition, str(said["by"]))
    when = shown(words, edition.election, str(said["at"])) if said.get("at") else ""
    meta = " · ".join(part for part in (who, when, _claimed(edition, said)) if part)
    compared = _announced_alone if _none_counted(edition, said["id"]) else _compared
    table, after = compared(edition, rows)
    rest = sum(_is_small(edition, row) for row in rows)
    figures = (
        f"{fold(words, 'candidates', len(rows), rest)}"
        f"<div class=w tabindex=0 role=region aria-label='{escape(words.named(said['name']))}'>"
        f"{table}</div>{_who_together(edition, rows)}"
    )
    return (
        f"<article class=ann><h3>{escape(words.named(said['name']))}</h3><p class=meta>{meta}"
        f"{figures if is_last else fold_whole(words, 'figures', figures)}"
        f"{after}{_proved(edition, said['id'])}{_missing(edition, said['id'])}</article>"
    )


def _is_small(edition: Edition, row: Mapping[str, Any]) -> bool:
    """Say whether a row speaks of a candidate who is not one of the first two in the count; without one nobody is."""
    place = None if edition.national.is_none_counted else edition.contest.index.get(row["candidate"])
    return place is not None and place not in edition.ranking[:2]


def _none_counted(edition: Edition, announcement: str) -> bool:
    """Say whether no station is counted in the area that an announcement speaks of."""
    listed = edition.contest.summary.get("announcements", ())
    return any(each["announcement"] == announcement and each.get("stations_counted") == 0 for each in listed)


def _announced_alone(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Write what was announced where nothing is counted that it could be held against."""
    words = edition.words
    body = "".join(
        f"<tr{folded(_is_small(edition, row))}><th scope=row>{announced_name(edition, row)}"
        f"<td class=n>{_votes(words, row['announced'])}"
        for row in rows
    )
    table = (
        f"<table class=cmp><thead><tr><th scope=col>{words('result.candidate')}"
        f"<th scope=col class=n>{words('announcement.announced')}<tbody>{body}</table>"
    )
    return table, f"<p>{words('announcement.none_counted')}"


def _compared(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Write what was announced beside what is counted, and what follows from the two."""
    words = edition.words
    differences = [row["difference"] or 0 for row in rows]
    ends = (min([0, *differences]), max([0, *differences]))
    body = "".join(_announced_row(edition, row, ends) for row in rows)
    table = (
        f"<table class=cmp><thead><tr><th scope=col>{words('result.candidate')}"
        f"<th scope=col class=n>{words('announcement.announced')}<th scope=col class=n>{words('announcement.counted')}"
        f"<th scope=col class=n>{words('announcement.difference')}<tbody>{body}</table>"
    )
    return table, _reading_of(edition, rows)


def _votes(words: Words, votes: int | None) -> str:
    return f"<i>{words('unknown')}</i>" if votes is None else words.numbers.count(votes)


def _giver(edition: Edition, by: str) -> str:
    words = edition.words
    return words(f"kind.{by}") if words.has(f"kind.{by}") else escape(by)


def _claimed(edition: Edition, said: Mapping[str, Any]) -> str:
    text = said.get("coverage_text")
    return edition.words("announcement.coverage", text=text) if text else ""


def _announced_row(edition: Edition, row: Mapping[str, Any], ends: tuple[int, int]) -> str:
    words = edition.words
    cells = [_votes(words, row[name]) for name in ("announced", "counted")]
    difference = row["difference"]
    if difference is None and row["announced"] is not None and row["counted"] is not None:
        cells[1] = f"≥ {cells[1]}"  # some of the votes on the counted sheets are unread
    signed = f"<i>{words('unknown')}</i>" if difference is None else words.numbers.signed(difference)
    return (
        f"<tr{folded(_is_small(edition, row))}><th scope=row>{announced_name(edition, row)}"
        f"<td class=n>{cells[0]}<td class=n>{cells[1]}"
        f"<td class=n>{signed}{_both_ways(difference or 0, *ends)}"
    )


def announced_name(edition: Edition, row: Mapping[str, Any]) -> str:
    """Name what a row of an announcement speaks of: a candidate, or several together."""
    if row["candidate"] in edition.contest.index or not row["candidates"]:
        return edition.candidate_name(row["candidate"])
    return edition.words("announcement.others")


def _who_together(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> str:
    """Name the candidates whose votes were announced as one sum."""
    together = [row["candidates"].split(";") for row in rows if row["candidates"]]
    if not together:
        return ""
    names = edition.words.either([edition.candidate_name(each) for each in together[0]])
    return f"<p class=note>{edition.words('announcement.together', names=names)}"


def _both_ways(difference: int, least: int, most: int) -> str:
    """Draw a difference from the line of nothing, which stands where the differences of the table leave it."""
    whole = max(most - least, 1)
    middle, width = percent(-least, whole), percent(abs(difference), whole)
    start = percent(min(difference, 0) - least, whole)
    shade = "f1" if difference >= 0 else "f2"
    return (
        f'<svg class=line aria-hidden=true><rect class=reach x="{middle}" width=1 />'
        f'<rect class={shade} x="{start}" width="{width}" /></svg>'
    )


def _reading_of(edition: Edition, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what follows where the stations hold more votes for a candidate than were announced."""
    words = edition.words
    more = [
        (row["counted"] - row["announced"], row)
        for row in rows
        if row["counted"] is not None and row["announced"] is not None and row["candidate"] in edition.contest.index
    ]
    over = max(more, key=lambda each: each[0], default=None)
    if over is None or over[0] <= 0:
        compared = [row["difference"] for row in rows if row["announced"] is not None]
        within = bool(more) and all(each is not None and each >= 0 for each in compared)
        return f"<p>{words('announcement.within')}" if within else ""
    return f"<p>{words('announcement.over', n=over[0], candidate=edition.candidate_name(over[1]['candidate']))}"


def _proved(edition: Edition, announcement: str) -> str:
    """Say what is proved of an announcement, with the way to the proof."""
    bound = next((bound for said, bound in bounds_of(edition) if said["announcement"] == announcement), None)
    if bound is None:
        return ""
    said = verdict_of(edition.words, bound)
    return f"<p><b>{said}</b> <a href={ANNOUNCED}>{edition.words('announced.more')}</a>"


def _missing(edition: Edition, announcement: str) -> str:
    """List what a reader would need to compare an announcement with the stations."""
    listed = edition.contest.summary.get("announcements", ())
    codes: list[str] = next((each["missing_to_compare"] for each in listed if each["announcement"] == announcement), [])
    items = "".join(f"<li>{_absent(edition, code)}" for code in codes)
    title = edition.words("announcement.missing")
    return f"<details><summary>{title}</summary><ul>{items}</ul></details>" if codes else ""


def _absent(edition: Edition, code: str) -> str:
    try:
        said = code_words(f"to_compare.{code}", edition.words.language)
    except CodeUnknown:
        return escape(code)
    return f"<b>{escape(said.title)}.</b> {escape(said.meaning)}"
