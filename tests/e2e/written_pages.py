"""Makes every page that a command writes as one file, and the pages of scanned sheets, with real commands.

What is audited, projected, drawn and polled is the night of `escruta demo`; sheets are printed, photographed and
scanned as in the how-to page of scans.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from escruta.apps.cli import main

POLL = """
[[polls]]
id = "{id}"
pollster = "{id}"
election = "{election}"
source = "{id}, as printed"
method = "{method}"
first_day = 2025-{days[0]}
last_day = 2025-{days[1]}
sample = {sample}
shares = {shares}
{more}
"""
POLLS = (
    {
        "id": "Barómetro",
        "method": "telephone",
        "days": ("02-20", "02-27"),
        "sample": 1200,
        "shares": "{ vela = 47, sal = 41, marende = 6 }",
        "more": "",
    },
    {
        "id": "Puertas",
        "method": "exit",
        "days": ("03-09", "03-09"),
        "sample": 3400,
        "shares": "{ vela = 40, sal = 52, marende = 4 }",
        "more": "design_effect = 2",
    },
)


def escruta(*arguments: object) -> str:
    """Run a command as a reader would; anything but 0 and 1 is an error."""
    result = CliRunner().invoke(main, [str(each) for each in arguments])
    if result.exit_code not in {0, 1}:
        raise SystemExit(f"escruta {' '.join(map(str, arguments))}\n{result.output}")
    return result.output


def written_pages(
    election: Path, record: Path, folder: Path, languages: Collection[str], *, but: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Write every page of one file for a record of the demo, but for some kinds.

    Gives the kind of each with its language, and its name.
    """
    election_id = json.loads((record / "election.json").read_text(encoding="utf-8"))["id"]
    polls = "".join(POLL.format(election=election_id, **poll) for poll in POLLS)
    (folder / "polls.toml").write_text(polls, encoding="utf-8")
    drawn = folder / "drawn.csv"
    plan: tuple[object, ...] = ("quickcount", "plan", record, "--half-width", 4)
    draw = ("quickcount", "draw", record, "--half-width", 4, "--seed", "4 1 6 2", "--out", drawn)
    earlier = folder / "earlier"
    escruta("run", election, "--source", "party-a", "--source", "party-b", "--out", earlier, "--no-pages")
    orders: dict[str, tuple[object, ...]] = {
        "outcome": ("outcome", record),
        "announced-page": ("announced", record),
        "project": ("project", record),
        "quickcount-plan": plan,
        "quickcount-draw": draw,
        "quickcount-estimate": ("quickcount", "estimate", record, "--drawn", drawn),
        "polls": ("polls", folder / "polls.toml", "--record", record),
        "diff": ("diff", earlier, record),
    }
    for language in languages:
        for kind, order in ((kind, order) for kind, order in orders.items() if kind not in but):
            page = folder / f"{kind}-{language}.html"
            escruta(*order, "--page", page, "--language", language)
            yield f"{kind}-{language}", page.name
    for method in ("macro", "polling"):
        yield from _audit(record, folder, method, languages)


def _audit(record: Path, folder: Path, method: str, languages: Collection[str]) -> Iterator[tuple[str, str]]:
    """Audit the paper of a record, with two differing boxes, and write its forms and its report."""
    audit = folder / f"audit-{method}"
    escruta("audit", "plan", record, audit, "--method", method, "--risk-limit", "5%", "--outside", "left-out")
    escruta("audit", "seed", audit, "27182 81828 45904 52353", "--where", "Plaza")
    for language in languages:
        copy = folder / f"forms-{method}-{language}"
        shutil.copytree(audit, copy)
        escruta("audit", "draw", copy, "--language", language)
        first = min(copy.glob("forms-1*.html"))
        yield f"audit-forms-{method}-{language}", f"{copy.name}/{first.name}"
    escruta("audit", "draw", audit)
    typed = audit / "typed.csv"
    _fill(audit, typed)
    escruta("audit", "enter", audit, "--first", typed, "--second", shutil.copy(typed, audit / "typed-2.csv"))
    escruta("audit", "risk", audit)
    escruta("audit", "report", audit, "--out", folder / f"report-{method}")
    for language in languages:
        yield f"audit-{method}-{language}", f"report-{method}/audit.{language}.html"


def _fill(audit: Path, typed: Path) -> None:
    """Type what the boxes hold: what was published, but for one box that is short of votes and one that is gone."""
    with (audit / "boxes.csv").open(encoding="utf-8") as lines:
        boxes = {row["box"]: row for row in csv.DictReader(lines)}
    with (audit / "count-1-to-fill.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    options = [name.removeprefix("votes.") for name in next(iter(boxes.values())) if name.startswith("votes.")]
    for place, row in enumerate(rows):
        published = {option: int(boxes[row["box"]][f"votes.{option}"]) for option in options}
        others = int(boxes[row["box"]]["ballots"]) - sum(published.values())
        if "slip" in row:
            _show(row, published, others)
            continue
        published[options[0]] -= 3 if place == 1 else 0
        row.update({option: str(votes) for option, votes in published.items()})
        row.update(other=str(others), slips=str(others + sum(published.values())))
        if place == len(rows) - 1:
            row.update({name: "" for name in row if name not in {"box", "state"}}, state="missing")
    with typed.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _show(row: dict[str, str], published: dict[str, int], others: int) -> None:
    pool = [option for option, votes in published.items() for _ in range(votes)] + ["null"] * others
    random.Random(row["box"]).shuffle(pool)  # noqa: S311 - the same picture each time
    place = int(row["slip"].rpartition("-")[2])
    row["shows"] = pool[place - 1] if place <= len(pool) else "not-found"


def scanned(folder: Path, languages: Collection[str]) -> Path:
    """Print, photograph, scan and count three sheets, one of them altered, as `test_scan_chain` does; gives the folder.

    In it are `my`, the election, `record` with its site, and the files of the key list.
    """
    from tests.e2e.test_scan_chain import DEFINITION, make_chain  # noqa: PLC0415 - needs the extras of scanning

    folder.mkdir(exist_ok=True)
    named = DEFINITION.replace('languages = ["en"]', f"languages = {json.dumps(sorted(languages))}")
    source = 'files = [{ path = "scans/readings.jsonl" }]'
    chain: Path = make_chain(folder, named.replace(source, f'{source}\nredacted = "scans/redacted"'))
    escruta("run", chain / "my", "--out", chain / "record")
    return chain


def seal_pages(chain: Path, folder: Path, languages: Collection[str]) -> Iterator[tuple[str, str]]:
    """Write the page that reads sealed sheets, in each language."""
    for language in languages:
        page = folder / f"seal-{language}.html"
        escruta(
            "seal", "page", "--keys", chain / "keys" / "list-1.keys", "--trust", chain / "board.key.vkey",
            "--out", page, "--language", language,
        )  # fmt: skip
        yield f"seal-{language}", page.name


def seals_of(chain: Path) -> dict[str, str]:
    """Give the text of a good seal, and of one in which a figure was changed."""
    figures = {"votes.ana": 101, "votes.ben": 80, "votes.cas": 9, "valid": 190, "null": 2, "ballots": 192}
    (chain / "figures.json").write_text(json.dumps(figures), encoding="utf-8")
    said: Any = escruta(
        "seal", "make", chain / "my", "--station", "1", "--figures", chain / "figures.json",
        "--printed", "2031-03-02T20:11:00Z",
        "--key", chain / "keys" / "1.key", "--for", "door",
    )  # fmt: skip
    good = next(line for line in said.splitlines() if line.startswith("ESC1:"))
    return {"good": good, "bad": good[:60] + ("A" if good[60] != "A" else "B") + good[61:]}


@contextmanager
def reviewed(chain: Path) -> Iterator[str]:
    """Serve the review of the scanned sheets; gives its address."""
    from tests.unit.apps.scan.served import served  # noqa: PLC0415 - needs the extras of scanning

    from escruta.apps.scan import open_home  # noqa: PLC0415 - likewise
    from escruta.apps.scan.review import ReviewQueue  # noqa: PLC0415 - likewise

    with served(ReviewQueue(open_home(chain / "my"))) as address:
        yield address
