"""The pages: a whole site, sites of ever larger countries, one new sheet, and a site behind a web server under load.

`python3 dev.py bench pages` measures at full size, `python3 dev.py bench pages --small` tries it out. A folder of the
Venezuelan files, and numbers of stations, may be given too.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket

from measuring import ESCRUTA, ROOT, BenchmarkFailed, Measured, child, measure
from reporting import Section

LANGUAGES = ("en", "es", "nl", "pt", "fr")
_SITE_S, _SHEET_S, _GROWTH = 90, 1.0, 1.25
_SIZES, _SMALL_SIZES = (30_000, 300_000), (600, 2_400)
_SHEETS, _TURNS = 5, 3
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one part of the benchmark found."""

    rows: tuple[Row, ...]
    text: str
    is_met: bool = True


def report(work: Path, arguments: list[str]) -> Section:
    """Measure each part; `--small` takes a demo republic in the place of Venezuela."""
    small = "--small" in arguments
    sizes = tuple(int(each) for each in arguments if each.isdecimal()) or (_SMALL_SIZES if small else _SIZES)
    folders = [Path(each) for each in arguments if not each.isdecimal() and each != "--small"]
    case = _demo(work) if small else _venezuela((folders or [ROOT.parent / "shared" / "data"])[0])
    parts = [_whole_site(work, case, small=small), _growing(work, sizes), _one_sheet(case, small=small)]
    parts.append(_under_load(work / "whole" / "site", small=small))
    return Section(
        name="pages",
        title="The pages: whole, larger, live, and under load",
        text=" ".join(part.text for part in parts),
        columns=("", "pages", "seconds", "of computing", "peak memory of one process"),
        rows=tuple(row for part in parts for row in part.rows),
        is_met=all(part.is_met for part in parts),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An election, its files, and the file at whose end new sheets come."""

    election: Path
    data: Path
    file: str


def _venezuela(data: Path) -> Case:
    return Case(election=ROOT / "examples" / "venezuela-2024", data=data.resolve(), file="ve-2024/qr_readings.csv")


def _demo(work: Path) -> Case:
    measure([*ESCRUTA, "demo", "--stations", "600", "--no-pages", "--out", work / "demo"], expect=(0, 1))
    election = work / "demo" / "election"
    return Case(election=election, data=election, file="authority/transmission.csv")


# the whole site


def _whole_site(work: Path, case: Case, *, small: bool) -> Part:
    record = work / "whole"
    run = [*ESCRUTA, "run", case.election, "--data", case.data, "--out", record, "--no-pages"]
    measure(run, expect=(0, 1))
    found = _rendered(record, record / "site", LANGUAGES)
    name = "the demo republic" if small else "Venezuela, 24,560 stations"
    return Part(
        rows=(_row(f"{name}, {len(LANGUAGES)} languages", record / "site", found),),
        text=f"The whole site of {name} in {len(LANGUAGES)} languages in {found.seconds:.1f} s "
        f"(target: under {_SITE_S}).",
        is_met=found.seconds < _SITE_S,
    )


def _rendered(record: Path, out: Path, languages: Sequence[str]) -> Measured:
    asked = [part for language in languages for part in ("--language", language)]
    return measure([*ESCRUTA, "pages", record, "--out", out, *asked])


def _row(name: str, site: Path, found: Measured) -> Row:
    pages = sum(1 for _ in site.rglob("*.html"))
    return (name, f"{pages:,}", f"{found.seconds:.1f}", f"{found.cpu_seconds:.1f}", found.peak)


# larger countries


def _growing(work: Path, sizes: Sequence[int]) -> Part:
    rows, costs, peaks = [], [], []
    for size in sizes:
        night = work / f"night-{size}"
        measure([*ESCRUTA, "demo", "--stations", str(size), "--no-pages", "--out", night], expect=(0, 1))
        found = _rendered(night / "result", night / "site", ["en"])
        rows.append(_row(f"demo republic of {size:,} stations, one language", night / "site", found))
        costs.append(found.cpu_seconds / size)
        peaks.append(found.peak_bytes / 1e6)
        shutil.rmtree(night)
    growth = costs[-1] / costs[0]
    return Part(
        rows=tuple(rows),
        text=f"From {sizes[0]:,} to {sizes[-1]:,} stations a station takes {growth:.2f} times the computing (linear is "
        f"1; target: at most {_GROWTH}), and the largest process {peaks[0]:,.0f} and {peaks[-1]:,.0f} MB.",
        is_met=growth <= _GROWTH,
    )


# one new sheet


def _one_sheet(case: Case, *, small: bool) -> Part:
    languages = ",".join(LANGUAGES[:2] if small else LANGUAGES)
    found = measure(child("live", case.election, case.data, case.file, str(_SHEETS), languages))
    versions = [json.loads(line) for line in found.out.splitlines()]
    later = versions[2:]  # the second one is the first for which anything can stay
    took = {name: statistics.median(each["seconds"][name] for each in later) for name in later[0]["seconds"]}
    whole = statistics.median(sum(each["seconds"].values()) for each in later)
    of_pages = took["pages"] + took["show"]
    steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items())
    written = f"{statistics.median(each['written'] for each in later):.0f} of {later[-1]['pages']:,}"
    return Part(
        rows=(
            ("one new sheet, from the changed file to pages that readers see", written, f"{whole:.2f}", "", found.peak),
            ("… of these, the pages: what is touched, drawn and linked", written, f"{of_pages:.2f}", "", ""),
        ),
        text=f"One new sheet, from the changed file to pages that readers see: {whole:.2f} s (target: under "
        f"{_SHEET_S:.0f}), {of_pages:.2f} of them in the pages; every step, the median of {len(later)}, in seconds: "
        f"{steps}.",
        is_met=whole < _SHEET_S,
    )


# under load


def _under_load(site: Path, *, small: bool) -> Part:
    missing = [name for name in ("nginx", "wrk") if _program(name) is None]
    if missing:
        return Part(rows=(), text=f"The load behind a web server was not measured: no {' and no '.join(missing)} here.")
    seconds = 2 if small else 10
    with _nginx(site) as address:
        country = site / LANGUAGES[0] / "index.html"
        plain = site / "assets" / "plain.html"
        plain.write_bytes(b"x" * country.stat().st_size)
        try:
            turns = [(path, _requests_a_second(address, path, seconds)) for path in (country, plain) * _TURNS]
            every = _requests_a_second(address, site / LANGUAGES[0], seconds, pages=_some_pages(site))
        finally:
            plain.unlink()
    rates = {path: max(rate for each, rate in turns if each == path) for path in (country, plain)}
    share = rates[country] / rates[plain]
    return Part(
        rows=(
            ("nginx and wrk: the country's page, requests a second", "1", f"{rates[country]:,.0f}", "", ""),
            ("… one file of the same size", "1", f"{rates[plain]:,.0f}", "", ""),
            ("… pages of areas at random", "all", f"{every:,.0f}", "", ""),
        ),
        text=f"Behind nginx as Debian has it, the country's page is served at {share:.2f} times the rate of one file "
        "of the same size: the limit is the server's.",
        is_met=share > 0.8,  # noqa: PLR2004 - what differs is noise
    )


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")


def _some_pages(site: Path) -> list[str]:
    pages = sorted(path.relative_to(site).as_posix() for path in (site / LANGUAGES[0] / "areas").rglob("*.html"))
    return pages[:: max(1, len(pages) // 1000)]


@contextmanager
def _nginx(site: Path) -> Iterator[str]:
    """Serve a folder with a stock nginx on a free port of this machine."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="escruta-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(_settings(folder, port, site.resolve()), encoding="utf-8")
        command = [str(_program("nginx")), "-p", name, "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")]
        server = subprocess.Popen(command)
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def _settings(folder: Path, port: int, site: Path) -> str:
    kinds = Path("/etc/nginx/mime.types")
    include = f"include {kinds};" if kinds.is_file() else "default_type text/html;"
    temporary = " ".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if _is_root() else ""
    return (
        f"daemon off; {user} pid {folder}/pid; worker_processes auto; events {{ worker_connections 768; }}\n"
        f"http {{ {include} sendfile on; tcp_nopush on; access_log off; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {site}; }} }}\n"
    )


def _is_root() -> bool:
    import os  # noqa: PLC0415

    return hasattr(os, "geteuid") and os.geteuid() == 0


def _wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    message = "nginx did not answer"
    raise BenchmarkFailed(message)


def _requests_a_second(address: str, path: Path, seconds: int, pages: Sequence[str] = ()) -> float:
    with tempfile.TemporaryDirectory(prefix="escruta-wrk-") as name:
        script = Path(name) / "pages.lua"
        listed = ",".join(f'"/{page}"' for page in pages or [_address_of(path)])
        script.write_text(
            f"local pages = {{{listed}}}\nlocal at = 0\n"
            "request = function() at = at % #pages + 1 return wrk.format('GET', pages[at]) end\n",
            encoding="utf-8",
        )
        command = [_program("wrk") or "wrk", "-t2", "-c50", f"-d{seconds}s", "-s", str(script), address]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    if found is None or "Non-2xx" in said:
        message = f"wrk: {said}"
        raise BenchmarkFailed(message)
    return float(found[1])


def _address_of(path: Path) -> str:
    parts = path.parts
    return "/".join(parts[parts.index("site") + 1 :])
