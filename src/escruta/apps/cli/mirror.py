"""The command of a mirror."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, FOLDER, with_exit_codes
from escruta.apps.cli.keys import PASSPHRASE
from escruta.apps.cli.screen import progress_bars, say

if TYPE_CHECKING:
    import threading

    from escruta.apps.mirror import Mirror, Pulled
    from escruta.apps.mirror.uploading import Uploaded


@click.command("mirror")
@click.argument("place", metavar="URL")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--policy", type=FILE, help="Whose signature the log must bear (C2SP tlog-policy); see below.")
@click.option("--log-key", "log_keys", multiple=True, metavar="KEY", help="The same, as a verifier key; repeatable.")
@click.option("--key", "references", multiple=True, metavar="REF", help="Cosign with this key; may be repeated.")
@PASSPHRASE
@click.option("--watch", type=click.FloatRange(min=1), metavar="SECONDS", help="Pull again after so many seconds.")
@click.option("--serve", "address", metavar="HOST:PORT", help="Serve what is held; port 0 picks a free one.")
@click.option("--to", "target", metavar="s3://BUCKET/PREFIX", help="Copy what is held into a bucket.")
@click.option("--endpoint", metavar="URL", help="The object store; by default AWS_ENDPOINT_URL, or Amazon's.")
@click.option("--gzip", "packs", is_flag=True, help="Store bundles in the bucket packed, as Content-Encoding: gzip.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON; with --watch a line for each pull.")
@with_exit_codes
def mirror(  # noqa: PLR0913 - one for each option
    *,
    place: str,
    folder: Path,
    policy: Path | None,
    log_keys: tuple[str, ...],
    references: tuple[str, ...],
    passphrase: str,
    watch: float | None,
    address: str | None,
    target: str | None,
    endpoint: str | None,
    packs: bool,
    as_json: bool,
) -> int:
    """Keep a copy of a log, or of a record's log: fetch what is new, audit every entry, serve it.

    URL is a web address, a folder, a zip file or s3://BUCKET/PREFIX. Every entry is hashed and must lead to the root
    that the log signed before anything is written. A log that shows another history, or less than before, is refused;
    both checkpoints stay in DIR/evidence for ever.

    Whose signature the log must bear is said by --policy or --log-key, as they stand in print. Without them a record's
    own log.policy is taken, kept in DIR and asked for from then on: compare its keys with those in print yourself.

    With --key the mirror cosigns: it holds every entry up to here, and serves it. Each log is in DIR/HASH, where HASH
    is the SHA-256 of its origin.

    \b
    Examples:
      escruta mirror https://example.org/record mirror
      escruta mirror https://example.org/log mirror --policy log.policy --key mirror.key --watch 60 --serve 0.0.0.0:8080
      escruta mirror https://example.org/log mirror --to s3://my-bucket/logs --endpoint https://s3.example.net

    Ends with 1 where a history is refused.
    """
    from escruta.apps.mirror import Mirror  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.mirror.running import listen  # noqa: PLC0415
    from escruta.apps.signing import open_signer, passphrase_from  # noqa: PLC0415

    if policy is not None and log_keys:
        raise click.UsageError("Give --policy or --log-key, not both.")
    signers = [open_signer(reference, passphrase=passphrase_from(passphrase)) for reference in references]
    raw = policy.read_bytes() if policy is not None else _policy_of(log_keys)
    one = Mirror(folder, signers, lambda: int(time.time()), policy=raw)
    job = _Job(one, place, target, endpoint, packs=packs, as_json=as_json, is_watching=watch is not None)
    if address is None:
        return job.once() if watch is None else job.watch(watch)
    with listen(address) as listening:
        return _serve(job, folder, listening, watch)


def _policy_of(log_keys: tuple[str, ...]) -> bytes | None:
    from escruta.tlog.keys import parse_verifier_key  # noqa: PLC0415

    lines = [f"log {parse_verifier_key(key, where='--log-key')}\n" for key in log_keys]
    return "".join([*lines, "quorum none\n"]).encode() if lines else None


@dataclass(frozen=True, slots=True)
class _Job:
    """What one pull does, and how it is told."""

    mirror: Mirror
    place: str
    target: str | None
    endpoint: str | None
    packs: bool
    as_json: bool
    is_watching: bool

    def once(self, step: Callable[[int, int], None] | None = None) -> int:
        """Pull, and copy into a bucket; errors go up, but for a refused history."""
        from escruta.apps.mirror import HistoryRefused  # noqa: PLC0415
        from escruta.apps.published import open_published  # noqa: PLC0415

        try:
            with open_published(self.place) as place, progress_bars(quiet=self.as_json or self.is_watching) as progress:
                pulled = self.mirror.pull(
                    place, step or (lambda done, whole: progress("Fetching and auditing", done, whole))
                )
            uploaded = self._upload(pulled)
        except HistoryRefused as refused:
            self._tell_error(refused)
            return FINDINGS
        self._tell(pulled, uploaded)
        return DONE

    def watch(self, seconds: float, stop: threading.Event | None = None) -> int:
        """Pull again and again; what goes wrong is told, and tried again."""
        import threading  # noqa: PLC0415

        from escruta.base.errors import EscrutaError  # noqa: PLC0415

        event = stop or threading.Event()
        while not event.is_set():
            try:
                self.once(lambda _done, _whole: _end_if(event))
            except _Stopped:
                break
            except (EscrutaError, OSError) as error:
                self._tell_error(error)
            event.wait(seconds)
        return DONE

    def _upload(self, pulled: Pulled) -> Uploaded | None:
        if self.target is None:
            return None
        from escruta.apps.mirror.buckets import LogBucket  # noqa: PLC0415
        from escruta.apps.mirror.holdings import Holding  # noqa: PLC0415
        from escruta.apps.mirror.uploading import upload  # noqa: PLC0415
        from escruta.apps.published.buckets import PublishedBucket  # noqa: PLC0415

        with PublishedBucket(self.target, endpoint=self.endpoint, is_for_writing=True) as bucket:
            holding = Holding(self.mirror.folder, pulled.origin)
            return upload(holding, LogBucket(bucket, pulled.folder.name, packs=self.packs))

    def _tell(self, pulled: Pulled, uploaded: Uploaded | None) -> None:
        if self.as_json:
            found = _as_json(pulled) | {"uploaded": None if uploaded is None else asdict(uploaded)}
            click.echo(json.dumps(found, ensure_ascii=False, indent=None if self.is_watching else 1))
        elif not self.is_watching or pulled.is_changed:
            _tell_pulled(pulled)
            if uploaded is not None:
                _tell_uploaded(uploaded)

    def _tell_error(self, error: Exception) -> None:
        from escruta.base.errors import harmless  # noqa: PLC0415

        if self.as_json:
            evidence: dict[str, Any] = getattr(error, "evidence", dict)()
            what = getattr(error, "what", None) or str(error)
            click.echo(json.dumps({"refused": type(error).__name__, "what": what, **evidence}, ensure_ascii=False))
        click.echo(f"escruta: {harmless(str(error))}", err=True)


class _Stopped(Exception):  # noqa: N818 - a signal, no error
    """Somebody asked to stop while a pull was under way."""


def _end_if(event: threading.Event) -> None:
    if event.is_set():
        raise _Stopped


def _serve(job: _Job, folder: Path, listening: Any, watch: float | None) -> int:  # noqa: ANN401 - a socket
    """Serve until told to stop; pull before, or beside."""
    import signal  # noqa: PLC0415

    from escruta.apps.mirror.running import beside, server_of, url_of  # noqa: PLC0415

    code = job.once() if watch is None else DONE
    click.echo(f"serves {folder} at {url_of(listening)}", err=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the server takes them while it runs, and then raises them again for us
    if watch is None:
        server_of(folder).run(sockets=[listening])
        return code
    with beside(lambda stop: job.watch(watch, stop)):
        server_of(folder).run(sockets=[listening])
    return DONE


def _as_json(pulled: Pulled) -> dict[str, Any]:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    return {
        "origin": pulled.origin,
        "folder": str(pulled.folder),
        "size": pulled.head.size,
        "root": to_base64(pulled.head.root),
        "new_entries": pulled.new_entries,
        "is_changed": pulled.is_changed,
        "log_keys": [str(key) for key in pulled.standing.log_keys],
        "cosigned": dict(pulled.standing.cosigned),
        "witnesses": len(pulled.trust.policy.witnesses),
        "quorum": pulled.trust.policy.quorum,
        "is_quorum_met": pulled.standing.is_met,
        "is_policy_from_place": pulled.trust.is_taken_from_place,
        "signatures": len(pulled.note.signatures),
    }


def _tell_pulled(pulled: Pulled) -> None:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    say(f"{pulled.origin}: {pulled.head.size:,} entries, {pulled.new_entries:,} of them new, all audited")
    say(f"root {to_base64(pulled.head.root)}")
    known = len(pulled.trust.policy.witnesses)
    if known:
        met = "the quorum is met" if pulled.standing.is_met else "which is not the quorum"
        say(f"{len(pulled.standing.cosigned)} of {known} log witnesses cosigned: {met}")
    if pulled.trust.is_taken_from_place:
        say("Its keys are those that the place itself names. Compare them with those in print:")
        for key in pulled.trust.policy.logs:
            say(f"  {key}")
    say(f"held in {pulled.folder}")


def _tell_uploaded(uploaded: Uploaded) -> None:
    if uploaded.is_ahead:
        say(f"{uploaded.place} shows a later checkpoint of the same history already")
    else:
        say(f"{uploaded.place}: {uploaded.new_files:,} new files, {uploaded.same_files:,} that were there already")
