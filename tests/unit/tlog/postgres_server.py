"""A PostgreSQL server of our own, which may be stopped in the middle of its work; reached through a socket file."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import pytest

_SETTINGS = {
    "listen_addresses": "''",
    "fsync": "on",
    "shared_buffers": "32MB",
    "max_connections": "40",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A running server. It refuses to run as root, so there the user `postgres` runs it."""

    def __init__(self, initdb: str) -> None:
        self._programs = Path(initdb).resolve().parent
        self._folder = Path(tempfile.mkdtemp(prefix="escruta-pg-"))
        self._numbers = count()
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            self._as_user = ["runuser", "-u", "postgres", "--"]
            _give_to_postgres(self._folder)
        settings = [each for name, value in _SETTINGS.items() for each in ("-c", f"{name}={value}")]
        try:
            self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
            self._options = " ".join([*settings, "-k", str(self._folder)])
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def start(self) -> None:
        """Start the server, and come back when it answers."""
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self._folder / "log"), "-o", self._options)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; `immediate` lets go of everything, as if its processes were killed."""
        self._run("pg_ctl", "stop", "-w", "-t", "60", "-m", mode)

    def close(self) -> None:
        """Stop the server and remove its files."""
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """Make an empty database, and give its address."""
        import psycopg  # noqa: PLC0415 - only tests that have a server need the driver

        name = f"test{next(self._numbers)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.address(name)

    def address(self, database: str) -> str:
        return f"host={self._folder} user=postgres dbname={database}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        with (Path(self._folder) / f"{program}.out").open("wb") as out:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", check=False)  # noqa: S603 - our own
        if ended.returncode:
            said = [
                path.read_text(errors="replace")[-2000:] for path in sorted(self._folder.glob("*")) if path.is_file()
            ]
            pytest.fail(f"{program} ended with {ended.returncode}: {' '.join(said)}")


def _give_to_postgres(folder: Path) -> None:
    import pwd  # noqa: PLC0415 - not on every system

    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        folder.rmdir()
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
