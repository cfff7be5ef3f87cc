"""A new key for the same log: both sign for a while, then the old one is retired.

The new key also signs every checkpoint that the log ever recorded, so that whoever has only the new policy can verify
them. What was signed stays: a retired key's signatures still convict whoever signs a second history with it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from escruta.apps.operator.errors import HomeUnusable
from escruta.apps.operator.homes import Home, open_home
from escruta.apps.operator.making import require_log_keys
from escruta.apps.operator.settings import (
    POLICY,
    SETTINGS,
    as_kept,
    read_policy,
    require_own_keys,
    resolved,
    with_logs,
    write_whole,
)
from escruta.apps.signing import Passphrase, passphrase_from
from escruta.tlog.keys import VerifierKey


def add_key(folder: Path, reference: str, passphrase: Passphrase | None = None) -> VerifierKey:
    """Let a further key sign this log from now on, beside the others; gives its verifier key.

    Asks log witnesses and mirrors first. Publish the policy anew, and let the log witnesses trust the key.
    """
    with open_home(folder) as home:
        word = cache(passphrase or passphrase_from(home.settings.passphrase))
        home.open_log(word)
        kept = as_kept(reference, folder)
        (new,) = require_log_keys([resolved(kept, folder)], home.origin)
        keys = (*home.keys, new)
        if new in home.keys or new in home.settings.retired:
            raise HomeUnusable("this key signs, or signed, this log already", where=reference, found=new.key_id.hex())
        _write(home, keys, references=(*home.settings.keys, kept), retired=home.settings.retired)
    with open_home(folder) as home:
        home.open_log(word)  # the new key signs what was recorded
    return new


def retire_key(folder: Path, key_id: str, passphrase: Passphrase | None = None) -> VerifierKey:
    """Let a key sign no more, by its id in hex; gives its verifier key. Another one has to be left."""
    with open_home(folder) as home:
        home.open_log(passphrase)
        at = next((at for at, key in enumerate(home.keys) if key.key_id.hex() == key_id.lower()), None)
        known = ", ".join(f"{key.key_id.hex()} ({key.kind.name.lower()})" for key in home.keys)
        if at is None:
            raise HomeUnusable("no key of this log has this id", found=key_id, expected=known)
        if len(home.keys) == 1:
            raise HomeUnusable("this is the log's only key", found=key_id, advice="Add its successor first.")
        old = home.keys[at]
        references = tuple(each for place, each in enumerate(home.settings.keys) if place != at)
        keys = tuple(key for key in home.keys if key != old)
        _write(home, keys, references=references, retired=(*home.settings.retired, old))
    return old


def _write(
    home: Home, keys: tuple[VerifierKey, ...], *, references: tuple[str, ...], retired: tuple[VerifierKey, ...]
) -> None:
    """Write settings and policy. Where the power goes between the two, opening says which of them is behind."""
    settings = replace(home.settings, keys=references, retired=retired)
    policy = with_logs(read_policy(home.folder)[0], keys, without=retired)
    require_own_keys(policy, settings, keys, POLICY)
    write_whole(home.folder, SETTINGS, str(settings))
    write_whole(home.folder, POLICY, policy)
