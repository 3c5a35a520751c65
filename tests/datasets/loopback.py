"""A web server of the test's own, that behaves well or badly, as it is told."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler", bytes], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from the site's files, in the way of the next behaviour that was asked for."""

    site: Site

    def do_GET(self) -> None:
        self.site.requests.append((self.path, dict(self.headers)))
        planned = self.site.plans.get(self.path, [])
        behaviour = (planned.pop(0) if len(planned) > 1 else planned[0]) if planned else good
        body = self.site.files.get(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            if body is None and behaviour is good:
                self.send_error(404)
            else:
                behaviour(self, body or b"")

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def begin(self, status: int, length: int | None, **fields: str) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def start(self, body: bytes, tag: str = "") -> int:
        """The headers of a good answer, also to a range; from which byte on the body is wanted."""
        tag = tag or f'"{hashlib.sha1(body).hexdigest()[:8]}"'
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not wanted or self.headers.get("If-Range", tag) != tag:
            self.begin(200, len(body), ETag=tag, Accept_Ranges="bytes")
            return 0
        first = int(wanted[1])
        if first >= len(body):
            self.begin(416, 0, Content_Range=f"bytes */{len(body)}")
            return len(body)
        self.begin(206, len(body) - first, ETag=tag, Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")
        return first


def good(handler: Handler, body: bytes) -> None:
    handler.wfile.write(body[handler.start(body) :])


def breaks_off(after: int) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        first = handler.start(body)
        handler.wfile.write(body[first : first + after])

    return behave


def stalls(after: int, seconds: float = 5.0) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        first = handler.start(body)
        handler.wfile.write(body[first : first + after])
        handler.wfile.flush()
        handler.site.ended.wait(seconds)

    return behave


def drips(pause: float) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        first = handler.start(body)
        for at in range(first, len(body)):
            handler.wfile.write(body[at : at + 1])
            handler.wfile.flush()
            time.sleep(pause)

    return behave


def slowly(chunk: int, pause: float) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        first = handler.start(body)
        for at in range(first, len(body), chunk):
            handler.wfile.write(body[at : at + chunk])
            handler.wfile.flush()
            time.sleep(pause)

    return behave


def claims(length: int) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        handler.begin(200, length)
        handler.wfile.write(body)

    return behave


def ignores_ranges(handler: Handler, body: bytes) -> None:
    handler.begin(200, len(body))
    handler.wfile.write(body)


def sends(other: bytes) -> Behaviour:
    def behave(handler: Handler, body: bytes) -> None:
        good(handler, other)

    return behave


def sends_another_range(handler: Handler, body: bytes) -> None:
    handler.begin(206, len(body) - 3, Content_Range=f"bytes 3-{len(body) - 1}/{len(body)}")
    handler.wfile.write(body[3:])


def without_conditions(handler: Handler, body: bytes) -> None:
    """Takes any range, whatever version it is to be of, and does not say what it has."""
    wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    first = int(wanted[1]) if wanted else 0
    if wanted:
        handler.begin(206, len(body) - first, Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")
    else:
        handler.begin(200, len(body))
    handler.wfile.write(body[first:])


def ignores_conditions(handler: Handler, body: bytes) -> None:
    """Takes any range, whatever version it is to be of, but says which version it has."""
    if "If-Range" in handler.headers:
        del handler.headers["If-Range"]
    good(handler, body)


def answers(status: int, **fields: str) -> Behaviour:
    return lambda handler, body: handler.begin(status, 0, **fields)


def redirects(url: str, status: int = 302) -> Behaviour:
    return answers(status, Location=url)


def in_chunks(handler: Handler, body: bytes) -> None:
    """Without saying how much it will be."""
    handler.protocol_version = "HTTP/1.1"
    handler.begin(200, None, Transfer_Encoding="chunked", Connection="close")
    for at in range(0, len(body), 1000):
        piece = body[at : at + 1000]
        handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def without_end(handler: Handler, body: bytes) -> None:
    handler.begin(200, None)
    while True:
        handler.wfile.write(bytes(1 << 16))


class Site:
    """Files by path, what to do when they are asked for, and what was asked.

    A plan is a list of behaviours, one for each request, the last for all that follow.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.plans: dict[str, list[Behaviour]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.ended = threading.Event()

    def add(self, path: str, body: bytes, *plan: Behaviour) -> str:
        """Offer a file; its address."""
        self.files[path] = body
        self.plans[path] = list(plan)
        return self.address + path

    def asked(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.requests if asked == path]


@contextmanager
def site() -> Iterator[Site]:
    """A server on a free port of this machine."""
    handler = type("SiteHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    handler.site = out = Site(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield out
    finally:
        out.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
