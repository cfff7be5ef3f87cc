"""The home of a log: the operator's folder, from which entries are taken, signed, cosigned and published.

| path | what |
|---|---|
| `log.toml` | origin, keys, mirrors, database |
| `log.policy` | the log's verifier keys and its log witnesses: publish it, in print too |
| `keys/` | key files, unless the keys are elsewhere |
| `log.sqlite` | every entry and every signed head, unless they are in PostgreSQL |
| `log/` | what is published: checkpoint, tiles, entries |
| `checkpoints/SIZE` | every checkpoint that was ever signed, with the log's own signatures |
| `pages/SIZE` | those that proofs on published pages lead to, with their cosignatures |
| `evidence/` | checkpoints that contradict ours, for ever |
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from escruta.apps.operator.errors import HomeUnusable
from escruta.apps.operator.evidence import EvidenceFolder
from escruta.apps.operator.publishing import Published
from escruta.apps.operator.settings import POLICY, Settings, read_policy, read_settings, require_own_keys, resolved
from escruta.apps.signing import Passphrase, card_of, open_signer, passphrase_from
from escruta.apps.witness.asking import Asked, Outcome, ask_witnesses
from escruta.apps.witness.looking import Looked, look_elsewhere
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.checkpoints import checkpoint_of
from escruta.tlog.errors import LogConflict
from escruta.tlog.files import Disk, DurableWriter
from escruta.tlog.keys import Signer, VerifierKey
from escruta.tlog.logs import Log
from escruta.tlog.notes import Note, parse_note
from escruta.tlog.policies import Policy, standing_of
from escruta.tlog.proofs import make_consistency_proof
from escruta.tlog.reading import LogFolder, TreeReader
from escruta.tlog.sequencer import SqliteSequencer
from escruta.tlog.sequencing import Sequencer
from escruta.tlog.sightings import Sighting, judge_sighting, require_nothing_more
from escruta.tlog.signing import sign_text
from escruta.tlog.trees import TreeHead

LOG, DATABASE, KEPT, KEPT_FOR_PAGES, EVIDENCE = "log", "log.sqlite", "checkpoints", "pages", "evidence"


def open_home(folder: Path, *, clock: Callable[[], int] | None = None) -> Home:
    """Open the home of a log; nothing is asked or signed yet."""
    return Home(folder, read_settings(folder), clock or (lambda: int(time.time())))


class Home:
    """An operator's log. Close it, or use it in a `with`."""

    def __init__(self, folder: Path, settings: Settings, clock: Callable[[], int]) -> None:
        self.folder = folder
        self.settings = settings
        self.evidence = EvidenceFolder(folder / EVIDENCE)
        self._clock = clock
        self._sequencer: Sequencer | None = None
        self._sizes: dict[str, int] = {}
        """By log witness: the size that it cosigned last, as far as we know."""
        self._just_asked: tuple[Note, tuple[Asked, ...]] | None = None
        """What came of asking while the log was opened; publishing nothing new need not ask again."""
        self._silent_mirrors: tuple[Looked, ...] = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database, and let others publish."""
        if self._sequencer is not None:
            self._sequencer.close()
            self._sequencer = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.settings.origin

    @property
    def log_folder(self) -> Path:
        """The folder that is published."""
        return self.folder / LOG

    @property
    def policy_text(self) -> str:
        """The policy as it is published."""
        return read_policy(self.folder)[0]

    @property
    def policy(self) -> Policy:
        """The log's verifier keys, its log witnesses, and how many must cosign."""
        return read_policy(self.folder)[1]

    @cached_property
    def keys(self) -> tuple[VerifierKey, ...]:
        """The verifier keys with which the log signs, from the cards beside the keys."""
        return tuple(card_of(resolved(each, self.folder)).key for each in self.settings.keys)

    @property
    def sequencer(self) -> Sequencer:
        """The database, opened when it is first needed."""
        if self._sequencer is None:
            self._sequencer = _open_sequencer(self.folder, self.settings)
        return self._sequencer

    # opening, after asking

    def open_log(self, passphrase: Passphrase | None = None, *, disbelieve: Collection[str] = ()) -> Log:
        """Open the log for appending and publishing, after asking what log witnesses and mirrors have seen.

        Raises `LogConflict` where one has seen more than the database recorded, or something else: both checkpoints
        are kept as evidence then. Where a log witness only says so and shows no checkpoint that we signed, naming it in
        `disbelieve`, or as `disbelieved` in log.toml, goes on without it.
        """
        self._require_log_witnesses(disbelieve)
        log = self.open_unasked(passphrase)
        elsewhere = look_elsewhere(self.policy, self.origin, self.settings.mirrors)
        mirrors = set(self.settings.mirrors)
        self._silent_mirrors = tuple(each for each in elsewhere if each.place in mirrors and not each.has_answered)
        self._require_nothing_more((*self._look_at_kept(), *elsewhere))
        last = self.last_note()
        if last is not None:
            asked = self._ask(log, last)
            self._require_nothing_said(asked, {*disbelieve, *self.settings.disbelieved})
            self._just_asked = last, asked
        return log

    def open_unasked(self, passphrase: Passphrase | None = None) -> Log:
        """Open the log without asking anybody; whoever publishes then may fork it."""
        require_own_keys(self.policy_text, self.settings, self.keys, str(self.folder / POLICY))
        signers = self.open_signers(passphrase)
        log = Log(self.log_folder, self.sequencer, signers, self._clock)
        last = self.last_note()
        if last is not None:
            note = self._signed_by_all(log, last, signers)
            self._keep(note)
        return log

    def open_signers(self, passphrase: Passphrase | None = None) -> tuple[Signer, ...]:
        """Open the private keys."""
        word = passphrase or passphrase_from(self.settings.passphrase)
        references = [resolved(each, self.folder) for each in self.settings.keys]
        return tuple(open_signer(each, name=self.origin, passphrase=word) for each in references)

    def last_note(self) -> Note | None:
        """Give the last checkpoint that was recorded."""
        recorded = self.sequencer.last_head()
        return None if recorded is None else parse_note(recorded.note)

    def _signed_by_all(self, log: Log, note: Note, signers: Collection[Signer]) -> Note:
        """Let a key that is new sign what was recorded, here and in every checkpoint that was kept."""
        signed = {(line.name, line.key_id) for line in note.signatures}
        new = [signer for signer in signers if (signer.key.name, signer.key.key_id) not in signed]
        if not new:
            return note
        for path in sorted((self.folder / KEPT).glob("[0-9]*")):
            kept = parse_note(path.read_bytes(), where=str(path))
            lines = [sign_text(kept.text, signer, time_s=self._clock()) for signer in new]
            whole = parse_note(self.sequencer.extend_note(checkpoint_of(kept).head.size, lines))
            self._keep(whole, again=True)
        for path in sorted((self.folder / KEPT_FOR_PAGES).glob("[0-9]*")):
            writer = DurableWriter(path.parent, Disk())
            writer.replace(path.name, self.sequencer.extend_note(int(path.name), []))
        lines = [sign_text(note.text, signer, time_s=self._clock()) for signer in new]
        return log.add_cosignatures(lines, [signer.key for signer in new])

    # publishing

    def publish(self, log: Log) -> Published:
        """Sign and publish what was taken, ask all log witnesses, and publish again with their lines.

        Where too few cosign it stays published, and says so. Raises `LogConflict` where somebody shows a checkpoint
        with our signature that ours does not continue; what was published until then stays, with the evidence.
        """
        note = log.publish()
        self._keep(note)
        before, self._just_asked = self._just_asked, None
        is_asked = before is not None and before[0].text == note.text
        return self._published(before[1] if before is not None and is_asked else self._ask(log, note))

    def shown(self) -> Published | None:
        """Give the checkpoint that is published now; asks nobody."""
        return None if self.last_note() is None else self._published(())

    def _published(self, asked: tuple[Asked, ...]) -> Published:
        note = parse_note((self.log_folder / CHECKPOINT).read_bytes(), where=str(self.log_folder / CHECKPOINT))
        policy = self.policy
        standing, silent = standing_of(note, policy), self._silent_mirrors
        return Published(note=note, standing=standing, policy=policy, asked=asked, silent_mirrors=silent)

    def _ask(self, log: Log, note: Note) -> tuple[Asked, ...]:
        """Ask all log witnesses to cosign, show what they signed, and keep what contradicts us."""
        policy, head = self.policy, checkpoint_of(note).head
        tree = TreeReader(LogFolder(self.log_folder), head)
        asked = ask_witnesses(
            policy,
            note,
            lambda old: make_consistency_proof(old, head.size, tree.node_at),
            old_sizes=self._sizes or self._sizes_of(note, policy),
        )
        for each in asked:
            self._sizes |= dict.fromkeys(each.names, each.size) if each.size is not None else {}
        log.add_cosignatures([line for each in asked for line in each.lines], policy.witnesses.values())
        against = {each.url: each for each in asked if each.outcome in {Outcome.AHEAD, Outcome.SPLIT}}
        for each in against.values():
            self.evidence.keep_said(each, note, self._clock())
        if against:
            self._require_nothing_more(look_elsewhere(_only(policy, against), self.origin))
        return asked

    def _sizes_of(self, note: Note, policy: Policy) -> dict[str, int]:
        """Guess what log witnesses cosigned last: this checkpoint, if their line is below it."""
        size = checkpoint_of(note).head.size
        return dict.fromkeys(standing_of(note, policy).cosigned, size)

    # what others have seen

    def _require_nothing_more(self, looked: Collection[Looked]) -> None:
        """Keep what contradicts us, and raise `LogConflict`."""
        last = self.last_note()
        head = None if last is None else checkpoint_of(last).head
        sightings = [self._judge(each.place, each.note, head) for each in looked if each.note is not None]
        for each in sightings:
            if each.forbids_signing:
                self.evidence.keep_sighting(each, last, self._clock())
        require_nothing_more(sightings, kept_in=str(self.evidence.folder))

    def _judge(self, place: str, note: Note, head: TreeHead | None) -> Sighting:
        def root_at(size: int) -> bytes:
            return _root_at(self.log_folder, head, size)

        keys = (*self.keys, *self.settings.retired)
        return judge_sighting(place, note, origin=self.origin, keys=keys, head=head, root_at=root_at)

    def _require_log_witnesses(self, names: Collection[str]) -> None:
        """Refuse a name that no log witness has: a slip of the pen must not look like a decision."""
        known = self.policy.witnesses
        for name in names:
            if name not in known:
                where, expected = str(self.folder / POLICY), ", ".join(known) or "no name: it has no log witness"
                raise HomeUnusable("no log witness has this name", where=where, found=name, expected=expected)

    def _require_nothing_said(self, asked: Collection[Asked], disbelieve: Collection[str]) -> None:
        said = [
            each
            for each in asked
            if each.outcome in {Outcome.AHEAD, Outcome.SPLIT} and not set(each.names) & set(disbelieve)
        ]
        if said:
            words = "; ".join(f"{', '.join(each.names)}: {each.words}" for each in said)
            raise LogConflict(
                f"{words}. It shows no checkpoint with our signature for it. Is the database an old copy? "
                f"Where it surely is not, disbelieve {said[0].names[0]} (in log.toml: disbelieved) and say so."
            )

    # every checkpoint

    def _look_at_kept(self) -> tuple[Looked, ...]:
        """Give the largest checkpoint that was kept: it may know more than a database that was restored."""
        paths = sorted((self.folder / KEPT).glob("[0-9]*"), key=lambda path: int(path.name))
        notes = [parse_note(path.read_bytes(), where=str(path)) for path in paths[-1:]]
        return tuple(Looked(place=str(self.folder / KEPT), note=note, has_answered=True) for note in notes)

    def keep_last(self) -> None:
        """Keep the last checkpoint that was recorded."""
        last = self.last_note()
        if last is not None:
            self._keep(last)

    def _keep(self, note: Note, *, again: bool = False) -> None:
        """Keep a checkpoint for ever, with the log's own signatures."""
        own = tuple(line for line in note.signatures if line.name == self.origin)
        raw = bytes(replace(note, signatures=own))
        path = str(checkpoint_of(note).head.size)
        standing = Disk().read(self.folder / KEPT / path)
        if standing is not None and parse_note(standing).text != note.text:
            raise LogConflict(f"{self.folder / KEPT / path} has another root than was recorded: keep both, as evidence")
        if standing is None or again:
            writer = DurableWriter(self.folder / KEPT, Disk())
            writer.finish()
            writer.replace(path, raw)


def _root_at(folder: Path, head: TreeHead | None, size: int) -> bytes:
    """Give the root that our tree had, shown to be a beginning of our head."""
    tree = TreeReader(LogFolder(folder), head or TreeHead(size=0, root=b""))
    root = tree.root_at(size)
    tree.prove_consistency(TreeHead(size=size, root=root))
    return root


def _only(policy: Policy, urls: Collection[str]) -> Policy:
    """Give the log witnesses of a policy that are reached at these addresses."""
    kept = {
        name: key for name, key in policy.witnesses.items() if policy.urls.get(str(key), "").rstrip("/") in set(urls)
    }
    return replace(policy, witnesses=kept)


def _open_sequencer(folder: Path, settings: Settings) -> Sequencer:
    if settings.postgres is None:
        return SqliteSequencer(folder / DATABASE, settings.origin)
    from escruta.tlog.postgres import PostgresSequencer  # noqa: PLC0415 - needs a library that not everybody has

    return PostgresSequencer(settings.postgres, settings.origin)
