"""The review's page on this machine: nobody else reaches it, and nothing leaves it."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from escruta.apps.scan.decisions import Decision
from escruta.apps.scan.review.queue import ReviewQueue, ReviewTask
from escruta.base.errors import InputError
from escruta.base.words import code_words
from escruta.portal.words import known_languages, load_words

HOSTS = ("127.0.0.1", "localhost")
"""Names under which this machine's own browser asks; another one is a page elsewhere that points its name at us."""
LARGEST_BODY = 64_000
_LONGEST_SIDE = 3000
_QUALITY = 88
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Answer = Callable[[Request], Awaitable[Response]]


def page_address(port: int, token: str, language: str) -> str:
    """Write the address that is opened in a browser of this machine."""
    return f"http://127.0.0.1:{port}/{token}/?lang={language}"


def application(queue: ReviewQueue, token: str) -> Starlette:
    """Make the application; it answers only under the token, and only to this machine's own names."""
    review = _Review(queue, token)
    routes = [
        Route("/{token}/", review.guarded(review.page)),
        Route("/{token}/next", review.guarded(review.next_task)),
        Route("/{token}/picture/{digest}/{number:int}", review.guarded(review.picture)),
        Route("/{token}/decide", review.guarded(review.decide), methods=["POST"]),
        Route("/{token}/pass", review.guarded(review.pass_over), methods=["POST"]),
    ]
    return Starlette(routes=routes)


class _Review:
    def __init__(self, queue: ReviewQueue, token: str) -> None:
        self._queue = queue
        self._token = token
        self._nonce = secrets.token_urlsafe(16)

    def guarded(self, answer: Answer) -> Answer:
        """Refuse whoever does not know the token or asks under another name; an error of ours says why."""

        async def guard(request: Request) -> Response:
            name = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
            known = hmac.compare_digest(request.path_params["token"].encode(), self._token.encode())
            origin = request.headers.get("origin")
            foreign = origin is not None and origin != f"http://{request.headers.get('host')}"
            if name not in HOSTS or not known or foreign:
                response: Response = Response("Not found", 404)
            else:
                try:
                    response = await answer(request)
                except InputError as error:
                    response = JSONResponse({"error": error.what, "expected": error.expected}, 422)
            for header, value in _SAFE.items():
                response.headers.setdefault(header, value.replace("{nonce}", self._nonce))
            return response

        return guard

    async def page(self, request: Request) -> Response:
        language = request.query_params.get("lang", "en")
        return HTMLResponse(page_of(self._queue, language, self._nonce))

    async def next_task(self, request: Request) -> Response:
        reader = request.query_params.get("reader", "").strip()
        language = request.query_params.get("lang", "en")
        if not reader:
            raise InputError("a reader gives a name")
        task = await run_in_threadpool(self._queue.next_for, reader)
        return JSONResponse({"left": self._queue.left(), "task": None if task is None else _as_json(task, language)})

    async def picture(self, request: Request) -> Response:
        place = (request.path_params["digest"], request.path_params["number"])
        return Response(await run_in_threadpool(self._jpeg, place), media_type="image/jpeg")

    async def decide(self, request: Request) -> Response:
        decision = _decision(await _body(request))
        await run_in_threadpool(self._queue.take, decision)
        return JSONResponse({"left": self._queue.left()})

    async def pass_over(self, request: Request) -> Response:
        said = await _body(request)
        reader, digest, page = (said.get(name) for name in ("reader", "digest", "page"))
        if not (isinstance(reader, str) and isinstance(digest, str) and isinstance(page, int)):
            raise InputError("this is no page to leave", expected="reader, digest and page")
        self._queue.pass_over(reader, (digest, page))
        return JSONResponse({"left": self._queue.left()})

    def _jpeg(self, place: tuple[str, int]) -> bytes:
        import cv2  # noqa: PLC0415 - an extra

        pixels = self._queue.picture(place).colour
        scale = min(1.0, _LONGEST_SIDE / max(pixels.shape[:2]))
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
        return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


async def _body(request: Request) -> dict[str, Any]:
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST_BODY:
            raise InputError("too much was sent", expected=f"at most {LARGEST_BODY} bytes")
    try:
        said = json.loads(raw)
    except ValueError as error:
        raise InputError("this is no JSON", found=str(error)) from None
    if not isinstance(said, dict):
        raise InputError("a JSON object was expected", found=type(said).__name__)
    return said


def _decision(said: Mapping[str, Any]) -> Decision:
    try:
        figures = {str(name): None if value is None else _count(value) for name, value in said["figures"].items()}
        return Decision(
            digest=str(said["digest"]),
            page=int(said["page"]),
            reader=str(said["reader"]),
            station={str(part): str(text) for part, text in said["station"].items()},
            figures=figures,
            is_sheet=bool(said["is_sheet"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError("this is no decision", found=type(error).__name__) from None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(value)
    return value


def _as_json(task: ReviewTask, language: str) -> dict[str, Any]:
    said = {name: getattr(task, name) for name in task.__slots__}
    said["reasons"] = [code_words(reason, language).title if reason[:1] == "P" else reason for reason in task.reasons]
    return said


@lru_cache
def _file(name: str) -> str:
    return (files("escruta.apps.scan.review") / name).read_text(encoding="utf-8")


def page_of(queue: ReviewQueue, language: str, nonce: str) -> str:
    """Write the page, with its words and the figures to type in it; it asks for pictures one at a time."""
    words = load_words(language if language in known_languages() else "en")
    prefix = "review."
    said = {key.removeprefix(prefix): form for key, form in words.forms.items() if key.startswith(prefix)}
    facts = {
        "language": words.language,
        "words": said,
        "parts": queue.parts,
        "columns": [
            {"column": column, "name": queue.names.get(column) or said.get(f"figure.{column}", column)}
            for column in queue.columns
        ],
        "election": str(queue.home.election.id),
    }
    as_json = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    page = _file("review.html")
    for name, text in {
        "LANGUAGE": words.language,
        "TITLE": str(said["title"]),
        "STYLE": _file("review.css"),
        "FACTS": as_json,
        "NONCE": nonce,
        "SCRIPT": _file("review.js"),
    }.items():
        page = page.replace(f"[[{name}]]", text)
    return page
