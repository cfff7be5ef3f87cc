"""The folder of a log witness: who it is, which logs it cosigns, and what it cosigned.

| path | what |
|---|---|
| `witness.toml` | the name, words about it, and where its keys are |
| `keys/` | key files, unless the keys are elsewhere |
| `logs.policy` | the keys of the logs that it cosigns, as `log` lines of a tlog-policy |
| `state/` | the last checkpoint of each log: losing it ends this log witness |
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.signing import Passphrase, card_of, open_signer
from escruta.apps.witness.errors import WitnessHomeUnusable
from escruta.base.errors import OutputRefused
from escruta.tlog.errors import KeyMalformed, LogInputError
from escruta.tlog.files import Disk
from escruta.tlog.keys import KeyKind, Signer, VerifierKey, parse_verifier_key
from escruta.tlog.policies import parse_policy
from escruta.tlog.witness_state import WitnessState
from escruta.tlog.witnessing import Trust

SETTINGS, KEYS, LOGS, STATE = "witness.toml", "keys", "logs.policy", "state"
_NO_LOGS = "# The keys of the logs that this log witness cosigns; written by `escruta witness trust`.\nquorum none\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessHome:
    """A log witness as its folder says."""

    folder: Path
    about: str
    """Who runs it, in words; may be empty."""
    references: tuple[str, ...]
    """Where its keys are."""

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The verifier keys, from the cards beside the keys: no passphrase is needed."""
        return tuple(card_of(reference).key for reference in self.references)

    @property
    def state(self) -> WitnessState:
        """What it cosigned; raises `WitnessHomeUnusable` where the folder was lost."""
        folder = self.folder / STATE
        if not folder.is_dir():
            raise WitnessHomeUnusable(
                "the folder with what this log witness cosigned is not there",
                where=str(folder),
                advice="Bring it back as it was last. Where it is lost, make a new log witness with a new name: "
                "this one could be led to cosign a second history.",
            )
        return WitnessState(folder)

    @property
    def trust(self) -> Trust:
        """The keys of each log that it cosigns."""
        path = self.folder / LOGS
        found: dict[str, list[VerifierKey]] = {}
        for key in parse_policy(_read(path), where=str(path)).logs:
            found.setdefault(key.name, []).append(key)
        return found

    def open_signers(self, passphrase: Passphrase | None) -> tuple[Signer, ...]:
        """Open the private side of the keys."""
        return tuple(open_signer(reference, passphrase=passphrase) for reference in self.references)


def make_home(folder: Path, references: Sequence[str], *, about: str = "") -> WitnessHome:
    """Write the folder of a new log witness; `references` that are paths count from the folder.

    Raises `OutputRefused` where there is a log witness already, and `KeyMalformed` for a key that may not cosign.
    """
    require_room(folder)
    for reference in references:
        key = card_of(_resolved(reference, folder)).key
        if key.kind is KeyKind.ED25519:
            raise KeyMalformed(
                "a key of this kind cannot cosign",
                where=reference,
                found=f"{key.kind:#04x}",
                expected="0x04 (cosignature) or 0x06 (mldsa44)",
            )
    disk = Disk()
    for each in (folder, folder / STATE):
        disk.make_folder(each)
    lines = ["# A log witness: see `escruta witness --help`.", f"about = {json.dumps(about)}"]
    lines += [f"keys = {json.dumps(list(references))}", ""]
    disk.write(folder / LOGS, _NO_LOGS.encode())
    disk.write(folder / SETTINGS, "\n".join(lines).encode())
    for each in (folder, folder.absolute().parent):
        disk.sync_folder(each)
    return open_home(folder)


def require_room(folder: Path) -> None:
    """Raise `OutputRefused` where there is a log witness already."""
    if (folder / SETTINGS).exists() or (folder / STATE).exists():
        raise OutputRefused(
            "there is a log witness here already",
            where=str(folder),
            advice="A log witness must never lose what it cosigned. Name another folder for a new one.",
        )


def open_home(folder: Path) -> WitnessHome:
    """Read the folder of a log witness; raises `WitnessHomeUnusable` with what is wrong in it."""
    path = folder / SETTINGS
    try:
        settings = tomllib.loads(_read(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WitnessHomeUnusable("the settings cannot be read", where=str(path), found=error) from error
    about, keys = settings.pop("about", ""), settings.pop("keys", None)
    if settings or not isinstance(about, str) or not _is_list_of_texts(keys):
        found = ", ".join(settings) or f"keys = {keys!r}"
        raise WitnessHomeUnusable(
            "the settings are not those of a log witness", where=str(path), found=found, expected="about and keys"
        )
    return WitnessHome(folder=folder, about=about, references=tuple(_resolved(each, folder) for each in keys))


def _is_list_of_texts(found: object) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(each, str) for each in found)


def _resolved(reference: str, folder: Path) -> str:
    """Let a path count from the folder, so that the folder can be moved."""
    path = reference.removeprefix("file:")
    is_path = path != reference or not reference.startswith(("pkcs11:", "command:"))
    return str(folder / path) if is_path else reference


def _read(path: Path) -> bytes:
    raw = Disk().read(path)
    if raw is None:
        raise WitnessHomeUnusable(
            "there is no log witness here",
            where=str(path),
            found="no such file",
            advice="Make one with: escruta witness init FOLDER --name NAME",
        )
    return raw


def read_log_keys(texts: Iterable[str]) -> tuple[VerifierKey, ...]:
    """Read keys of logs as a person gives them: verifier keys, cards, or policy files with `log` lines."""
    keys: dict[VerifierKey, None] = {}
    for text in texts:
        keys.update(dict.fromkeys(_log_keys(text)))
    for key in keys:
        if key.kind is KeyKind.ED25519_COSIGNATURE:
            raise KeyMalformed(
                "a key of this kind signs no log",
                found=f"{key.name}, {key.kind:#04x}",
                expected="0x01 (ed25519) or 0x06 (mldsa44)",
            )
    return tuple(keys)


def _log_keys(text: str) -> Sequence[VerifierKey]:
    path = Path(text)
    try:
        is_file = path.is_file()
    except OSError:  # a verifier key is longer than a file's name may be
        is_file = False
    if not is_file:
        if "+" not in text:
            raise KeyMalformed(
                "this is no verifier key, and no file of this name is there",
                found=text,
                expected="name+id+key, a card, or a policy file such as log.policy",
            )
        return (parse_verifier_key(text),)
    if path.suffix == ".vkey":
        return (card_of(text).key,)
    keys = parse_policy(path.read_bytes(), where=text).logs
    if not keys:
        raise KeyMalformed("the policy names no log", where=text, expected="a line `log KEY`")
    return keys


def trust_logs(home: WitnessHome, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
    """Cosign further logs, or further keys of one, from now on; gives those that are new. A running server sees it."""
    path = home.folder / LOGS
    text = _read(path).decode("utf-8")
    known = {key for of_log in home.trust.values() for key in of_log}
    new = tuple(key for key in dict.fromkeys(keys) if key not in known)
    own = {key.public_key for key in home.keys}
    for key in new:
        if key.public_key in own:
            raise KeyMalformed("this is the log witness's own key", found=key.name, expected="the key of a log")
    longer = text + "".join(f"log {key}\n" for key in new)
    try:
        parse_policy(longer.encode(), where=str(path))
    except LogInputError as error:
        raise WitnessHomeUnusable(error.what, where=str(path), found=error.found) from error
    staged = path.with_name(f".{LOGS}.{os.getpid()}")
    disk = Disk()
    disk.write(staged, longer.encode())
    disk.rename(staged, path)
    disk.sync_folder(home.folder)
    return new
