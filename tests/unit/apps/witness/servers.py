"""A log witness, to be killed: a program without threads that forks servers, so that each starts at once.

It tells the port; then for each line that it reads it forks a server and answers with its number. All of them listen at
one socket, so that whoever asks while none is there waits for the next. None runs longer than two minutes.
"""

import os
import signal
import sys
from pathlib import Path

from escruta.apps.witness.home import open_home
from escruta.apps.witness.running import listen, server_of

LONGEST_S = 120


def main(folder: Path) -> None:
    """Fork a server for each line that is read."""
    home = open_home(folder)
    with listen("127.0.0.1", 0) as listening:
        _say(listening.getsockname()[1])
        for _ in sys.stdin:
            child = os.fork()
            if child == 0:
                signal.alarm(LONGEST_S)
                server_of(home, None, lambda _: None).run(sockets=[listening])
                os._exit(1)
            _say(child)
            os.waitpid(child, 0)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
