"""What is proved of an announcement, in words and numbers to check: on the site, and for `escruta announced`.

It is made from the plain values of `summary.json`, so that the site says what the record says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from escruta.base.words import code_words
from escruta.portal.areas import Page
from escruta.portal.charts import Axis, Bar, Caption, bar_chart
from escruta.portal.editions import Edition
from escruta.portal.moments import shown
from escruta.portal.shell import Shell
from escruta.portal.single import paragraphs, table
from escruta.portal.words import Words

ANNOUNCED = "announced.html"
"""The page's address, inside the contest's folder."""
PROVED = ("impossible_at_any_coverage", "impossible_at_its_coverage")
Bound = Mapping[str, Any]
Names = Mapping[str, str]
"""Candidate to name."""


def bounds_of(edition: Edition) -> list[tuple[Mapping[str, Any], Bound]]:
    """List the announcements of a contest of which the record says what is proved."""
    listed = edition.contest.summary.get("announcements", ())
    return [(each, each["bound"]) for each in listed if each.get("bound")]


def announced_page(edition: Edition, shell: Shell) -> Page | None:
    """Write the page of a contest's announcements; None where the record says nothing of any."""
    found = bounds_of(edition)
    if not found:
        return None
    words = edition.words
    names = {each.candidate: each.name for each in edition.contest.candidates}
    here = f"{edition.places.prefix}{ANNOUNCED}"
    parts = [
        Markup("<section><h2>{}</h2><div>{}{}</div></section>").format(
            words.named(said["name"]),
            _when(edition, said["announcement"]),
            told(words, names, bound, name=said["announcement"]),
        )
        for said, bound in found
    ]
    title = words.html("announced.title")
    head = Markup("<header class=top><h1>{}</h1><p class=stand>{}</header>").format(
        title, words.html("announced.intro")
    )
    body = Markup("<article class=bounds>{}{}</article>").format(head, Markup("").join(parts))
    crumbs = shell.crumbs("", here)
    return here, shell.page(here, str(body), title=title, lead=words("announced.intro"), crumbs=crumbs)


def _when(edition: Edition, announcement: str) -> Markup:
    """Say when something was announced, where the definition says it."""
    declared = edition.election.get("announcements", ())
    at = next((each.get("at") for each in declared if each["id"] == announcement), None)
    return Markup("<p class=meta>{}").format(shown(edition.words, edition.election, str(at))) if at else Markup()


def verdict_of(words: Words, bound: Bound) -> Markup:
    """Say in a sentence what is proved."""
    is_empty = all(group["counted"] is None for group in bound["groups"])
    return words.html("announced.no_sheet" if is_empty else f"announced.{bound['verdict']}")


def told(words: Words, names: Names, bound: Bound, *, name: str) -> Markup:
    """Say what is proved of one announcement, with its proof; `name` tells its pictures from others on the page."""
    groups = [group_name(words, names, group) for group in bound["groups"]]
    return Markup("").join(
        [
            Markup("<p class=say>{}</p>").format(verdict_of(words, bound)),
            _which(words, bound),
            paragraphs(covered(words, bound)),
            numbers(words, groups, bound, name),
            picture(words, groups, bound, name),
            proof(words, groups, bound, "certificate"),
            proof(words, groups, bound, "certificate_at_any_coverage"),
            taken_for_granted(words, bound["assumptions"]),
        ]
    )


def group_name(words: Words, names: Names, group: Mapping[str, Any]) -> str:
    """Name a group of candidates."""
    ids = group["candidates"]
    if len(ids) == 1:
        return names.get(ids[0], str(ids[0]))
    return words.html("announced.others")


def _which(words: Words, bound: Bound) -> Markup:
    """Say that it is not known which of the two is wrong, and how many sheets would be."""
    if bound["verdict"] not in PROVED:
        return Markup("")
    least = max((group["false_sheets_at_least"] or 0 for group in bound["groups"]), default=0)
    if bound["verdict"] != "impossible_at_its_coverage" or not least:
        return paragraphs(words.html("announced.none_of_two"))
    return paragraphs(words.html("announced.one_of_two", n=least))


def covered(words: Words, bound: Bound) -> str:
    """Say how much it covers, and how many of the counted sheets must then be in it."""
    coverage, outside = bound["coverage"], bound["outside"]["stations"]
    claimed, of = coverage["claimed"], coverage["of"]
    if claimed is None or of is None:
        return words.html("announced.covers_unknown")
    if coverage["by"] == "voters":
        return words.html("announced.covers_voters", claimed=claimed, of=of)
    if outside is None:
        return words.html("announced.covers_unknown")
    known = of - outside
    least = min(known, max(0, claimed - outside))
    return words.html("announced.covers", claimed=claimed, of=of, least=least, n=known)


def numbers(words: Words, groups: Sequence[str], bound: Bound, name: str) -> Markup:
    """Set out what was announced, what the sheets hold, and the least that is possible."""
    count = words.numbers.count
    rows = []
    for candidates, group in zip(groups, bound["groups"], strict=True):
        short = group["smallest_possible"] - group["announced"]
        false = group["false_sheets_at_least"]
        rows.append(
            [
                candidates,
                count(group["announced"]),
                words("unknown") if group["counted"] is None else count(group["counted"]),
                _least(words, group["smallest_possible"], short),
                "–" if not false else count(false),
            ]
        )
    keys = ("group", "announced", "counted", "smallest", "false")
    shown = len(keys) if any(group["false_sheets_at_least"] for group in bound["groups"]) else len(keys) - 1
    head = [words.html(f"announced.{key}") for key in keys[:shown]]
    return table(words.labelled(words("announced.point"), name), head, [row[:shown] for row in rows], dense=True)


def _least(words: Words, votes: int, short: int) -> Markup:
    """Write the least that is possible, and by how much the announcement falls short of it."""
    missing = words.html("announced.missing", n=short) if short > 0 else ""
    return Markup("{}{}").format(
        words.numbers.count(votes), Markup("<small>{}</small>").format(missing) if missing else ""
    )


def picture(words: Words, groups: Sequence[str], bound: Bound, name: str) -> Markup:
    """Draw what was announced beside the least that is possible."""
    bars = []
    for group, values in zip(groups, bound["groups"], strict=True):
        bars.append(Bar(name=words.labelled(group, words("announced.point")), value=values["announced"], style=1))
        if values["smallest_possible"]:
            least = words("announced.smallest").lower()
            bars.append(Bar(name=words.labelled(group, least), value=values["smallest_possible"]))
    caption = Caption(name=f"least-{name}", title=words.html("announced.chart"))
    return bar_chart(words, caption, bars, axis=Axis(label=words.html("overturn.votes")))


def proof(
    words: Words, groups: Sequence[str], bound: Bound, key: str, *, mixture: Sequence[int] | None = None
) -> Markup:
    """Write a certificate out, with the way to check it; `mixture` is how the votes outside fall within limits."""
    found = bound[key]
    if found is None:
        return Markup("")
    title = "announced.certificate_at" if key == "certificate" else "announced.certificate_any"
    count = words.numbers.count
    listed = ", ".join(f"{name} {count(weight)}" for name, weight in zip(groups, found["weights"][0], strict=True))
    price = found["coverage_prices"][0]
    score = words.html(
        "announced.score", announced=found["announced_score"], largest=found["largest_possible"], n=found["gap"]
    )
    return Markup("<h3>{}</h3>").format(words.html(title)) + paragraphs(
        words.html("announced.weights", weights=listed),
        score,
        words.html("announced.check_price", price=price) if price else words.html("announced.check_sort"),
        _mixed(words, groups, mixture),
    )


def _mixed(words: Words, groups: Sequence[str], mixture: Sequence[int] | None) -> str:
    if mixture is None:
        return ""
    count = words.numbers.count
    listed = ", ".join(f"{name} {count(part)}" for name, part in zip(groups, mixture, strict=True))
    return words.html("announced.mixture", of=sum(mixture), mixture=listed)


def taken_for_granted(words: Words, codes: Sequence[str]) -> Markup:
    """List assumptions, one click away."""
    said = [code_words(f"assumption.{code}", words.language) for code in codes]
    items = Markup("").join(Markup("<li><b>{}.</b> {}").format(each.title, each.meaning) for each in said)
    title = words.html("single.assumed", n=len(said))
    return Markup("<details><summary>{}</summary><ul>{}</ul></details>").format(title, items)
