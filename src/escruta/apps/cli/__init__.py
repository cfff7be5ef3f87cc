"""The command line: `escruta demo | init | check | compare | tally | outcome | run | pages`.

Every command has `--json`, and ends with 0 (done, nothing to object), 1 (done, with findings of error severity) or 2
(an input cannot be used). Results go to standard output; progress and errors go to standard error.
"""

import os

# The column engine's allocator (jemalloc) keeps freed memory for a while by default: a national file then takes a
# quarter more than it needs. It reads this once, when it is loaded, so it must stand before anything imports it.
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0")

from escruta.apps.cli.commands import main

__all__ = ["main"]
