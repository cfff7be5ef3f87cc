"""One file, in a worker: opened, read, kept, redacted. Whatever it holds, there is an answer and no exception."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from escruta.apps.scan.intake import shown_name
from escruta.apps.scan.keeping import keep, keep_original
from escruta.apps.scan.orders import ScanOrders
from escruta.apps.scan.printed import Printed, lay_over, layouts_at, print_facts, printed_sheet
from escruta.apps.scan.saying import Said, cells_of, said_by
from escruta.base.errors import EscrutaError, InputError
from escruta.sources.scans.codes import Code, read_codes
from escruta.sources.scans.evidence import look_hash, to_text
from escruta.sources.scans.figures import NoFit
from escruta.sources.scans.pictures import LIMITS, Picture, each_picture
from escruta.sources.scans.redaction import Withheld, redact

NO_CODE = "no code was found"
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EROFS))
"""The disk takes nothing more: that is no picture's fault."""
ONLY_PRINT = "no code was found; figures were read in print, and wait for a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanJob:
    """A file to read."""

    path: str
    digest: str
    orders: ScanOrders


def read_one(job: ScanJob) -> dict[str, Any]:
    """Read a file into what the journal says of it; a file that cannot be read is one with a `failure`.

    Of a file that is damaged somewhere no page is taken: which of them can be read may be another one the next time.
    """
    _one_thread()
    name = shown_name(Path(job.path))
    said: dict[str, Any] = {"digest": job.digest, "name": name, "layouts": job.orders.layouts_known_by, "pages": []}
    try:
        with Path(job.path).open("rb") as file:
            raw = file.read(LIMITS.file_bytes + 1)  # it may have grown since it was looked at
        if hashlib.sha256(raw).hexdigest() != job.digest:
            return said | {"failure": "the file changed while it was read", "again": True}
        said["bytes"] = len(raw)
        for picture in each_picture(raw):
            if not said["pages"]:
                keep_original(Path(job.orders.originals), job.digest, raw)
            said["pages"].append(_page(picture, job))
    except InputError as error:
        return _without_pages(said, job, error.what, error.found)
    except (EscrutaError, OSError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise  # it would be so with each of the others too, and what was read is written down already
        return _without_pages(said, job, f"it cannot be read: {type(error).__name__}", str(error)[:200], again=True)
    except Exception as error:  # noqa: BLE001 - one file must never stop the ten thousand others; it is told as ours
        return _without_pages(said, job, f"a fault of ours: {type(error).__name__}", str(error)[:200], again=True)
    return said | {"failure": _failure(said["pages"])}


def _without_pages(
    said: dict[str, Any], job: ScanJob, why: str, found: object, *, again: bool = False
) -> dict[str, Any]:
    """Say that a file cannot be read; of its first pages, which could be, nothing stays among what is published."""
    for page in said["pages"]:
        _place_of(job, page["page"]).unlink(missing_ok=True)
    return said | {"pages": [], "failure": why, "found": found} | ({"again": True} if again else {})


def _place_of(job: ScanJob, page: int) -> Path:
    """Say where what may be published of a page is kept."""
    return Path(job.orders.redacted) / (f"{job.digest}.jpg" if page == 1 else f"{job.digest}-{page}.jpg")


def _failure(pages: list[dict[str, Any]]) -> str | None:
    """Say why there is no reading; the first reason of the first page stands for the file."""
    if any(page["sheets"] for page in pages):
        return None
    reasons = [code["refusal"] for page in pages for code in page["codes"] if code["refusal"]]
    if not reasons and any((page["print"] or {}).get("read") for page in pages):
        return ONLY_PRINT
    return reasons[0] if reasons else NO_CODE


def _page(picture: Picture, job: ScanJob) -> dict[str, Any]:
    orders = job.orders
    codes = read_codes(picture, effort=orders.effort)
    told = [(code, said_by(code.text, orders)) for code in codes]
    laid = lay_over(picture, layouts_at(orders.layouts), codes)
    printed = print_facts(picture, laid, [said for _, said in told], orders.key)
    facts = picture.facts
    return {
        "page": picture.page,
        "width": picture.width,
        "height": picture.height,
        "look": to_text(look_hash(picture.half if picture.is_large else picture.grey)),
        "facts": {name: getattr(facts, name) for name in facts.__slots__},
        "codes": [_code(code, said) for code, said in told],
        "print": printed,
        "shown": _shown(picture, laid, [code for code, said in told if said.refusal is None], job),
        "sheets": [*_sheets(told), *_printed_sheets(printed, orders, [said for _, said in told])],
    }


def _shown(picture: Picture, laid: Printed | NoFit | None, codes: list[Code], job: ScanJob) -> dict[str, Any]:
    """Keep what may be published of a page; without a layout that fits, nothing may.

    What an earlier layout let through is taken away where it may be shown no more.
    """
    place = _place_of(job, picture.page)
    if not isinstance(laid, Printed):
        place.unlink(missing_ok=True)
        return {"withheld": "no-layout" if laid is None else Withheld.NOT_REGISTERED.value}
    redacted = redact(picture, laid.registration, laid.layout, codes)
    if redacted.content is None:
        place.unlink(missing_ok=True)
        return {"withheld": "" if redacted.withheld is None else redacted.withheld.value}
    keep(place, redacted.content)
    return {
        "name": place.name,
        "sha256": hashlib.sha256(redacted.content).hexdigest(),
        "foreign_ink": round(redacted.foreign_ink, 4),
    }


def _printed_sheets(printed: dict[str, Any] | None, orders: ScanOrders, told: list[Said]) -> Iterator[dict[str, Any]]:
    """Give the sheet that was read from the print, where its station is known."""
    read = printed_sheet(printed, orders.key, told)
    if read is not None:
        station, figures = read
        acts = {said.act for said in told if said.refusal is None} or {"count"}
        yield {"method": "ocr", "kind": "print", "station": station, "act": min(acts), **cells_of(figures)}


def _code(code: Code, said: Said) -> dict[str, Any]:
    return {
        "text": code.text,
        "corners": np.rint(code.corners).astype(int).tolist(),
        "method": code.method.value,
        "version": code.version,
        "level": code.level,
        "kind": said.kind,
        "refusal": said.refusal,
    }


def _sheets(told: list[tuple[Code, Said]]) -> Iterator[dict[str, Any]]:
    """Give the sheets that the codes of a page speak of; a code that is there twice speaks once."""
    seen = set()
    for code, said in told:
        if said.refusal is not None or code.text in seen:
            continue
        seen.add(code.text)
        yield {
            "method": "qr",
            "kind": said.kind,
            "text": code.text,
            "station": dict(said.station),
            "act": said.act,
            "copy_number": said.copy_number,
            "printed_at": said.printed_at,
            **cells_of(dict(said.figures)),
        }


def _one_thread() -> None:
    """Leave the other processors to the other workers; two threads that import OpenCV at once find it half there."""
    with _IMPORTING:
        try:
            import cv2  # noqa: PLC0415 - an extra; without it the picture is refused with the extra's name
        except ImportError:
            return
        if cv2.getNumThreads() != 1:
            cv2.setNumThreads(1)


_IMPORTING = Lock()
