"""The command line: `escruta demo | init | check | compare | tally | outcome | run | pages`.

Every command has `--json`, and ends with 0 (done, nothing to object), 1 (done, with findings of error severity) or 2 (an
input cannot be used). Results go to standard output; progress and errors go to standard error.
"""

from escruta.apps.cli.commands import main

__all__ = ["main"]
