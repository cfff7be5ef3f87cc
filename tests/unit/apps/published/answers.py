"""A web server that answers exactly the bytes that a test hands it, be they HTTP or not."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

Answer = bytes | Iterable[bytes] | Callable[[], bytes | Iterable[bytes]]
"""The bytes of one answer; in parts, between which others may wait; or whatever makes them at each request."""


def ok(body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Write an answer as a server does."""
    promised = len(body) if length is None else length
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {promised}", *headers, "", ""]).encode() + body


def status(line: str, *headers: str) -> bytes:
    """Write an answer without a body."""
    return "\r\n".join([f"HTTP/1.1 {line}", "Content-Length: 0", *headers, "", ""]).encode()


NOT_FOUND = status("404 Not Found")


class Answers(socketserver.ThreadingTCPServer):
    """Answers by path: the first of a list once, its last for ever. Each connection serves one request."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answers: Mapping[str, Answer | list[Answer]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {path: list(given) if isinstance(given, list) else [given] for path, given in answers.items()}
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next_answer(self, path: str) -> Answer:
        """Give what to answer now."""
        with self.lock:
            self.asked.append(path)
            given = self.answers.get(path, [NOT_FOUND])
            return given.pop(0) if len(given) > 1 else given[0]


class _Handler(socketserver.BaseRequestHandler):
    server: Answers

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = self.request.recv(65536)
            if not received:
                return
            head += received
        with self.server.lock:
            self.server.heads.append(head)
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        try:
            answer = self.server.next_answer(head.split(b" ")[1].decode())
            answer = answer() if callable(answer) else answer
            for part in [answer] if isinstance(answer, bytes) else answer:
                self.request.sendall(part)
        except OSError:  # whoever asked has had enough
            return
        finally:
            with self.server.lock:
                self.server.at_once -= 1


@contextmanager
def serving(answers: Mapping[str, Answer | list[Answer]]) -> Iterator[Answers]:
    """Run a server for as long as the test needs it."""
    with Answers(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
