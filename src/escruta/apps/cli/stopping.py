"""A command that is told to stop takes away what it made on its way, and only then ends."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


class Stopped(KeyboardInterrupt):
    """Somebody told the process to end; what is open is closed as with Ctrl-C."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.strsignal(number))
        self.number = number


@contextmanager
def stops_tidily() -> Iterator[None]:
    """Take SIGTERM, SIGHUP and Ctrl-C as `KeyboardInterrupt`: once, so that a second one leaves nothing half-removed.

    What the process was started to ignore, as `nohup` does it, it goes on to ignore. Outside the main thread, where
    nobody can take a signal, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.getsignal(each) for each in wanted if signal.getsignal(each) is not signal.SIG_IGN}

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt if number == signal.SIGINT else Stopped(number)

    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def end_by(stopped: Stopped) -> NoReturn:
    """End as whoever is told to end does, so that the one who told it sees that it was heard.

    Source: the GNU C Library's manual, "Handlers That Terminate the Process".
    """
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(stopped.number, signal.SIG_DFL)
    signal.raise_signal(stopped.number)
    sys.exit(128 + stopped.number)  # where the signal is blocked
