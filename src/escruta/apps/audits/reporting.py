"""The report and the forms of an audit, from its folder alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from escruta.apps.audits.counting import COUNTED, counts_of
from escruta.apps.audits.drawing import SEED
from escruta.apps.audits.draws import Draw, draws_of, in_boxes, newly_drawn
from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.judging import risks_by_draw
from escruta.apps.audits.manifests import MANIFEST, read_slips
from escruta.apps.audits.planning import BOXES, plan_of
from escruta.apps.audits.reading import slips_of
from escruta.apps.audits.records import RECORDS, parse_records
from escruta.apps.audits.samples import sample_of
from escruta.apps.audits.tables import Table, read_boxes
from escruta.portal.audits import (
    DrawnBox,
    DrawnSlip,
    Form,
    Forms,
    Heading,
    Round,
    SlipForm,
    SlipForms,
    Story,
    TakenStep,
    audit_page,
    forms_page,
    slip_forms_page,
)

_FORMS = 500
"""Forms on one page: what a browser still prints."""


def write_forms(audit: AuditFolder, language: str, *, most: int = _FORMS) -> list[Path]:
    """Write the forms of the last round into the audit's folder: pages to print, of so many boxes at most."""
    plan, table = plan_of(audit), read_boxes(audit.read(BOXES))
    draws = draws_of(audit)
    earlier = [each for each in draws if each.round < audit.round]
    drawn = [each for each in draws if each.round == audit.round]
    fresh = newly_drawn(drawn, earlier)
    if drawn[0].slip is not None:
        forms = _slip_forms(audit, plan, table, drawn, fresh)
        pages = [
            slip_forms_page(replace(forms, forms=forms.forms[start : start + most]), language)
            for start in range(0, len(forms.forms), most)
        ]
    else:
        pages = [
            forms_page(_forms(audit, plan, table, drawn, fresh[start : start + most]), language)
            for start in range(0, len(fresh), most)
        ]
    return [_written(audit, page, part, len(pages)) for part, page in enumerate(pages, start=1)]


def _written(audit: AuditFolder, page: bytes, part: int, parts: int) -> Path:
    path = audit.folder / (f"forms-{audit.round}.html" if parts == 1 else f"forms-{audit.round}-part-{part}.html")
    path.write_bytes(page)
    return path


def _heading(audit: AuditFolder, plan: Mapping[str, Any]) -> Heading:
    return Heading(
        election=plan["name"],
        contest=plan["contest_name"],
        date=plan["date"],
        round=audit.round,
        seed=audit.json(SEED)["seed"],
        plan=audit.steps[0].digest,
        options=tuple(each["name"] for each in plan["options"]),
    )


def _slip_forms(
    audit: AuditFolder, plan: Mapping[str, Any], table: Table, drawn: Sequence[Draw], fresh: Sequence[Draw]
) -> SlipForms:
    numbers: dict[tuple[int, str | None], list[int]] = {}
    for each in drawn:
        numbers.setdefault((each.box, each.slip), []).append(each.number)
    inside: dict[int, list[tuple[str, tuple[int, ...]]]] = {}
    for each in in_boxes(fresh):
        inside.setdefault(each.box, []).append((each.slip or "", tuple(numbers[each.box, each.slip])))
    said = read_slips(audit.read(MANIFEST), table.batches.names)
    return SlipForms(
        heading=_heading(audit, plan),
        has_ids=plan["method"] == "comparison",
        forms=[
            SlipForm(
                box=table.batches.names[box],
                places=_names(table.places[box], plan["areas"]),
                slips=tuple(slips),
                slips_said=int(said[box]),
            )
            for box, slips in inside.items()
        ],
    )


def _forms(
    audit: AuditFolder, plan: Mapping[str, Any], table: Table, drawn: Sequence[Draw], boxes: Sequence[Draw]
) -> Forms:
    numbers: dict[int, list[int]] = {}
    for each in drawn:
        numbers.setdefault(each.box, []).append(each.number)
    return Forms(
        heading=_heading(audit, plan),
        forms=[
            Form(
                box=each.name,
                places=_names(table.places[each.box], plan["areas"]),
                draws=tuple(numbers[each.box]),
                ballots_at_most=int(table.batches.bound[each.box]),
            )
            for each in boxes
        ],
    )


def _names(path: str, names: dict[str, str]) -> tuple[str, ...]:
    parts = path.split("/") if path else []
    return tuple(names.get("/".join(parts[: at + 1]), part) for at, part in enumerate(parts))


def write_report(audit: AuditFolder, out: Path, languages: Sequence[str]) -> list[Path]:
    """Write the report into a folder, a page for each language."""
    story = story_of(audit)
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for language in languages:
        path = out / f"audit.{language}.html"
        path.write_bytes(audit_page(story, language))
        written.append(path)
    return written


def story_of(audit: AuditFolder) -> Story:
    """Gather what the report says."""
    plan = plan_of(audit)
    table = read_boxes(audit.read(BOXES))
    rounds = [audit.json(name) for step in audit.steps if step.step == "risk" for name in step.files]
    is_counted = audit.last is not None and audit.last.step in {"enter", "risk"}
    sample = sample_of(audit, plan) if is_counted and any(each.slip is None for each in draws_of(audit)) else None
    return Story(
        plan=plan,
        seed=audit.json(SEED) if (audit.folder / SEED).is_file() and len(audit.steps) > 1 else None,
        steps=[TakenStep(step=each.step, at=each.at, digest=each.digest) for each in audit.steps],
        boxes=_boxes(
            audit,
            table,
            {} if sample is None else dict(zip(sample.drawn.tolist(), sample.tainted.tolist(), strict=True)),
        ),
        rounds=[
            Round(number=each["round"], draws=each["draws"], risk=each["risk"], decision=each["decision"])
            for each in rounds
        ],
        verdict=rounds[-1] if rounds else None,
        risks=risks_by_draw(audit, plan, sample) if is_counted else (),
        names=plan["areas"],
        slips=_slips(audit, plan, table),
    )


def _slips(audit: AuditFolder, plan: Mapping[str, Any], table: Table) -> list[DrawnSlip]:
    seen = slips_of(audit)
    records = parse_records(audit.read(RECORDS)) if plan["method"] == "comparison" else None
    once = newly_drawn([each for each in draws_of(audit) if each.slip is not None], [])
    return [
        DrawnSlip(
            box=each.name,
            area=table.places[each.box],
            slip=each.slip or "",
            shows=seen.get((each.name, each.slip or "")),
            recorded=None if records is None else records.shows(each.name, each.slip or ""),
        )
        for each in once
    ]


def _boxes(audit: AuditFolder, table: Table, tainted: dict[int, float]) -> list[DrawnBox]:
    counts = counts_of(audit, table.batches.options)
    by_box: dict[int, list[Draw]] = {}
    for each in draws_of(audit):
        if each.slip is not None:
            continue
        by_box.setdefault(each.box, []).append(each)
    found = []
    for place, draws in by_box.items():
        count = counts.get(draws[0].name)
        is_there = count is not None and count.state == COUNTED
        found.append(
            DrawnBox(
                box=draws[0].name,
                area=table.places[place],
                draws=tuple(each.number for each in draws),
                state=None if count is None else count.state,
                published=tuple(int(each) for each in table.batches.votes[place]),
                paper=count.votes if count is not None and is_there else None,
                missing_slips=max(0, int(table.ballots[place]) - count.slips) if count is not None and is_there else 0,
                taint=tainted.get(place, 0.0),
            )
        )
    return found
