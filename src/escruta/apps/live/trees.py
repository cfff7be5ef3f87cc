"""The folders of a record that is published again and again: one is shown, one is kept, one is made ready.

| folder | what it holds |
|---|---|
| `NAME` | the version that readers see, at every moment whole |
| `.NAME.earlier` | the version before it, whole, until the next one is shown |
| `.NAME.spare` | the one before that, from which the next is made: only what differs is written |
| `.NAME.being-written` | the next version, on its way |

Beside them `.NAME.lock` stands while somebody publishes: see `escruta.record.alone`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from escruta.portal.carrying import bring
from escruta.portal.output import Files
from escruta.record.folders import copy_new, put_in_turn, ready_place, staging_of
from escruta.record.logbook import LOG
from escruta.record.writing import SITE, is_record
from escruta.tlog.building import CHECKPOINT


class Trees:
    """The versions of a record's folder; what a run that was killed left behind is mended first."""

    def __init__(self, out: Path) -> None:
        """Take a place; raises `OutputRefused` where something else stands."""
        self.out = ready_place(out, is_record, holds="the record")
        self.earlier = self.out.with_name(f".{self.out.name}.earlier")
        self._spare = self.out.with_name(f".{self.out.name}.spare")
        self._staged = staging_of(self.out)
        self._held: dict[Path, Files] = {}
        """The files of the pages in each folder; a folder that is not here is not known to be whole."""
        self.clear()

    def clear(self) -> None:
        """Take away what is only good for making the next version."""
        for left in (self._spare, self._staged):
            self._held.pop(left, None)
            shutil.rmtree(left, ignore_errors=True)

    def begin(self) -> Path:
        """Give the folder of the next version: with pages and a log from before, and no other file."""
        self._held.pop(self._staged, None)  # a version that was given up
        shutil.rmtree(self._staged, ignore_errors=True)
        held = self._held.pop(self._spare, None)
        if held is None:
            shutil.rmtree(self._spare, ignore_errors=True)
            self._staged.mkdir(parents=True)
        else:
            self._spare.rename(self._staged)
            self._held[self._staged] = held
            _keep_pages_and_log(self._staged)
        return self._staged

    def fill(self, pages: Files, made: Path, written: Files) -> None:
        """Bring the pages of the next version about: those that were written into `made`, and those that stay."""
        have = self._held.pop(self._staged, {})
        bring(self._staged / SITE, have, pages, (made, written), (self.out / SITE, self._held.get(self.out, {})))
        self._held[self._staged] = pages

    def show(self) -> None:
        """Let the next version take its place in one step; the one before it stays, and the one before that goes."""
        had = self.out.exists()
        pages, shown, kept = (self._held.pop(folder, None) for folder in (self._staged, self.out, self.earlier))
        if put_in_turn(self._staged, self.out, self.earlier):
            shutil.rmtree(self._spare, ignore_errors=True)
            self._staged.rename(self._spare)
            self._hold(self._spare, kept)
        self._hold(self.earlier, shown if had else None)
        self._hold(self.out, pages)

    def _hold(self, folder: Path, pages: Files | None) -> None:
        if pages is not None:
            self._held[folder] = pages

    def make_ready(self) -> None:
        """Make the spare folder while nothing else is to do, so that the next version has little to write."""
        shown = self._held.get(self.out)
        if shown is None:
            return
        if self._spare in self._held:
            _keep_pages_and_log(self._spare)
            return
        shutil.rmtree(self._spare, ignore_errors=True)
        (self._spare / SITE).mkdir(parents=True)
        bring(self._spare / SITE, {}, shown, (self.out / SITE, {}), (self.out / SITE, shown))
        copy_new(self.out / LOG, self._spare / LOG, leave=(CHECKPOINT,))
        self._held[self._spare] = shown


def _keep_pages_and_log(folder: Path) -> None:
    """Take everything else of a record away; a file that other versions have too stays there."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink()
        elif path.name not in {SITE, LOG}:
            shutil.rmtree(path)
