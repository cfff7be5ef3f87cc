"""The pages about the house say what the house does: commands, dependencies, locks, contracts."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import dev
import pytest

PAGES = dev.ROOT / "docs"
PROJECT = tomllib.loads((dev.ROOT / "pyproject.toml").read_text())


def name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return found.group()


def required() -> list[str]:
    groups = PROJECT["dependency-groups"].values()
    development = [entry for group in groups for entry in group if isinstance(entry, str)]
    extras = [entry for extra in PROJECT["project"]["optional-dependencies"].values() for entry in extra]
    return sorted({name_of(entry) for entry in (*PROJECT["project"]["dependencies"], *extras, *development)})


def pinned(lock: Path) -> set[str]:
    return set(re.findall(r"^\S+==\S+", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize("command", dev.COMMANDS)
def test_each_command_of_dev_is_documented(command):
    assert f"| `python3 dev.py {command}` |" in (PAGES / "contributing.md").read_text()


@pytest.mark.parametrize("distribution", required())
def test_each_dependency_has_its_reason(distribution):
    assert re.search(
        rf"^\| {re.escape(distribution)} \| .{{10,}} \|$", (PAGES / "dependencies.md").read_text(), re.MULTILINE
    )


def test_no_reason_stands_for_a_dependency_that_is_gone():
    reasons = re.findall(r"^\| ([a-z0-9-]+) \| ", (PAGES / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(set(reasons) - {"distribution"}) == required()


@pytest.mark.parametrize("path", [*dev.LOCKS.values(), dev.UV_LOCK], ids=lambda path: path.name)
def test_a_lock_names_no_address(path):
    dev.refuse_addresses(path)


@pytest.mark.parametrize("path", [*dev.LOCKS.values(), dev.UV_LOCK], ids=lambda path: path.name)
def test_every_locked_version_has_a_hash(path):
    for requirement in re.split(r"\n(?=\S)", path.read_text()):
        assert "==" in requirement
        assert "--hash=sha256:" in requirement


def test_what_runs_is_also_what_is_tested():
    assert pinned(dev.LOCKS["runtime"]) <= pinned(dev.LOCKS["dev"])


def test_a_lock_with_an_address_is_refused(tmp_path):
    lock = tmp_path / "some.lock"
    lock.write_text("click==1.0 \\\n    --hash=sha256:00\n--index-url https://example.org/simple\n")
    with pytest.raises(dev.SetupError, match=r"some\.lock, line 3: names an address"):
        dev.refuse_addresses(lock)


def test_an_old_python_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(dev, "MINIMUM_PYTHON", (99, 0))
    with pytest.raises(dev.SetupError, match="escruta needs Python"):
        dev.require_python()


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        ("Failed to establish a new connection: NewConnectionError", "The package index could not be reached"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "A downloaded file differs from the one that we locked"),
        ("ERROR: No matching distribution found for x==1", "no ready-built file for this system"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
    ],
    ids=["network", "hash", "platform", "disk"],
)
def test_pip_failures_are_explained_in_plain_words(said, explained, monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    log = tmp_path / "pip.log"
    log.write_text(f"$ pip install --earlier\nDO NOT MATCH THE HASHES\n$ pip install\n{said}\n")
    assert explained in dev.explain_pip_failure(log)


def test_installed_formats_are_those_of_the_project():
    installed = {
        entry.name: entry.value
        for entry in importlib.metadata.entry_points(group="escruta.formats")
        if entry.dist and entry.dist.name == "escruta"
    }
    assert installed == PROJECT["project"]["entry-points"]["escruta.formats"]
