"""What people sign: a board its bulletins, candidates the pact and the election's definition.

The doors::

    record = read_record(Path("out/my-election"))
    bulletin = draft_bulletin(record, "president", number=1, time=datetime.now(UTC))
    entries, standing = entries_of_bulletin(bulletin, note, dissents, board=read_board(path), record=record)
    report = check_bulletins(enumerate(log_entries), origin=origin, root_at=root_at, board=board)
"""

from escruta.apps.board.boards import Board, BoardStanding, parse_board, read_board, standing_of_board
from escruta.apps.board.checking import check_bulletins
from escruta.apps.board.drafting import RecordRead, draft_bulletin, read_record, require_same_figures
from escruta.apps.board.entries import BOARD_KINDS, NoteEntry, read_entry, write_entries
from escruta.apps.board.errors import BulletinRefused
from escruta.apps.board.findings import BulletinFault, BulletinFaultKind, BulletinsReport
from escruta.apps.board.publishing import entries_of_acceptance, entries_of_bulletin, require_in_log

__all__ = [
    "BOARD_KINDS",
    "Board",
    "BoardStanding",
    "BulletinFault",
    "BulletinFaultKind",
    "BulletinRefused",
    "BulletinsReport",
    "NoteEntry",
    "RecordRead",
    "check_bulletins",
    "draft_bulletin",
    "entries_of_acceptance",
    "entries_of_bulletin",
    "parse_board",
    "read_board",
    "read_entry",
    "read_record",
    "require_in_log",
    "require_same_figures",
    "standing_of_board",
    "write_entries",
]
