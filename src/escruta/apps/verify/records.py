"""The verification of a record, from the keys to the totals: each step believes only what the one before has shown.

1. The log: its checkpoint under the policy, every tile and entry, and that it begins with every older checkpoint.
2. The files: the log names the list of digests, the list names the files; nothing else may stand there.
3. The pages, in the same way.
4. The readings: each is the digest of its figures, and in the log; none of the log is left out unless withdrawn.
5. The results: everything that follows from the readings is computed again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from escruta.apps.published import PlaceUnusable, Published
from escruta.apps.verify.files import Files, verify_files, verify_no_others, verify_pages
from escruta.apps.verify.findings import Findings, Pages, Printed, RecordFaultKind, RecordReport
from escruta.apps.verify.logged import Logged, read_logged
from escruta.apps.verify.parts import PAGES_LIST
from escruta.apps.verify.places import Progress, Watched
from escruta.apps.verify.rendering import verify_rendering
from escruta.apps.verify.results import verify_readings, verify_results
from escruta.apps.verify.signed import verify_signed
from escruta.record.digests import DIGESTS, read_digests
from escruta.record.logbook import CHECKPOINTS, LOG, POLICY
from escruta.tlog import LogInputError, LogReport, Policy, parse_policy, verify_log
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.encodings import parse_decimal
from escruta.tlog.policies import Standing
from escruta.tlog.reading import read_entries
from escruta.tlog.sealing import is_sealed
from escruta.tlog.tiles import edge_of

NOTHING_PRINTED = Printed()


def verify_record(
    place: Published,
    printed: Printed = NOTHING_PRINTED,
    *,
    older: Sequence[tuple[str, bytes]] = (),
    fresh_s: int | None = None,
    now: datetime | None = None,
    pages: Pages = Pages.DIGESTS,
    progress: Progress | None = None,
) -> RecordReport:
    """Verify all of a record.

    `printed` holds the keys that do not come from the record. `older` are checkpoints that were kept or came from
    elsewhere, with a name each. `fresh_s` is the most seconds since a log witness last saw the log.

    Raises `InputError` where the place, or what was given with it, cannot be used at all.
    """
    step = progress or (lambda _stage, _done, _whole: None)
    findings = Findings()
    watched = Watched(place, findings)
    _require_record(watched, place.place)
    chosen = _policy(watched, findings, printed.policy)
    step("verify-log", 0, 1)
    log = watched.under(LOG)
    kept = _kept(log, watched, findings)
    report = verify_log(log, chosen, older=[*older, *kept])
    _take_over(report, findings)
    _verify_edges(log, kept, findings)
    standing = report.standing
    logged = _read_logged(log, standing, findings) if standing is not None else None
    if standing is not None:
        _judge_keys(standing, chosen, findings)
        _judge_freshness(standing, chosen, findings, fresh_s, now or datetime.now(UTC))
        sealed_or_signed = "sealed" if is_sealed(standing.checkpoint.origin) else "signed"
        findings.checked.append(
            f"the log: {report.entries} entries, every tile and the {sealed_or_signed} root recomputed"
        )
    if logged is not None and standing is not None:
        _judge_entries(logged, findings)
        verify_signed(watched, logged, standing, findings, printed)
        names = [name for name, _ in kept]
        _verify_contents(watched, logged, names, standing.checkpoint.head.size, pages, findings, step)
    else:
        findings.leave("files, pages, readings and results", "nothing vouches for them without a log that can be read")
    return RecordReport(
        place=place.place,
        policy=chosen,
        standing=standing,
        checked=tuple(findings.checked),
        faults=tuple(findings.faults),
        unchecked=tuple(findings.unchecked),
    )


def _require_record(place: Watched, where: str) -> None:
    """Refuse a place that has neither of the two files with which every record begins."""
    begins = (f"{LOG}/{CHECKPOINT}", DIGESTS)
    if all(place.read(path) is None for path in begins):
        raise PlaceUnusable(
            "this is no record",
            where=where,
            found=f"neither {begins[0]} nor {begins[1]}",
            expected="what `escruta run` writes: a folder, its zip file, or its address",
            advice="Name the record's own folder. A log alone is verified with: escruta mirror PLACE DIR",
        )


def _verify_contents(
    place: Watched, logged: Logged, kept: Sequence[str], size: int, asked: Pages, findings: Findings, step: Progress
) -> None:
    files = verify_files(place, logged, findings, step)
    pages: Files | None = None
    if asked is Pages.LEFT_OUT:
        findings.leave("the pages", "you asked to leave them out")
    else:
        pages = verify_pages(place, logged, findings, step)
    read = {*files.listed, *(f"{LOG}/{name}" for name in kept)}
    verify_no_others(place, read, pages, findings, with_pages=asked is not Pages.LEFT_OUT)
    contents = verify_readings(place, files, logged, findings, step)
    if contents is not None:
        verify_results(contents, logged, findings, step)
    if pages is not None and asked is Pages.RENDERED:
        verify_rendering(place, files, pages, kept, size, findings, step)
    elif pages is not None:
        findings.leave("what the pages say", "their digests are in the log: --render makes them again and compares")
    findings.leave("signatures on the sheets", "no source of this record signs its sheets in a form that we can read")


def _policy(place: Watched, findings: Findings, given: bytes | None) -> Policy:
    raw = place.read(POLICY)
    if given is not None:
        chosen = parse_policy(given, where="the policy that you gave")
        if raw is None or not _is_same(raw, chosen):
            findings.leave(f"the record's own {POLICY}", "it says something else than the policy that you gave")
        return chosen
    if raw is None:
        findings.fault(RecordFaultKind.MISSING, POLICY, "the record does not say which keys sign its log")
        return Policy()
    findings.leave("whose keys these are", f"they come from the record itself ({POLICY}): compare them with print")
    try:
        return parse_policy(raw, where=POLICY)
    except LogInputError as error:
        findings.fault(
            RecordFaultKind.MALFORMED,
            POLICY,
            error.what,
            offset=error.offset,
            found=error.found,
            expected=error.expected,
        )
        return Policy()


def _is_same(raw: bytes, chosen: Policy) -> bool:
    try:
        return parse_policy(raw) == chosen
    except LogInputError:
        return False


def _kept(log: Watched, place: Watched, findings: Findings) -> list[tuple[str, bytes]]:
    """Read the earlier checkpoints that are kept beside the log; each bears its size as its name."""
    kept = []
    names = log.paths()
    for name in _kept_by_pages(place) if names is None else names:
        raw = log.read(name) if name.startswith(f"{CHECKPOINTS}/") else None
        if raw is None:
            continue
        lines = raw.split(b"\n", 2)
        size = lines[1].decode("ascii", "replace") if lines[1:] else ""
        if name == f"{CHECKPOINTS}/{size}":
            kept.append((name, raw))
        else:
            what = "the file is not the checkpoint that its name says"
            findings.fault(RecordFaultKind.MALFORMED, f"{LOG}/{name}", what, found=size, expected=name)
    return kept


def _kept_by_pages(place: Watched) -> list[str]:
    """Give the checkpoints that the list of pages names, for places that cannot list their files."""
    listed = read_digests((place.read(PAGES_LIST) or b"").decode("utf-8", "replace"))
    base = f"../{LOG}/"
    return sorted({path.removeprefix(base) for path, _ in listed if path.startswith(f"{base}{CHECKPOINTS}/")})


def _verify_edges(log: Watched, kept: Sequence[tuple[str, bytes]], findings: Findings) -> None:
    """Tell tiles that a kept checkpoint needs and that are gone; those of the last one are told with the log."""
    for name, _ in kept:
        size = parse_decimal(name.removeprefix(f"{CHECKPOINTS}/"))
        for tile in edge_of(size or 0):
            if log.read(tile.path) is None:
                what = f"the file is not there, and {name} needs it"
                findings.fault(RecordFaultKind.MISSING, f"{LOG}/{tile.path}", what)


def _take_over(report: LogReport, findings: Findings) -> None:
    for fault in report.faults:
        findings.of_log(fault, LOG)
    findings.unchecked.extend(report.unchecked)


def _read_logged(log: Watched, standing: Standing, findings: Findings) -> Logged | None:
    try:
        return read_logged(read_entries(log, standing.checkpoint.head.size))
    except LogInputError as error:
        findings.leave("what the log says", f"{error.where}: {error.what}")
        return None


def _judge_entries(logged: Logged, findings: Findings) -> None:
    """Tell entries that cannot be taken at their word, and readings that the record need not show any more."""
    if logged.unlike:
        findings.fault(
            RecordFaultKind.MALFORMED,
            f"{LOG}, entry {logged.unlike[0]}",
            "an entry is not in the form of its kind, or contradicts what stands before it"
            + (f" (the first of {len(logged.unlike)})" if logged.unlike[1:] else ""),
        )
    if logged.others:
        findings.leave(f"{logged.others} entries of the log", "they are of no kind that we know")
    if len(logged.rules) > 1:
        findings.leave(
            "which rules hold", f"the log has {len(logged.rules)} definitions of the election; the record uses one"
        )
    if logged.history.withdrawn:
        findings.checked.append(
            f"withdrawn: {len(logged.history.withdrawn)} readings are in the log, and not in the record any more "
            f"({logged.withdrawn()})"
        )


def _judge_keys(standing: Standing, policy: Policy, findings: Findings) -> None:
    """Tell kinds of keys that the log has and that did not sign, and what a sealed log is worth.

    Of several keys of one kind one must sign: after a rotation the old one does so no more.
    """
    origin = standing.checkpoint.origin
    own = [key for key in policy.logs if key.name == origin]
    for kind in sorted({key.kind for key in own} - {key.kind for key in standing.log_keys}):
        findings.fault(
            RecordFaultKind.SIGNATURE_MISSING,
            f"{LOG}/{CHECKPOINT}",
            f"no key of the log of kind {kind:#04x} signed",
            expected=" or ".join(key.key_id.hex() for key in own if key.kind == kind),
        )
    if is_sealed(origin):
        findings.leave("who made this record", "its log is sealed with a key that anybody can derive")
    if policy.witnesses:
        findings.checked.append(
            f"log witnesses: {len(standing.cosigned)} of {len(policy.witnesses)} cosigned, "
            f"the quorum {policy.quorum} is {'met' if standing.is_met else 'not met'}"
        )
    several = Counter(key.name for key in policy.witnesses.values())
    for name in sorted(name for name, count in several.items() if count > 1):
        findings.leave(
            f"whether {several[name]} keys of {name} are of so many log witnesses",
            "the policy counts each key, and they bear one name",
        )


def _judge_freshness(
    standing: Standing, policy: Policy, findings: Findings, fresh_s: int | None, now: datetime
) -> None:
    """Ask that a whole quorum has seen the log lately: one log witness could give any time, also one to come."""
    if fresh_s is None:
        findings.leave("whether this is the newest state", "ask for it with --fresh, or give a newer checkpoint")
        return
    ages = {name: int(now.timestamp()) - seen for name, seen in standing.cosigned.items()}
    lately = [name for name, age in ages.items() if -_CLOCKS_DIFFER_S <= age <= fresh_s]
    if lately and policy.is_met_by(lately):
        findings.checked.append(f"fresh: {len(lately)} log witnesses saw this checkpoint in the last {fresh_s} s")
        return
    findings.fault(
        RecordFaultKind.STALE,
        f"{LOG}/{CHECKPOINT}",
        "too few log witnesses have seen this checkpoint lately enough",
        found=", ".join(_ago(name, age) for name, age in sorted(ages.items())) or "no cosignature",
        expected=f"the quorum {policy.quorum}, at most {fresh_s} s ago",
    )


_CLOCKS_DIFFER_S = 300
"""How far a log witness's clock may be ahead of ours."""


def _ago(name: str, age: int) -> str:
    return f"{name} {age} s ago" if age >= 0 else f"{name} {-age} s in the future"
