"""What the home of a log says: whose it is, where its keys, its database and its mirrors are; and its policy."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escruta.apps.operator.errors import HomeUnusable
from escruta.tlog.errors import LogInputError
from escruta.tlog.files import STAGING, Disk
from escruta.tlog.keys import VerifierKey, parse_verifier_key
from escruta.tlog.policies import NONE, Policy, parse_policy

SETTINGS, POLICY = "log.toml", "log.policy"
_ELSEWHERE = ("pkcs11:", "command:")
_WORDS = """\
# The home of a log: see `escruta log --help` and docs/how-to/run-a-log.md.
# `keys` says where the private keys are, and `passphrase` where their passphrase is: prompt, env:NAME, file:PATH, or
# credential:NAME. `retired` are keys that signed earlier. `mirrors` are asked what they have seen before anything is
# signed. A log witness that says, and does not show, that it has seen more stops the log, unless it is `disbelieved`.
# With `postgres` the entries are in that database, and in log.sqlite otherwise.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What `log.toml` says."""

    origin: str
    keys: tuple[str, ...]
    """References of the private keys; a path counts from the home."""
    retired: tuple[VerifierKey, ...] = ()
    passphrase: str = "prompt"  # noqa: S105 - where it is, and not what it is
    mirrors: tuple[str, ...] = ()
    disbelieved: tuple[str, ...] = ()
    """Log witnesses whose bare word, with no checkpoint that we signed, does not stop this log."""
    postgres: str | None = None

    def __str__(self) -> str:
        """Write the file."""
        lines: dict[str, str | list[str]] = {
            "origin": self.origin,
            "keys": list(self.keys),
            "retired": [str(key) for key in self.retired],
            "passphrase": self.passphrase,
            "mirrors": list(self.mirrors),
            "disbelieved": list(self.disbelieved),
        }
        if self.postgres is not None:
            lines["postgres"] = self.postgres
        return _WORDS + "".join(f"{name} = {_toml(value)}\n" for name, value in lines.items())


def _toml(value: str | list[str]) -> str:
    """Write a text or a list of texts; what JSON escapes, TOML reads."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return "[" + "".join(f"\n  {_toml(each)}," for each in value) + ("\n]" if value else "]")


def read_settings(home: Path) -> Settings:
    """Read `log.toml`; raises `HomeUnusable`."""
    path = home / SETTINGS
    raw = Disk().read(path)
    if raw is None:
        raise HomeUnusable(
            "there is no log here",
            where=str(path),
            found="no such file",
            advice="Make one with: escruta log init HOME --origin NAME",
        )
    try:
        said = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HomeUnusable("the settings cannot be read", where=str(path), found=error) from error
    return _settings_of(said, str(path))


def _settings_of(said: dict[str, Any], where: str) -> Settings:
    fields = {each.name for each in dataclasses.fields(Settings)}
    wrong = next((name for name in said if name not in fields), None)
    if wrong is not None:
        raise HomeUnusable("no such setting", where=where, found=wrong, expected=", ".join(sorted(fields)))
    for name in ("keys", "retired", "mirrors", "disbelieved"):
        found = said.get(name, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise HomeUnusable(f"{name} is no list of texts", where=where, found=found)
    for name in ("origin", "passphrase", "postgres"):
        if not isinstance(said.get(name, ""), str):
            raise HomeUnusable(f"{name} is no text", where=where, found=said[name])
    if not said.get("origin") or not said.get("keys"):
        raise HomeUnusable("origin or keys are missing", where=where, expected="the log's name and its keys")
    retired = tuple(parse_verifier_key(each, where=where) for each in said.get("retired", []))
    tuples = {name: tuple(said.get(name, [])) for name in ("keys", "mirrors", "disbelieved")}
    return Settings(**{**said, **tuples, "retired": retired})


def resolved(reference: str, home: Path) -> str:
    """Let a key's path count from the home, so that the home can be moved."""
    path = reference.removeprefix("file:")
    return reference if path == reference and reference.startswith(_ELSEWHERE) else str(home / path)


def as_kept(reference: str, home: Path) -> str:
    """Give a key's reference as a person wrote it, seen from the home where it lies inside, and absolute elsewhere."""
    path = reference.removeprefix("file:")
    if path == reference and reference.startswith(_ELSEWHERE):
        return reference
    absolute, inside = Path(path).resolve(), home.resolve()
    return str(absolute.relative_to(inside)) if absolute.is_relative_to(inside) else str(absolute)


# the policy


def read_policy(home: Path) -> tuple[str, Policy]:
    """Read `log.policy`, as text and as what it means; raises `HomeUnusable`."""
    path = home / POLICY
    raw = Disk().read(path)
    if raw is None:
        raise HomeUnusable("the policy is missing", where=str(path), expected="a tlog-policy with this log's keys")
    return raw.decode("utf-8", "surrogateescape"), parse_policy(raw, where=str(path))


def with_logs(policy: str, keys: Iterable[VerifierKey], *, without: Iterable[VerifierKey] = ()) -> str:
    """Give a policy that names exactly these keys of the log; its other lines stay as they are."""
    own = {str(key) for key in (*keys, *without)}
    kept = [line for line in policy.splitlines(keepends=True) if not _is_log_line(line, own)]
    return "".join(f"log {key}\n" for key in keys) + "".join(kept)


def _is_log_line(line: str, keys: set[str]) -> bool:
    words = line.split()
    return len(words) > 1 and words[0] == "log" and words[1] in keys


def policy_of_witnesses(lines: Sequence[str], quorum: int | None) -> str:
    """Write a policy from `NAME KEY [URL]` of each log witness; where nobody says how many, more than two thirds.

    >>> print(policy_of_witnesses([], None), end="")
    quorum none
    """
    if not lines:
        return f"quorum {NONE}\n"
    names = [line.split(maxsplit=1)[0] if line.strip() else line for line in lines]
    threshold = quorum or 2 * len(lines) // 3 + 1
    group = f"group log-witnesses {threshold} {' '.join(names)}\nquorum log-witnesses\n"
    return "".join(f"witness {line.strip()}\n" for line in lines) + group


def require_own_keys(policy: str, settings: Settings, keys: Sequence[VerifierKey], where: str) -> Policy:
    """Read a policy that must hold the log's keys and no other log's; raises `HomeUnusable`."""
    try:
        read = parse_policy(policy.encode("utf-8", "surrogateescape"), where=where)
    except LogInputError as error:
        raise HomeUnusable(
            f"the policy cannot be used: {error.what}", where=error.spot, found=error.found, expected=error.expected
        ) from error
    if set(read.logs) != set(keys):
        raise HomeUnusable(
            "the policy does not name exactly the keys with which this log signs",
            where=where,
            found=", ".join(f"{key.name} {key.key_id.hex()}" for key in read.logs) or "no log",
            expected=", ".join(f"{settings.origin} {key.key_id.hex()}" for key in keys),
            advice="Its log lines are written by: escruta log init, escruta log rotate",
        )
    return read


def write_whole(home: Path, name: str, text: str) -> None:
    """Put a file in the place of what stands there, at once, and force it to the disk."""
    disk = Disk()
    disk.make_folder(home / STAGING)
    staged = home / STAGING / name
    disk.write(staged, text.encode("utf-8", "surrogateescape"))
    disk.rename(staged, home / name)
    disk.sync_folder(home)
