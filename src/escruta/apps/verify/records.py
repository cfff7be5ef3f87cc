"""The verification of a record, from the keys to the totals: each step believes only what the one before has shown.

1. The log: its checkpoint under the policy, every tile and entry, and that it begins with every older checkpoint.
2. The files: the log names the list of digests, the list names the files; nothing else may stand there.
3. The pages, in the same way.
4. The readings: each is the digest of its figures, and in the log; none of the log is left out unless withdrawn.
5. The results: everything that follows from the readings is computed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from escruta.apps.published import Published
from escruta.apps.verify.files import Files, verify_files, verify_no_others, verify_pages
from escruta.apps.verify.findings import Findings, Printed, RecordFaultKind, RecordReport
from escruta.apps.verify.logged import Logged, read_logged
from escruta.apps.verify.places import Progress, Watched
from escruta.apps.verify.results import verify_readings, verify_results
from escruta.apps.verify.signed import verify_signed
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
    with_pages: bool = True,
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
    chosen = _policy(watched, findings, printed.policy)
    step("verify-log", 0, 1)
    log = watched.under(LOG)
    kept = _kept(log, findings)
    report = verify_log(log, chosen, older=[*older, *kept])
    _take_over(report, findings)
    _verify_edges(log, kept, findings)
    standing = report.standing
    logged = _read_logged(log, standing, findings) if standing is not None else None
    if standing is not None:
        _judge_keys(standing, chosen, findings)
        _judge_freshness(standing, findings, fresh_s, now or datetime.now(UTC))
        sealed_or_signed = "sealed" if is_sealed(standing.checkpoint.origin) else "signed"
        findings.checked.append(
            f"the log: {report.entries} entries, every tile and the {sealed_or_signed} root recomputed"
        )
    if logged is not None:
        if standing is not None:
            verify_signed(watched, logged, standing, findings, printed)
        _verify_contents(watched, logged, [name for name, _ in kept], findings, step, with_pages=with_pages)
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


def _verify_contents(
    place: Watched, logged: Logged, kept: Sequence[str], findings: Findings, progress: Progress, *, with_pages: bool
) -> None:
    files = verify_files(place, logged, findings, progress)
    pages: Files | None = None
    if with_pages:
        pages = verify_pages(place, logged, findings, progress)
    else:
        findings.leave("the pages", "you asked to leave them out")
    read = {*files.listed, *(f"{LOG}/{name}" for name in kept)}
    verify_no_others(place, read, pages, findings, with_pages=with_pages)
    contents = verify_readings(place, files, logged, findings, progress)
    if contents is not None:
        verify_results(contents, findings, progress)
    findings.leave("signatures on the sheets", "no source of this record signs its sheets in a form that we can read")


def _policy(place: Watched, findings: Findings, given: bytes | None) -> Policy:
    if given is not None:
        return parse_policy(given, where="the policy that you gave")
    raw = place.read(POLICY)
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


def _kept(log: Watched, findings: Findings) -> list[tuple[str, bytes]]:
    """Read the earlier checkpoints that are kept beside the log; each bears its size as its name."""
    kept = []
    for name in log.paths() or ():
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


def _judge_freshness(standing: Standing, findings: Findings, fresh_s: int | None, now: datetime) -> None:
    if fresh_s is None:
        findings.leave("whether this is the newest state", "ask for it with --fresh, or give a newer checkpoint")
        return
    seen = max(standing.cosigned.values(), default=None)
    age = None if seen is None else int(now.timestamp()) - seen
    if age is None or age > fresh_s:
        findings.fault(
            RecordFaultKind.STALE,
            f"{LOG}/{CHECKPOINT}",
            "no log witness has seen this checkpoint lately enough",
            found="no cosignature" if age is None else f"{age} s ago",
            expected=f"at most {fresh_s} s ago",
        )
