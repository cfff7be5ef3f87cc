"""What log witnesses and mirrors show of a log: its latest checkpoint, as each of them has it.

Sources: C2SP tlog-witness, "Monitoring"; C2SP tlog-mirror, whose copies have a checkpoint of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from escruta.apps.witness.asking import TIMEOUT_S, witnesses_by_url
from escruta.apps.witness.fetching import Reply, fetch, new_client, run_apart
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.errors import LogInputError
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Policy
from escruta.tlog.witness_state import origin_hash

_ABSENT = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one place shows; nothing of it is verified."""

    place: str
    """A log witness by its names in the policy, or a mirror by its URL or folder."""
    note: Note | None
    words: str = ""
    """Why there is no note."""
    has_answered: bool
    """Whether the place is there: one that answers may still have no checkpoint of this log."""


def look_elsewhere(
    policy: Policy, origin: str, mirrors: Sequence[str] = (), *, timeout_s: float = TIMEOUT_S
) -> tuple[Looked, ...]:
    """Fetch the latest checkpoint from every log witness and mirror, all at the same time. Raises nothing for them."""
    hashed = f"{origin_hash(origin)}/{CHECKPOINT}"
    asked = [(", ".join(keys), [f"{url}/{hashed}"]) for url, keys in witnesses_by_url(policy).items()]
    remote = [mirror for mirror in mirrors if is_url(mirror)]
    asked += [(url, [f"{url.rstrip('/')}/{CHECKPOINT}", f"{url.rstrip('/')}/{hashed}"]) for url in remote]

    async def look_all() -> list[Looked]:
        async with new_client(url for _, urls in asked for url in urls) as client:
            return await asyncio.gather(*(_look(client, place, urls, timeout_s) for place, urls in asked))

    return (*run_apart(look_all), *(_look_on_disk(mirror) for mirror in mirrors if not is_url(mirror)))


def is_url(place: str) -> bool:
    """Tell whether a mirror is on a server, and not in a folder.

    >>> is_url("https://mirror.example/log"), is_url("/media/stick/log")
    (True, False)
    """
    return place.startswith(("http://", "https://"))


async def _look(client: httpx.AsyncClient, place: str, urls: Sequence[str], timeout_s: float) -> Looked:
    """Take the first of several addresses at which something is."""
    reply = Reply(status=None)
    for url in urls:
        reply = await fetch(client, url, timeout_s)
        if reply.status != _ABSENT:
            break
    if reply.status == _ABSENT:
        return Looked(place=place, note=None, words="it has no checkpoint of this log", has_answered=True)
    if reply.status != httpx.codes.OK:
        words = reply.words if reply.status is None else f"status {reply.status}: {reply.words}"
        return Looked(place=place, note=None, words=words, has_answered=False)
    return _read(place, reply.body)


def _look_on_disk(place: str) -> Looked:
    try:
        return _read(place, (Path(place) / CHECKPOINT).read_bytes())
    except OSError as error:
        return Looked(place=place, note=None, words=error.strerror or str(error), has_answered=False)


def _read(place: str, raw: bytes) -> Looked:
    try:
        return Looked(place=place, note=parse_note(raw, where=place), has_answered=True)
    except LogInputError as error:
        return Looked(place=place, note=None, words=f"no checkpoint: {error.what}", has_answered=False)
