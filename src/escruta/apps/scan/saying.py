"""From the text of a code to a reading of a sheet of this election, or to the reason why it is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from escruta.apps.scan.orders import ScanOrders
from escruta.sheets.figures import Mark, other_column
from escruta.sheets.seal import Figure, SealMalformed, SheetKind, read_seal
from escruta.sources.scans.payloads import Payload, PayloadKind, payload_of

INVALID = other_column("invalid")
"""Where an election has votes that are neither valid nor null, as the text of 2024 counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a code says."""

    kind: str
    """`seal`, `text-2024`, or `refused`."""
    refusal: str | None = None
    """Why it is no sheet of this election that counts."""
    is_other_sheet: bool = False
    """It is a sheet, and not one that counts here: so what is printed around it does not count either."""
    station: Mapping[str, str] = field(default_factory=dict)
    """Part of the station key -> what the code says."""
    act: str = "count"
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Column -> count or mark."""
    copy_number: int | None = None
    """Of a seal: which copy of the sheet."""
    printed_at: str | None = None
    """Of a seal: when it says that it was printed."""


def said_by(text: str, orders: ScanOrders) -> Said:
    """Read the text of a code."""
    payload = payload_of(text)
    match payload.kind:
        case PayloadKind.SEAL:
            return _sealed(text, orders)
        case PayloadKind.TEXT_2024:
            return _plain(payload, orders)
        case _:
            return Said(kind="refused", refusal=f"the code is {_reason(payload)}")


def _reason(payload: Payload) -> str:
    return "of no kind that we know" if payload.refusal is None else f"refused: {payload.refusal.value}"


def _sealed(text: str, orders: ScanOrders) -> Said:
    try:
        sheet = read_seal(text).sheet
    except SealMalformed as error:
        return Said(kind="refused", refusal=f"the seal is malformed: {error.what}")
    form = next((each for each in orders.forms if each.id == sheet.form_id), None)
    pieces = sheet.station.split(orders.separator) if orders.separator else [sheet.station]
    station = _parts(pieces, orders) if len(pieces) == len(orders.parts) else {}
    if form is None:
        return Said(kind="refused", refusal="the seal is of another election or form", is_other_sheet=True)
    if form is not orders.forms[0]:
        why = f"the sheet is of the contest {form.contest}, which is another source's"
        return Said(kind="refused", refusal=why, is_other_sheet=True)
    if sheet.kind is SheetKind.ZERO:
        why = "it is a zero sheet, from before the vote"
        return Said(kind="refused", refusal=why, station=station, is_other_sheet=True)
    return Said(
        kind="seal",
        station=station,
        act=sheet.act.value,
        figures=sheet.named(form),
        copy_number=sheet.copy,
        printed_at=sheet.printed_at.isoformat(),
        refusal=None if station else "the seal names no station of this election",
    )


def _plain(payload: Payload, orders: ScanOrders) -> Said:
    station = _parts(str(payload.station).split("."), orders)
    if len(payload.votes) != len(orders.options) or not station:
        found = f"{len(payload.votes)} counts where this election's ballot has {len(orders.options)} options"
        return Said(kind="refused", refusal=f"the code has {found}")
    figures: dict[str, Figure] = dict(zip(orders.options, payload.votes, strict=True))
    if payload.null is not None and payload.invalid is not None:
        figures |= _not_valid(payload.null, payload.invalid, orders.forms[0].figures)
    return Said(kind="text-2024", station=station, figures=figures)


def _not_valid(null: int, invalid: int, known: Sequence[str]) -> dict[str, Figure]:
    """Give the two counts that the text keeps apart under the names that the election has for them.

    An election without a figure `invalid` has both in `null`.
    """
    counts = {"null": null, INVALID: invalid} if INVALID in known else {"null": null + invalid}
    return {name: count for name, count in counts.items() if name in known}


def _parts(pieces: Sequence[str], orders: ScanOrders) -> dict[str, str]:
    """Take the parts of the station key, which stand first; none where there are fewer."""
    return dict(zip(orders.parts, pieces, strict=False)) if len(pieces) >= len(orders.parts) else {}


def cells_of(figures: Mapping[str, Figure | None]) -> dict[str, dict[str, object]]:
    """Write figures in the form of a table of scans: `votes`, `figures`, and why others are `unread`.

    >>> cells_of({"votes.ana": 3, "null": Mark.ILLEGIBLE})
    {'votes': {'ana': 3}, 'figures': {}, 'unread': {'figures': {'null': 'illegible'}}}
    """
    votes: dict[str, object] = {}
    others: dict[str, object] = {}
    unread: dict[str, dict[str, str]] = {}
    for column, figure in figures.items():
        group, name = cell_of(column)
        if figure is None or isinstance(figure, Mark):
            mark = Mark.ILLEGIBLE if figure is None else figure
            unread.setdefault(group, {})[name] = mark.value
        else:
            (votes if group == "votes" else others)[name] = figure
    return {"votes": votes, "figures": others, "unread": unread}  # type: ignore[dict-item]  # a table in a table


def cell_of(column: str) -> tuple[str, str]:
    """Say where a figure stands in a table of scans.

    >>> cell_of("option.mud"), cell_of("other.unused"), cell_of("null")
    (('votes', 'mud'), ('figures', 'unused'), ('figures', 'null'))
    """
    prefix, _, name = column.rpartition(".")
    return ("votes" if prefix in {"option", "votes"} else "figures", name)
