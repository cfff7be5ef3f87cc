"""Make the home of a new log."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from escruta.apps.operator.errors import HomeUnusable
from escruta.apps.operator.homes import DATABASE, KEPT, LOG, Home, open_home
from escruta.apps.operator.settings import (
    POLICY,
    SETTINGS,
    Settings,
    as_kept,
    require_own_keys,
    resolved,
    with_logs,
    write_whole,
)
from escruta.apps.signing import Passphrase, card_of
from escruta.base.errors import OutputRefused
from escruta.tlog.files import STAGING, Disk
from escruta.tlog.keys import KeyKind, VerifierKey


def require_room(folder: Path) -> None:
    """Raise `OutputRefused` where there is a log already."""
    there = next((name for name in (SETTINGS, POLICY, DATABASE, LOG, KEPT) if (folder / name).exists()), None)
    if there is not None:
        raise OutputRefused(
            "there is a log here already",
            where=str(folder / there),
            advice="Name another folder. A log that is made anew under a name that was used shows two histories.",
        )


def make_home(
    folder: Path, settings: Settings, policy: str, passphrase: Passphrase | None = None, *, keys: Sequence[str] = ()
) -> Home:
    """Write the home of a new log, and publish the checkpoint of the empty one; gives it open.

    `keys` are references as a person wrote them, from where that person stands. The empty checkpoint binds nobody:
    there is only one empty tree. With it log witnesses can be asked from the first day on.
    """
    require_room(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kept = Settings(
        origin=settings.origin,
        keys=tuple(as_kept(each, folder) for each in keys) or settings.keys,
        passphrase=settings.passphrase,
        mirrors=settings.mirrors,
        postgres=settings.postgres,
    )
    own = require_log_keys([resolved(each, folder) for each in kept.keys], kept.origin)
    text = with_logs(policy, own)
    require_own_keys(text, kept, own, POLICY)
    write_whole(folder, POLICY, text)
    write_whole(folder, SETTINGS, str(kept))
    Disk().sync_folder(folder.absolute().parent)
    home = open_home(folder)
    try:
        _publish_empty(home, passphrase)
    except BaseException:
        home.close()
        _remove(folder)
        raise
    return home


def _remove(folder: Path) -> None:
    """Take away a home that was only half made: nothing of it was there before, and only the empty tree was signed."""
    for name in (LOG, KEPT, STAGING):
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in (folder / SETTINGS, folder / POLICY, *folder.glob(f"{DATABASE}*")):
        path.unlink(missing_ok=True)


def _publish_empty(home: Home, passphrase: Passphrase | None) -> None:
    log = home.open_unasked(passphrase)
    if home.sequencer.size():
        where = home.settings.postgres or str(home.folder)
        raise HomeUnusable("the database holds entries of this log already", where=where)
    log.publish()
    home.keep_last()


def require_log_keys(references: Sequence[str], origin: str) -> tuple[VerifierKey, ...]:
    """Give the verifier keys of a log's signers; raises `HomeUnusable` for a key that cannot sign this log."""
    keys = tuple(card_of(each).key for each in references)
    for reference, key in zip(references, keys, strict=True):
        if key.name != origin or key.kind is KeyKind.ED25519_COSIGNATURE:
            raise HomeUnusable(
                "this key cannot sign this log",
                where=reference,
                found=f"{key.name}, {key.kind:#04x}",
                expected=f"{origin}, 0x01 (ed25519) or 0x06 (mldsa44)",
                advice=f"Make one with: escruta key new PATH --name {origin}",
            )
    if len(set(keys)) != len(keys):
        raise HomeUnusable("the same key twice", found=origin)
    return keys
