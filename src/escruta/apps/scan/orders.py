"""What a worker must know of an election to read its sheets: little enough to be sent with every picture."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.apps.scan.homes import ScanHome
from escruta.election.definition import KeyPart
from escruta.sheets.seal import SealForm, form_of
from escruta.sources.scans.codes import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOrders:
    """How pictures are read, and for whom."""

    forms: tuple[SealForm, ...]
    """The form of each contest's sheets; the first is that of the source's contest."""
    key: tuple[KeyPart, ...]
    """The parts of the station key."""
    separator: str
    options: tuple[str, ...]
    """Columns of the votes in the order of the ballot, as codes without names give them."""
    effort: Effort
    layouts: tuple[tuple[str, int], ...]
    """Files of the layouts of sheets, and when each was changed."""
    layouts_known_by: str
    """What all these together are known by."""
    originals: str
    """The folder of the pictures as they came."""
    redacted: str
    """The folder of the pictures that may be published."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What the parts of the station key are called."""
        return tuple(part.part for part in self.key)


def orders_of(home: ScanHome, effort: Effort = Effort.USUAL) -> ScanOrders:
    """Draw up the orders for an election."""
    own = form_of(home.election, home.contest.id)
    others = [form_of(home.election, each.id) for each in home.election.contests if each.id != home.contest.id]
    return ScanOrders(
        forms=(own, *others),
        key=home.election.stations.key,
        separator=home.election.stations.separator,
        options=tuple(name for name in own.figures if name.startswith(("option.", "votes."))),
        effort=effort,
        layouts=tuple((str(path.resolve()), path.stat().st_mtime_ns) for path in home.layouts),
        layouts_known_by=home.layouts_known_by,
        originals=str(home.originals.resolve()),
        redacted=str(home.redacted.resolve()),
    )
