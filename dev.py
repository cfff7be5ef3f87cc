#!/usr/bin/env python3
"""The developer's one door: set up and run everything, with nothing but Python 3.11 and git.

``python3 dev.py demo`` shows what escruta does; ``python3 dev.py help`` lists the other commands. The first run makes
the virtual environment ``.venv`` from the lock files (exact versions, each checked against its hash); later runs start
at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MINIMUM_PYTHON = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "escruta-setup.json"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
UV_LOCK = ROOT / "requirements-uv.lock"
PEERS_LOCK = ROOT / "requirements-peers.lock"
PEERS = VENV / "peers"
BENCH_LOCK = ROOT / "requirements-bench.lock"
BENCH = VENV / "bench"
DOCS = ROOT / "docs"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


class SetupError(Exception):
    """Something outside this repository is missing; the message says what, and what to do."""


def say(line: str) -> None:
    """Print one line of progress at once, also through a pipe."""
    print(line, flush=True)


# ---- the machine


def require_python() -> None:
    """Refuse an interpreter that is too old, and name a newer one where there is one."""
    if sys.version_info >= MINIMUM_PYTHON:
        return
    newer = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    advice = f"Run it as: {newer[0]} dev.py ..." if newer else "Install Python 3.11 or newer, then run this again."
    raise SetupError(f"escruta needs Python 3.11 or newer; this is {platform.python_version()}. {advice}")


def require_venv() -> None:
    """Refuse a Python whose system package leaves out ``venv`` or ``ensurepip``."""
    try:
        import ensurepip  # noqa: F401, PLC0415  (its absence is what is looked for)
        import venv  # noqa: F401, PLC0415
    except ImportError as missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupError(
            f"This Python cannot make virtual environments (no module {missing.name!r}). "
            f"Debian or Ubuntu: apt install python{version}-venv. Fedora: dnf install python3. "
            "Alpine: apk add python3 py3-pip. Then run this command again."
        ) from missing


def child_environment(**extra: str) -> dict[str, str]:
    """Return this process's environment, without another Python's packages and without compiling all anew each time."""
    left = {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in left}
    return {**kept, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", **extra}


def python_of(venv: Path) -> Path:
    """Return where a virtual environment keeps its interpreter."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*command: str | Path, **extra_environment: str) -> int:
    """Run a command in the repository's folder and return its exit code."""
    return subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=child_environment(**extra_environment), check=False
    ).returncode


def run_python(*arguments: str | Path, **extra_environment: str) -> int:
    """Run the virtual environment's Python."""
    return run(python_of(VENV), *arguments, **extra_environment)


@contextlib.contextmanager
def one_setup_at_a_time() -> Iterator[None]:
    """Wait for another ``dev.py`` that is setting up the same folder (where the system has ``flock``)."""
    try:
        import fcntl  # noqa: PLC0415  (Unix only)
    except ImportError:
        yield
        return
    with (ROOT / ".dev.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another dev.py is setting up this folder; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# ---- the virtual environment


def digest_of(*paths: Path) -> str:
    """Return one SHA-256 over the contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """Return what was set up here before; nothing where the folder moved or the Python changed."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    same_place = stamp.get("root") == str(ROOT) and stamp.get("python") == sys.version
    return stamp if same_place and python_of(VENV).exists() else {}


def write_stamp(stamp: dict[str, str]) -> None:
    """Remember what is set up."""
    STAMP.write_text(json.dumps(stamp, indent=1))


def make_venv(venv: Path) -> None:
    """Make a fresh virtual environment that has pip."""
    require_venv()
    say(f"Making a virtual environment in {venv.name}/ with Python {platform.python_version()} ...")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=False)
    if made.returncode:
        raise SetupError(f"python -m venv failed (exit {made.returncode}): see the lines above.")


def count_packages(lock: Path) -> int:
    """Return how many requirements a lock file pins."""
    return sum("==" in line and not line.startswith((" ", "#")) for line in lock.read_text().splitlines())


def install_lock(venv: Path, lock: Path) -> None:
    """Install exactly what a lock file says: no other version, no other hash, nothing built from source."""
    say(f"Installing {count_packages(lock)} packages ({lock.name}), each checked against its hash; a minute or two ...")
    pip(
        venv, "install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off",
        "--requirement", str(lock),
    )  # fmt: skip


def install_beside(place: Path, lock: Path) -> None:
    """Unpack the other programs that ours are held to, where only tests or only benchmarks look for them.

    One of them asks for a newer Python than it needs, so its wish is passed over; its hash is checked all the same.
    """
    say("Unpacking the programs that ours are compared with ...")
    if place.exists():
        shutil.rmtree(place)
    pip(
        VENV, "install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "--ignore-requires-python",
        "--target", str(place), "--progress-bar", "off", "--requirement", str(lock),
    )  # fmt: skip


def install_package(venv: Path) -> None:
    """Install escruta itself from this folder: edits to ``src/`` take effect at once, and nothing is downloaded."""
    pip(venv, "install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))


def pip(venv: Path, *arguments: str) -> None:
    """Run pip with its chatter in a log file; on failure say what went wrong in plain words."""
    log = venv / "pip.log"
    started = time.monotonic()
    fetched = 0
    with log.open("a") as sink:
        sink.write(f"$ pip {' '.join(arguments)}\n")
        process = subprocess.Popen(
            [str(python_of(venv)), "-m", "pip", *arguments],
            cwd=ROOT, env=child_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        for line in process.stdout or ():
            sink.write(line)
            fetched += line.startswith("Collecting ")
            if line.startswith("Collecting ") and fetched % 20 == 0:
                say(f"  {fetched} packages looked up ...")
            if line.startswith("Installing collected packages"):
                say("  all downloaded, unpacking ...")
        failed = process.wait()
    if failed:
        raise SetupError(explain_pip_failure(log))
    say(f"  done in {time.monotonic() - started:.0f} s")


def explain_pip_failure(log: Path) -> str:
    """Turn pip's last words into a sentence that helps."""
    text = log.read_text(errors="replace").rpartition("$ pip ")[2]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() and "Retrying" not in line]
    shown = "\n".join(f"    {line}" for line in (errors or lines)[-6:])
    if "DO NOT MATCH THE HASHES" in text:
        reason = "A downloaded file differs from the one that we locked. Do not work around this: report it."
    elif any(sign in text for sign in ("Connection", "is unreachable", "timed out", "Name or service", "ProxyError")):
        reason = "The package index could not be reached. Check the network (or pip's proxy settings), then try again."
    elif "No matching distribution" in text or "from versions: none" in text:
        reason = (
            "The package index has no ready-built file for this system and Python "
            f"({platform.system()} {platform.machine()}, {platform.python_version()}), or it could not be reached."
        )
    elif "No space left" in text:
        reason = "The disk is full; the set-up needs about 1 GB."
    else:
        reason = "pip failed."
    return f"{reason}\n  What pip said (all of it: {log.relative_to(ROOT)}):\n{shown}"


def set_up(kind: str) -> None:
    """Bring ``.venv`` in line with a lock file and the package; do nothing where it is.

    The kinds: ``runtime``, ``dev``, and ``bench``, which is ``dev`` and the programs that only benchmarks run.
    """
    beside = {"peers": (PEERS, PEERS_LOCK)} | ({"bench": (BENCH, BENCH_LOCK)} if kind == "bench" else {})
    kind = "dev" if kind == "bench" else kind
    digests = {name: digest_of(lock) for name, lock in LOCKS.items()}
    package = digest_of(ROOT / "pyproject.toml")
    with one_setup_at_a_time():
        stamp = read_stamp()
        if not stamp:
            make_venv(VENV)
            stamp = {"root": str(ROOT), "python": sys.version}
        if stamp.get(kind) != digests[kind]:
            install_lock(VENV, LOCKS[kind])
            # The dev lock holds the whole runtime lock; the reverse is not so.
            stamp = {name: value for name, value in stamp.items() if name not in LOCKS}
            stamp.update(digests if kind == "dev" else {"runtime": digests["runtime"]})
            write_stamp(stamp)
        for name, (place, lock) in beside.items() if kind == "dev" else ():
            if stamp.get(name) != digest_of(lock):
                install_beside(place, lock)
                stamp[name] = digest_of(lock)
                write_stamp(stamp)
        if stamp.get("package") != package:
            say("Installing escruta itself from src/ ...")
            install_package(VENV)
            write_stamp({**stamp, "package": package})


# ---- programs of the system


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine: what ESCRUTA_CHROMIUM names, or the first one found."""
    named = os.environ.get("ESCRUTA_CHROMIUM")
    if named:
        return named
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    installed = (place for place in CHROMIUM_PLACES if Path(place).exists())
    return next((path for path in (*found, *installed) if path), None)


def find_postgres() -> str | None:
    """Return the path of PostgreSQL's `initdb`, which Debian keeps off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    return str(found[-1]) if found else shutil.which("initdb")


def find_softhsm() -> str | None:
    """Return the path of SoftHSM, a token in software."""
    places = ("/usr/lib/softhsm", "/usr/lib64/pkcs11", "/usr/local/lib/softhsm")
    found = [path for place in places if (path := Path(place) / "libsofthsm2.so").exists()]
    return str(found[0]) if found and shutil.which("softhsm2-util") else None


PROGRAMS: dict[str, tuple[str, str, Callable[[], str | None]]] = {
    "ESCRUTA_CHROMIUM": ("Chromium", "chromium", find_chromium),
    "ESCRUTA_INITDB": ("PostgreSQL", "postgresql", find_postgres),
    "ESCRUTA_SOFTHSM": ("SoftHSM", "softhsm2", find_softhsm),
    "ESCRUTA_STRACE": ("strace", "strace", lambda: shutil.which("strace")),
}
"""What the tests need of the system: the variable that names it to them, its name, Debian's package, where it is."""


def require_programs(*variables: str) -> dict[str, str]:
    """Return the environment that tells the tests where programs are; install those missing where no question is asked.

    The tests of what cannot be installed are skipped, and say so.
    """
    wanted = {variable: PROGRAMS[variable] for variable in variables or PROGRAMS}
    missing = {
        name: package
        for variable, (name, package, find) in wanted.items()
        if not os.environ.get(variable) and find() is None
    }
    if missing:
        install_programs(missing)
    found = {variable: os.environ.get(variable) or find() for variable, (_, _, find) in wanted.items()}
    return {variable: path for variable, path in found.items() if path}


def install_programs(packages: dict[str, str]) -> None:
    """Install packages as root on a Debian-like system; elsewhere say how, and let the tests that need them skip."""
    names = ", ".join(packages)
    apt = shutil.which("apt-get")
    if not (apt and hasattr(os, "geteuid") and os.geteuid() == 0):
        say(f"Not here: {names}. The tests that need them will be skipped. To run them: sudo apt-get install")
        say(f"{' '.join(packages.values())} (Debian, Ubuntu), or name each program: {', '.join(PROGRAMS)}.")
        return
    say(f"Installing for the tests: {names} (apt-get, a minute or two) ...")
    quiet = ("-qq", "-o", "Dpkg::Use-Pty=0")
    failed = run(apt, "update", *quiet, DEBIAN_FRONTEND="noninteractive") or run(
        apt, "install", "-y", "--no-install-recommends", *quiet, *packages.values(), DEBIAN_FRONTEND="noninteractive"
    )
    if failed:
        say("Not all of them could be installed; the tests that need them will be skipped.")


# ---- the commands


def demo(arguments: Sequence[str]) -> int:
    """Run the whole main job on a fictional election: what was found, and where to look."""
    set_up("runtime")
    code = run_python("-m", "escruta.apps.cli", "demo", *arguments)
    # 1 says that there are findings of error severity: the demo plants some, and finding them is what it is for.
    return 0 if code == 1 else code


def test(arguments: Sequence[str]) -> int:
    """Run the tests. Further arguments go to pytest: python3 dev.py test tests/laws -k order."""
    set_up("dev")
    programs = require_programs()
    spread = [] if {"-n", "--pdb"} & set(arguments) else ["-n", "2"]
    return run_python("-m", "pytest", *spread, *arguments, **programs)


def torture(arguments: Sequence[str]) -> int:
    """Run the long tests: the same laws on very many more examples, and sizes no quick run has time for."""
    set_up("dev")
    profile = {"HYPOTHESIS_PROFILE": "torture"}
    patient = ["-o", "faulthandler_timeout=0"]
    return run_python("-m", "pytest", "-n", "2", "-m", "torture", *patient, *arguments, **profile, **require_programs())


def check(arguments: Sequence[str]) -> int:
    """Run every check but the tests: format, lint, types, floors, docs. All run, whatever fails."""
    set_up("dev")
    steps: list[tuple[str, Callable[[], int]]] = [
        ("format", lambda: run_python("-m", "ruff", "format", "--check", ".")),
        ("lint", lambda: run_python("-m", "ruff", "check", ".")),
        ("types", lambda: run_python("-m", "mypy")),
        (
            "floors",
            lambda: run_python("-c", "from importlinter.cli import lint_imports_command as run; run(['--no-logo'])"),
        ),
        ("docs", build_docs),
    ]
    if "--no-docs-tests" not in arguments:
        steps.append(("docs tests", test_docs))
    results = [(name, *timed(name, step)) for name, step in steps]
    say("")
    for name, code, seconds in results:
        say(f"{'ok    ' if code == 0 else 'FAILED'}  {name} ({seconds:.1f} s)")
    return int(any(code for _, code, _ in results))


def timed(name: str, step: Callable[[], int]) -> tuple[int, float]:
    """Run one step under its name; return its exit code and its seconds."""
    say(f"\n== {name}")
    started = time.monotonic()
    code = step()
    return code, time.monotonic() - started


def build_docs() -> int:
    """Build the documentation; a warning is an error."""
    return run_python("-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", DOCS, DOCS / "_build" / "html")


def test_docs() -> int:
    """Run the tests that hold the docs to the code."""
    return run_python("-m", "pytest", "-q", "tests/docs")


def docs(_arguments: Sequence[str]) -> int:
    """Build the documentation into docs/_build/html; a warning is an error."""
    set_up("dev")
    code = build_docs()
    if code == 0:
        say(f"Open {(DOCS / '_build' / 'html' / 'index.html').relative_to(ROOT)}")
    return code


def format_code(_arguments: Sequence[str]) -> int:
    """Format the code, and mend what the linter can mend safely."""
    set_up("dev")
    run_python("-m", "ruff", "check", "--fix", "--quiet", "--exit-zero", ".")
    return run_python("-m", "ruff", "format", ".")


def bench(arguments: Sequence[str]) -> int:
    """Measure speed and memory; benchmarks/ says what and how."""
    set_up("bench")
    return run_python("benchmarks/run.py", *arguments)


def shots(arguments: Sequence[str]) -> int:
    """Take pictures of the pages with a real browser, wide and as on a phone."""
    set_up("dev")
    return run_python("tests/e2e/shots.py", *arguments, **require_programs("ESCRUTA_CHROMIUM"))


def lock(arguments: Sequence[str]) -> int:
    """Write the lock files anew from pyproject.toml; versions stay unless you say --upgrade (see uv pip compile).

    The index is the one that uv is set to use; no address of it is written into a lock.
    """
    tool = ROOT / ".venv-uv"
    if not python_of(tool).exists():
        make_venv(tool)
    install_lock(tool, UV_LOCK)
    runtime, dev = (lock.name for lock in LOCKS.values())
    for group, target, further in (
        ("build", runtime, ["--python-version", "3.11"]),
        ("dev", dev, ["--python-version", "3.11", "--constraints", runtime]),
        ("lock", UV_LOCK.name, ["--python-version", "3.11"]),
        ("peers", PEERS_LOCK.name, ["--python-version", "3.12", "--no-deps"]),
        ("bench", BENCH_LOCK.name, ["--python-version", "3.11", "--constraints", dev]),
    ):
        project = ["pyproject.toml"] if group in {"build", "dev"} else []
        code = run(
            python_of(tool), "-m", "uv", "pip", "compile", *project, "--group", group, *further, *arguments,
            "--universal", "--generate-hashes", "--no-header", "--no-config", "--quiet",
            "--output-file", target,
        )  # fmt: skip
        if code:
            return code
        refuse_addresses(ROOT / target)
        say(f"{target}: {count_packages(ROOT / target)} packages")
    return 0


def refuse_addresses(path: Path) -> None:
    """Refuse a lock that names where files came from: a hash says what a file is, wherever it is fetched."""
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if "://" in line or line.startswith("--"):
            raise SetupError(f"{path.name}, line {number}: names an address or an option, {line!r}. Do not commit it.")


def show_help(_arguments: Sequence[str] = ()) -> int:
    """Show this list."""
    say("python3 dev.py COMMAND [further arguments]\n")
    for name, command in COMMANDS.items():
        say(f"  {name:<8} {(command.__doc__ or '').splitlines()[0]}")
    return 0


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": demo,
    "test": test,
    "check": check,
    "format": format_code,
    "docs": docs,
    "bench": bench,
    "torture": torture,
    "shots": shots,
    "lock": lock,
    "help": show_help,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; return its exit code (2 where the command is unknown or the machine lacks something)."""
    name, *rest = arguments or ["help"]
    command = COMMANDS.get({"-h": "help", "--help": "help"}.get(name, name))
    if command is None:
        say(f"dev.py knows no command {name!r}.\n")
        show_help()
        return 2
    try:
        require_python()
        return command(rest)
    except SetupError as error:
        print(f"\ndev.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ndev.py: stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
