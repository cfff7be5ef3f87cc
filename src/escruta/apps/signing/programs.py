"""Programs that sign: the message on standard input, the raw signature on standard output."""

from __future__ import annotations

import shlex
import subprocess

from escruta.apps.signing.errors import KeyUnusable, SigningFailed
from escruta.tlog.keys import SIGNATURE_SIZES, VerifierKey

TIME_LIMIT_S = 30.0
"""A person who must touch a token has this long."""
_MOST_WORDS = 500


class ProgramSigner:
    """A program that holds a private key. It is started anew for each signature, without a shell."""

    __slots__ = ("_arguments", "_time_limit_s", "key")

    def __init__(self, command: str, key: VerifierKey, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        """Read the command as a POSIX shell would split it into words; nothing else of a shell is understood."""
        try:
            self._arguments = shlex.split(command)
        except ValueError as error:
            raise KeyUnusable("the command has a quotation mark that does not close", found=command) from error
        if not self._arguments:
            raise KeyUnusable("the reference names no program", expected="command:PROGRAM ARGUMENT…")
        self.key = key
        self._time_limit_s = time_limit_s

    def sign(self, message: bytes) -> bytes:
        """Sign the message; raises `SigningFailed`."""
        program = self._arguments[0]
        try:
            done = subprocess.run(  # noqa: S603 - the program that the operator named
                self._arguments, input=message, capture_output=True, timeout=self._time_limit_s, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise SigningFailed(
                "the program did not sign in time", where=program, found=f"nothing after {self._time_limit_s:g} seconds"
            ) from error
        except OSError as error:
            raise SigningFailed("the program cannot be started", where=program, found=error.strerror) from error
        if done.returncode != 0:
            raise SigningFailed(
                "the program ended with an error",
                where=program,
                found=f"exit code {done.returncode}; {_tail(done.stderr)}",
                expected="exit code 0, and the raw signature on standard output",
            )
        if len(done.stdout) != SIGNATURE_SIZES[self.key.kind]:
            raise SigningFailed(
                "the program wrote something else than a signature",
                where=program,
                found=f"{len(done.stdout)} bytes",
                expected=f"{SIGNATURE_SIZES[self.key.kind]} bytes",
            )
        return done.stdout


def _tail(said: bytes) -> str:
    """Give the end of what a program complained of."""
    text = " ".join(said.decode("utf-8", "replace").split())
    return text[-_MOST_WORDS:] or "nothing on standard error"
