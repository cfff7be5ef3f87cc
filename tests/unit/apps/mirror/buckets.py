"""A real server of S3's protocol on this machine, and buckets in it that anybody may read."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx


@contextmanager
def object_store() -> Iterator[str]:
    """Run moto's server; gives its endpoint."""
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - slow to import; few tests need it

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def make_bucket(endpoint: str, name: str) -> str:
    """Make a bucket that anybody may read; gives the URL of what is in it."""
    httpx.put(f"{endpoint}/{name}").raise_for_status()
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    httpx.put(f"{endpoint}/{name}?policy", content=policy).raise_for_status()
    return f"{endpoint}/{name}"
