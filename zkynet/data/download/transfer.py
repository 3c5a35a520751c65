"""One file from one address, continued where it was broken off."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from zkynet.data.download.network import DiskError, Network, TransferError, discard, state_of
from zkynet.files import FULL, write_atomically

CHUNK = 1 << 16


class Redirects(HTTPRedirectHandler):
    """Redirections, without handing the user's key to another host, and never from https to http."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        out = super().redirect_request(req, fp, code, msg, headers, newurl)
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.scheme not in ("http", "https"):
            fp.close()
            raise TransferError(f"it redirects to {newurl[:80]}, which is no web address")
        if (old.scheme, new.scheme) == ("https", "http"):
            fp.close()
            raise TransferError(f"it redirects from https to {newurl[:80]}, which is not encrypted")
        if out is not None and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            out.headers = {name: value for name, value in out.headers.items() if name.lower() != "authorization"}
        return out


def transfer(
    url: str,
    part: Path,
    *,
    headers: Mapping[str, str] | None = None,
    largest: int,
    network: Network,
    progress: Callable[[int, int | None], None],
) -> None:
    """Receive what an address holds, after what a file has of it already.

    When it returns, the file is whole as far as the server tells. When it raises, the file holds what was received, and
    the next call continues there, provided that the address still holds the same version.

    Args:
        url: the address.
        part: the file.
        headers: further fields of the request.
        largest: more bytes than these are refused.
        network: how patient to be.
        progress: called with how many bytes there are, and are to be, as far as known.

    Example:
        >>> try:
        ...     transfer("ftp://a/b", Path("b"), largest=1, network=Network(), progress=print)
        ... except TransferError as error:
        ...     print(error)
        it is no address of the web
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise TransferError("it is no address of the web")
    known = _known(part, url)
    have = part.stat().st_size if known else 0
    request = Request(url, headers={"User-Agent": "zkynet", "Accept-Encoding": "identity", **(headers or {})})
    if have:
        request.add_header("Range", f"bytes={have}-")
        if version := known.get("etag") or known.get("modified"):
            request.add_header("If-Range", version)
    try:
        response: HTTPResponse = build_opener(Redirects).open(request, timeout=network.timeout)
    except HTTPError as e:
        e.close()
        if e.code == 416 and have:  # it has fewer bytes than we have: not the same file, unless it is the whole
            if _whole_size(e.headers.get("Content-Range")) == have:
                return
            discard(part)
            raise TransferError("it no longer holds the file that the first part is of", again=True) from None
        raise TransferError(_status(e), again=e.code in (408, 425, 429) or e.code >= 500, status=e.code) from None
    except (OSError, HTTPException, ValueError) as e:
        raise TransferError(_reason(e, network), again=not isinstance(e, ValueError)) from None
    with response:
        have, total = _begin(response, url, part, have, known, largest)
        _receive(response, part, have, total, largest, network, progress)


def _known(part: Path, url: str) -> dict[str, Any]:
    """What the file beside a part says, if it is about this address; nothing if there is no part."""
    try:
        known = json.loads(state_of(part).read_text())
        return known if part.stat().st_size and known["url"] == url else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _begin(
    response: HTTPResponse, url: str, part: Path, have: int, known: dict[str, Any], largest: int
) -> tuple[int, int | None]:
    """From which byte on the answer is, and how many there are to be; the file is cut to fit."""
    fields = response.headers
    etag = fields.get("ETag", "")
    version = {
        "url": url,
        "etag": etag if etag.startswith('"') else "",  # a weak one does not promise the same bytes
        "modified": fields.get("Last-Modified", ""),
    }
    total = _number(fields.get("Content-Length"))
    if response.status == 206:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", (fields.get("Content-Range") or "").strip())
        if not have or found is None or int(found[1]) != have:
            discard(part)
            raise TransferError(f"it sent another range than asked for: {fields.get('Content-Range')}", again=True)
        total = int(found[3]) if found[3] != "*" else int(found[2]) + 1
        changed = [k for k in ("etag", "modified") if known.get(k) and version[k] and known[k] != version[k]]
        if changed or (known.get("total") or total) != total:
            discard(part)
            raise TransferError("it changed the file while it was being received", again=True)
    elif response.status == 200:
        have = 0
    else:
        raise TransferError(f"it answered {response.status} {response.reason}", status=response.status)
    if total is not None and total > largest:
        raise TransferError(f"it wants to send {total} bytes, where {largest} are the most that can be right")
    free = shutil.disk_usage(part.parent).free
    if total is not None and total - have > free:
        raise DiskError(f"{total - have} bytes are needed, {free} are free")
    if have == 0:
        part.unlink(missing_ok=True)
        _written(lambda: write_atomically(state_of(part), json.dumps({**version, "total": total}).encode()))
    return have, total


def _receive(
    response: HTTPResponse,
    part: Path,
    have: int,
    total: int | None,
    largest: int,
    network: Network,
    progress: Callable[[int, int | None], None],
) -> None:
    progress(have, total)
    since, then = time.monotonic(), have
    with open(part, "ab" if have else "wb", buffering=0) as file:
        while True:
            try:
                chunk = response.read1(CHUNK)
            except (OSError, HTTPException, ValueError) as e:
                raise TransferError(
                    f"{_reason(e, network)}, after {have} bytes", again=True, stalled=isinstance(e, TimeoutError)
                ) from None
            if not chunk:
                break
            have += len(chunk)
            if have > largest or (total is not None and have > total):
                raise TransferError(f"it sends more bytes than the {total or largest} that there should be")
            _written(lambda: _write(file, chunk))  # noqa: B023
            progress(have, total)
            now = time.monotonic()
            if now - since > network.window:
                if have - then < network.slowest * (now - since):
                    raise TransferError(
                        f"it sends less than {network.slowest} bytes a second", again=True, stalled=True
                    )
                since, then = now, have
    if total is not None and have < total:
        raise TransferError(f"the connection broke off after {have} of {total} bytes", again=True)


def _write(file: Any, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:  # a raw file may take a part of it
        view = view[file.write(view) :]


def _written(write: Callable[[], None]) -> None:
    try:
        write()
    except OSError as e:
        if e.errno is None or e.errno not in FULL:
            raise
        raise DiskError(os.strerror(e.errno)) from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _whole_size(field: str | None) -> int | None:
    """The size in the Content-Range of an answer 416: ``bytes */1234``."""
    found = re.fullmatch(r"bytes \*/(\d+)", (field or "").strip())
    return int(found[1]) if found else None


def _status(error: HTTPError) -> str:
    return f"it answered {error.code} {error.reason}".rstrip()


def _reason(error: BaseException, network: Network) -> str:
    if isinstance(error, URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    if isinstance(error, TransferError):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"it was silent for {network.timeout:g} seconds"
    text = (isinstance(error, OSError) and error.strerror) or str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
