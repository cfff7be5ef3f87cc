"""The HTTP server of a mirror: files as they are, and how long each may be kept.

Source: C2SP tlog-tiles, "APIs"; C2SP tlog-mirror, "Introduction" (the path of each log).
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from escruta.apps.mirror.buckets import BUNDLES, FOR_EVER, OCTETS, TEXT, TWO_SECONDS
from escruta.apps.mirror.holdings import EVIDENCE
from escruta.base.errors import EscrutaError
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.encodings import to_base64
from escruta.tlog.errors import TileMalformed
from escruta.tlog.notes import parse_note
from escruta.tlog.tiles import parse_tile_path

_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EVIDENCE_NAME = re.compile(r"[0-9]{1,19}-[0-9a-f]{16}", re.ASCII)

_OPEN = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
"""A page from anywhere may verify, and nothing here is a page."""


def application(folder: Path) -> Starlette:
    """Give the application for a mirror's folder; what is added to the folder is served at once."""

    def answer(request: Request) -> Response:
        path = request.path_params["path"]
        try:
            if not path:
                return JSONResponse(_contents(folder), headers=_OPEN | {"Cache-Control": TWO_SECONDS})
            kept = _kept_for(path)
            raw = None if kept is None else (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raw = kept = None
        except (OSError, EscrutaError):
            return PlainTextResponse("this mirror cannot read its disk now\n", status_code=500, headers=_OPEN)
        if raw is None or kept is None:
            return PlainTextResponse("there is no such file here\n", status_code=404, headers=_OPEN)
        return _answer(request, raw, kept, may_pack=f"/{BUNDLES}" in path)

    return Starlette(routes=[Route("/{path:path}", answer)])


def _kept_for(path: str) -> str | None:
    """Give how long a file may be kept by whoever fetched it; None for a path that no file of ours has."""
    first, _, rest = path.partition("/")
    if first == EVIDENCE:
        hashed, _, name = rest.partition("/")
        return FOR_EVER if _HASH.fullmatch(hashed) and _EVIDENCE_NAME.fullmatch(name) else None
    if not _HASH.fullmatch(first):
        return None
    if rest == CHECKPOINT:
        return TWO_SECONDS
    try:
        parse_tile_path(rest)
    except TileMalformed:
        return None
    return FOR_EVER


def _answer(request: Request, raw: bytes, kept: str, *, may_pack: bool) -> Response:
    is_packed = may_pack and accepts_gzip(request.headers.get("accept-encoding", ""))
    e_tag = f'"{hashlib.sha256(raw).hexdigest()[:32]}{"-gzip" if is_packed else ""}"'
    headers = _OPEN | {"Cache-Control": kept, "ETag": e_tag}
    if may_pack:
        headers["Vary"] = "Accept-Encoding"
    asked = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if asked & {e_tag, "*"}:
        return Response(status_code=304, headers=headers)
    if is_packed:
        headers["Content-Encoding"] = "gzip"
        raw = gzip.compress(raw, 6, mtime=0)
    is_note = not request.url.path.partition("/tile/")[1]
    return Response(raw, headers=headers | {"Content-Type": TEXT if is_note else OCTETS})


def accepts_gzip(accepted: str) -> bool:
    """Tell from an Accept-Encoding whether gzip is welcome. Source: RFC 9110, section 12.5.3.

    >>> [accepts_gzip(each) for each in ("gzip, br", "br, gzip;q=0.5", "gzip;q=0", "*", "identity", "")]
    [True, True, False, True, False, False]
    """
    weights = {}
    for each in accepted.lower().split(","):
        coding, _, parameter = each.partition(";")
        weights[coding.strip()] = parameter.replace(" ", "")
    told = weights.get("gzip", weights.get("*"))
    return told is not None and re.fullmatch(r"q=0(\.0*)?", told) is None


def _contents(folder: Path) -> Mapping[str, object]:
    """Tell which logs are here, and of which of them there is evidence against their operator."""
    logs = []
    for each in sorted(folder.iterdir()) if folder.is_dir() else []:
        if _HASH.fullmatch(each.name) and (each / CHECKPOINT).is_file():
            checkpoint = checkpoint_of(parse_note((each / CHECKPOINT).read_bytes()))
            notes = folder / EVIDENCE / each.name
            logs.append(
                {
                    "origin": checkpoint.origin,
                    "size": checkpoint.head.size,
                    "root": to_base64(checkpoint.head.root),
                    "path": f"{each.name}/",
                    "evidence": [f"{EVIDENCE}/{each.name}/{note.name}" for note in sorted(notes.glob("*"))],
                }
            )
    return {"logs": logs}
