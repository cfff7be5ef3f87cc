"""Where passphrases come from. None is ever an argument of a command: the system shows those to everybody.

prompt            ask on the terminal
env:NAME          an environment variable
file:PATH         the first line of a file that nobody else may read
credential:NAME   a credential that systemd gives to a service, in the folder $CREDENTIALS_DIRECTORY
"""

from __future__ import annotations

import getpass
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from escruta.apps.signing.errors import KeyUnusable

Passphrase = Callable[[str], bytes]
"""Gives the passphrase of what it is told of; asked only where one is needed."""

SHORTEST_PASSPHRASE = 12
"""In characters. Whoever steals the file tries passphrases as fast as machines can."""
_LONGEST = 1_000
"""In bytes: the library that decrypts takes no more than 1,023."""
CREDENTIALS = "CREDENTIALS_DIRECTORY"
SOURCES = "prompt, env:NAME, file:PATH, or credential:NAME"


def passphrase_from(source: str) -> Passphrase:
    """Read a source such as `env:LOG_PASSPHRASE`; the passphrase itself is read when it is needed.

    >>> import os; os.environ["EXAMPLE_PASSPHRASE"] = "an example of one"
    >>> passphrase_from("env:EXAMPLE_PASSPHRASE")("log.key")
    b'an example of one'
    """
    kind, colon, name = source.partition(":")
    if source == "prompt":
        return ask
    readers = {"env": _from_environment, "file": _from_file, "credential": _from_credential}
    if not colon or not name or kind not in readers:
        raise KeyUnusable("no such source of a passphrase", expected=SOURCES)  # what was found may be the secret
    return lambda _what: _bounded(readers[kind](name), source)


def has_terminal() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin.isatty()


def ask(what: str) -> bytes:
    """Ask for the passphrase on the terminal."""
    if not has_terminal():
        raise KeyUnusable(
            "there is no terminal to ask for the passphrase on",
            where=what,
            advice="Name where it is with --passphrase env:NAME, file:PATH or credential:NAME.",
        )
    return _bounded(getpass.getpass(f"Passphrase of {what}: ").encode("utf-8"), "prompt")


def ask_new(source: str, what: str) -> bytes:
    """Give the passphrase of a new key; on the terminal it is typed twice."""
    passphrase = passphrase_from(source)(what)
    if source == "prompt" and passphrase != ask(f"{what}, again"):
        raise KeyUnusable("the two passphrases differ", where=what, advice="Type the same one twice.")
    return require_long(passphrase)


def require_long(passphrase: bytes) -> bytes:
    """Raise `KeyUnusable` where a new passphrase is too short; gives it back."""
    if len(passphrase.decode("utf-8", "replace").strip()) < SHORTEST_PASSPHRASE:
        raise KeyUnusable(
            "the passphrase is too short",
            expected=f"at least {SHORTEST_PASSPHRASE} characters; five words drawn by dice are good",
        )
    return passphrase


def _bounded(passphrase: bytes, source: str) -> bytes:
    if not 0 < len(passphrase) <= _LONGEST:
        raise KeyUnusable(
            "the passphrase is empty or too long", where=source, expected=f"1 to {_LONGEST} bytes in UTF-8"
        )
    return passphrase


def _from_environment(name: str) -> bytes:
    if name not in os.environ:
        raise KeyUnusable("the environment variable with the passphrase is not set", found=name)
    return os.environb[name.encode()] if hasattr(os, "environb") else os.environ[name].encode("utf-8")


def _from_file(name: str) -> bytes:
    return read_private(Path(name)).partition(b"\n")[0].removesuffix(b"\r")


def _from_credential(name: str) -> bytes:
    folder = os.environ.get(CREDENTIALS)
    if folder is None:
        raise KeyUnusable(
            "systemd gave this process no credentials",
            found=f"{CREDENTIALS} is not set",
            advice=f"Write LoadCredentialEncrypted={name}:PATH into the unit, and start it by systemctl.",
        )
    if Path(name).name != name:
        raise KeyUnusable("this is no name of a credential", found=name, expected="a name without a slash")
    return _from_file(str(Path(folder) / name))


def read_private(path: Path) -> bytes:
    """Read a small file that nobody but its owner may read; raises `KeyUnusable`.

    systemd guards what is in $CREDENTIALS_DIRECTORY by other means than the mode, so there the mode is not judged.
    """
    try:
        opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(opened, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise KeyUnusable("this is no file", where=str(path))
            _require_closed(path, mode)
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise KeyUnusable("the file cannot be read", where=str(path), found=error.strerror) from error
    if len(raw) > _LARGEST_FILE:
        raise KeyUnusable("the file is too long for a key or passphrase", where=str(path), found=f"{len(raw)} bytes")
    return raw


_LARGEST_FILE = 65_536


def _require_closed(path: Path, mode: int) -> None:
    folder = os.environ.get(CREDENTIALS)
    is_given = folder is not None and path.resolve().is_relative_to(Path(folder).resolve())
    if os.name != "nt" and mode & 0o077 and not is_given:
        raise KeyUnusable(
            "others on this machine can read this secret file",
            where=str(path),
            found=f"mode {stat.S_IMODE(mode):04o}",
            expected="mode 0600",
            advice=f"chmod 600 {path}; where others may have read it, make a new key.",
        )
