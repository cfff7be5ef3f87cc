"""`escruta scan`: from folders of pictures to readings of an election, findings, and pictures that may be published.

home = open_home(Path("my-election"))
counts = scan_files(home, files_of(["pictures"]), place=workplace_named("processes"))
state = finish(home)                                    # readings.jsonl and findings.jsonl, from the journal
"""

from escruta.apps.scan.finishing import ScanState, finish, require_same_keys
from escruta.apps.scan.homes import ScanHome, open_home
from escruta.apps.scan.intake import files_of
from escruta.apps.scan.journal import Again
from escruta.apps.scan.running import ScanCounts, scan_files

__all__ = [
    "Again",
    "ScanCounts",
    "ScanHome",
    "ScanState",
    "files_of",
    "finish",
    "open_home",
    "require_same_keys",
    "scan_files",
]
