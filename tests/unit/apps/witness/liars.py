"""A server that answers as a test says, whatever it is asked."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serve_answers(answers):
    """Give a URL at which `answers` are given in turn, the last for ever; and the requests that came.

    An answer is a status, a body and perhaps seconds between its bytes; or a function of the request's body.
    """
    came: list[bytes] = []
    stopping = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            came.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(answers[min(len(came), len(answers)) - 1])

        def do_GET(self):
            came.append(self.path.encode())
            self._answer(answers[min(len(came), len(answers)) - 1])

        def _answer(self, answer):
            status, body, *pause = answer(came[-1]) if callable(answer) else answer
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for at in range(0, len(body), 1 if pause else 65_536):
                if pause:
                    stopping.wait(pause[0])
                if stopping.is_set():
                    return
                try:
                    self.wfile.write(body[at : at + (1 if pause else 65_536)])
                except OSError:
                    return

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", came
    finally:
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def now():
    return int(time.time())
