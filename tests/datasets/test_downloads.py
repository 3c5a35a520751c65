"""Downloads from a server that truncates, stalls, lies, changes its mind: the right file, or none and the reason."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.request import Request

import loopback as web
import pytest

from zkynet.data.download.fetching import Wish, contents, fetched
from zkynet.data.download.network import Network, TransferError
from zkynet.data.download.remote import RemoteFile
from zkynet.data.download.transfer import Redirects
from zkynet.errors import DownloadError, FileFormatError

pytestmark = pytest.mark.once

BODY = bytes(range(256)) * 800  # 204,800 bytes
QUICK = Network(timeout=0.4, attempts=6, rounds=2, pause=0.01)


@pytest.fixture
def site() -> Iterator[web.Site]:
    with web.site() as out:
        yield out


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZKYNET_DATA", str(tmp_path / "cache"))
    monkeypatch.delenv("ZKYNET_MIRROR", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def wish(*mirrors: str, body: bytes = BODY, network: Network = QUICK, name: str = "a.bin", **changes: Any) -> Wish:
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    file = replace(RemoteFile(name, len(body), digest, mirrors), **changes)
    return Wish("set", [file], network=network)


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()} - {".lock"}


def get(*args: Any, **kwargs: Any) -> bytes:
    return contents(wish(*args, **kwargs), progress=False)[0]


def failure(*args: Any, **kwargs: Any) -> DownloadError:
    with pytest.raises(DownloadError) as caught:
        get(*args, **kwargs)
    return caught.value


def test_a_file_is_received_once_and_then_found(site: web.Site, cache: Path) -> None:
    url = site.add("/a.bin", BODY)
    assert get(url) == BODY
    assert files_in(cache) == {"a.bin"}
    assert get(url) == get(url, "http://127.0.0.1:1/nobody") == BODY
    assert len(site.requests) == 1


PLANS = {
    "breaks off once": [web.breaks_off(50_000), web.good],
    "breaks off four times": [*[web.breaks_off(40_000)] * 4, web.good],
    "breaks off before the first byte": [web.breaks_off(0), web.good],
    "breaks off and then ignores the range": [web.breaks_off(50_000), web.ignores_ranges],
    "breaks off and then sends another range": [web.breaks_off(50_000), web.sends_another_range, web.good],
    "breaks off and then refuses the range": [
        web.breaks_off(50_000), web.answers(416, Content_Range="bytes */7"), web.good,
    ],
    "is silent once": [web.stalls(50_000), web.good],
    "is overloaded once": [web.answers(503), web.good],
    "asks to come later": [web.answers(429), web.good],
    "does not say the length": [web.in_chunks],
    "redirects": [lambda handler, body: web.redirects("/other")(handler, body)],
    "says a length that is too great": [web.claims(len(BODY) + 9), web.good],
    "says a length that is too small once": [web.claims(len(BODY) - 9), web.good],
}  # fmt: skip


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_the_right_bytes_arrive_all_the_same(site: web.Site, cache: Path, plan: list[web.Behaviour]) -> None:
    site.add("/other", BODY)
    spare = site.add("/spare/a.bin", BODY)
    assert get(site.add("/a.bin", BODY, *plan), spare) == BODY
    assert files_in(cache) == {"a.bin"}


def test_what_has_arrived_is_not_sent_again(site: web.Site) -> None:
    get(site.add("/a.bin", BODY, web.breaks_off(50_000), web.breaks_off(60_000), web.good))
    asked = site.asked("/a.bin")
    assert [headers.get("Range") for headers in asked] == [None, "bytes=50000-", "bytes=110000-"]
    assert asked[0].get("If-Range") is None
    assert asked[1]["If-Range"] == asked[2]["If-Range"] == f'"{hashlib.sha1(BODY).hexdigest()[:8]}"'


def test_the_next_call_continues_what_an_earlier_one_left(site: web.Site, cache: Path) -> None:
    url = site.add("/a.bin", BODY, web.stalls(70_000))
    error = failure(url)
    assert "70 kB have arrived" in str(error) or "140 kB have arrived" in str(error)
    site.plans["/a.bin"] = [web.good]
    site.requests.clear()
    assert get(url) == BODY
    assert int(site.asked("/a.bin")[0]["Range"][6:-1]) >= 70_000
    assert files_in(cache) == {"a.bin"}


NEW = BODY[::-1]


@pytest.mark.parametrize("behaviour", [web.good, web.ignores_conditions, web.without_conditions])
def test_a_file_that_changes_between_two_parts_is_received_from_the_start(
    site: web.Site, behaviour: web.Behaviour
) -> None:
    """The first part is of an old version; what we want, and know the digest of, is the new one."""
    url = site.add("/a.bin", NEW, web.stalls(50_000), behaviour)
    failure(url, network=replace(QUICK, rounds=1))
    site.files["/a.bin"] = BODY
    assert get(url) == BODY


def test_a_file_that_changes_into_a_wrong_one_is_refused(site: web.Site, cache: Path) -> None:
    url = site.add("/a.bin", BODY, web.stalls(50_000), web.without_conditions)
    failure(url, network=replace(QUICK, rounds=1))
    site.files["/a.bin"] = NEW
    assert "its sha256 is" in str(failure(url))
    assert files_in(cache) == set()


def test_a_stalled_server_is_left_for_the_next_one(site: web.Site) -> None:
    first = site.add("/first/a.bin", BODY, web.stalls(1000))
    assert get(first, site.add("/second/a.bin", BODY)) == BODY
    assert len(site.asked("/first/a.bin")) == 1


def test_a_server_that_drips_is_left_for_the_next_one(site: web.Site) -> None:
    first = site.add("/first/a.bin", BODY, web.drips(0.05))
    network = replace(QUICK, window=0.3, slowest=1000)
    assert get(first, site.add("/second/a.bin", BODY), network=network) == BODY


BEHAVIOURS = [
    web.good, web.breaks_off(0), web.breaks_off(30_000), web.breaks_off(len(BODY) - 1), web.ignores_ranges,
    web.sends_another_range, web.without_conditions, web.ignores_conditions, web.in_chunks, web.sends(NEW),
    web.sends(BODY[:90_000]), web.claims(len(BODY) + 5), web.claims(len(BODY) - 5), web.answers(500), web.answers(404),
    web.answers(416, Content_Range=f"bytes */{len(BODY)}"), web.redirects("/spare/a.bin"), web.without_end,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_whatever_servers_do_there_is_the_right_file_or_none(site: web.Site, cache: Path, seed: int) -> None:
    chance = random.Random(seed)
    urls = [site.add(f"/{i}/a.bin", BODY, *chance.choices(BEHAVIOURS, k=8), web.answers(404)) for i in range(2)]
    site.add("/spare/a.bin", BODY, *chance.choices(BEHAVIOURS, k=3))
    try:
        assert get(*urls) == BODY
        assert files_in(cache) == {"a.bin"}
    except DownloadError:
        assert "a.bin" not in files_in(cache)
    site.plans = {path: [web.good] for path in site.files}
    assert get(*urls) == BODY
    assert files_in(cache) == {"a.bin"}


WRONG = {
    "other bytes": ([web.sends(NEW)], "its sha256 is"),
    "too few bytes": ([web.sends(BODY[:-1])], "it has 204799 bytes, and should have 204800"),
    "too many bytes": ([web.sends(BODY + b"x")], "it has more than the 204800 bytes"),
    "a length that is too small": ([web.claims(1000)], "it has 1000 bytes, and should have 204800"),
    "an absurd length": ([web.claims(10**15)], "it wants to send 1000000000000000 bytes"),
    "no end": ([web.without_end], "it sends more bytes than"),
    "a web page": ([web.sends(b"<!DOCTYPE html><title>Sign in</title>")], "it is a web page"),
    "nothing": ([web.sends(b"")], "it has 0 bytes"),
    "not found": ([web.answers(404)], "it answered 404 Not Found"),
    "forbidden": ([web.answers(403)], "it answered 403 Forbidden"),
    "an error": ([web.answers(500)], "it answered 500 Internal Server Error"),
    "no content": ([web.answers(204)], "it answered 204 No Content"),
    "silence": ([web.stalls(0)], "it was silent for 0.4 seconds"),
    "an end that is too early, always": ([web.breaks_off(0)], "the connection broke off after 0 of 204800 bytes"),
    "a circle of redirections": ([web.redirects("/a.bin")], "it answered 302"),
    "a redirection to a file": ([web.redirects("file:///etc/passwd")], "is not allowed"),
    "a redirection to ftp": ([web.redirects("ftp://127.0.0.1/a.bin")], "no web address"),
    "bytes that gunzip refuses": ([web.sends(gzip.compress(BODY)[:-9])], "it cannot be unpacked"),
    "a bomb": ([web.sends(gzip.compress(bytes(50_000_000)))], "it has more than the 204800 bytes"),
}


@pytest.mark.parametrize(("plan", "says"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_and_said(site: web.Site, cache: Path, plan: list[web.Behaviour], says: str) -> None:
    url = site.add("/a.bin", BODY, *plan)
    error = failure(url)
    assert says in str(error)
    assert error.headline == "set: a.bin could not be downloaded"
    assert says in error.failures[url]
    assert f"put it into {cache / 'set'}" in error.fix
    assert url in error.fix
    assert "a.bin" not in files_in(cache)
    assert get(url, site.add("/good/a.bin", BODY)) == BODY, "the next address is asked"


def test_where_nobody_listens_the_error_says_which_file_to_put_where(cache: Path) -> None:
    error = failure("http://127.0.0.1:1/a.bin", "http://no-such-host.invalid/a.bin")
    assert "Connection refused" in error.failures["http://127.0.0.1:1/a.bin"]
    assert len(error.facts) == 2
    assert str(cache / "set") in str(error)
    (cache / "set" / "a.bin").write_bytes(BODY)
    assert get("http://127.0.0.1:1/a.bin") == BODY


@pytest.mark.parametrize("name", ["a.bin", "a.bin.gz", "a.bin.zip", "as-the-mirror-calls-it.gz"])
def test_a_file_that_the_user_put_there_is_taken_packed_or_not(cache: Path, name: str) -> None:
    (cache / "set").mkdir(parents=True)
    (cache / "set" / name).write_bytes(packed(BODY, name))
    assert get("http://127.0.0.1:1/as-the-mirror-calls-it.gz") == BODY


def packed(body: bytes, name: str) -> bytes:
    if name.endswith(".gz"):
        return gzip.compress(body)
    if name.endswith(".zip"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("read me.txt", "no")
            archive.writestr("folder/a.bin", body)
        return out.getvalue()
    return body


@pytest.mark.parametrize("name", ["a.bin", "a.bin.gz", "a.bin.zip"])
def test_the_digest_is_that_of_the_content_however_a_mirror_packs_it(site: web.Site, cache: Path, name: str) -> None:
    assert get(site.add(f"/{name}", packed(BODY, name))) == BODY
    assert files_in(cache) == {name}


def test_an_archive_is_kept_as_it_is(site: web.Site, cache: Path) -> None:
    body = packed(BODY, "a.zip")
    assert get(site.add("/a.zip", body), body=body, name="a.zip", archive=True) == body


def test_a_zip_without_the_file_is_refused(site: web.Site) -> None:
    assert "there is no b.bin in it" in str(failure(site.add("/a.zip", packed(BODY, "a.zip")), name="b.bin"))


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha512"])
def test_other_digests(site: web.Site, kind: str) -> None:
    url = site.add("/a.bin", BODY, web.sends(NEW), web.good)
    digest = f"{kind}:{hashlib.new(kind, BODY).hexdigest()}"
    assert f"its {kind} is" in str(failure(url, digest=digest, network=replace(QUICK, rounds=1)))
    assert get(url, digest=digest) == BODY


def test_a_damaged_file_in_the_cache_is_replaced(
    site: web.Site, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = site.add("/a.bin.gz", gzip.compress(BODY))
    get(url)
    path = cache / "set" / "a.bin.gz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert contents(wish(url)) == [BODY]
    assert "a.bin.gz is not the file a.bin that it should be" in capsys.readouterr().err
    path.write_bytes(data)
    site.plans["/a.bin.gz"] = [web.answers(404)]
    assert "in the cache there is a damaged a.bin.gz" in str(failure(url))
    assert path.read_bytes() == data, "what may be the user's is not deleted for nothing"


def test_a_mirror_of_the_users_own_is_asked_first(site: web.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.add("/mine/set/a.bin.gz", gzip.compress(BODY))
    monkeypatch.setenv("ZKYNET_MIRROR", f"{site.address}/mine/")
    assert get("http://127.0.0.1:1/a.bin.gz") == BODY
    site.add("/mine/set/a.bin.gz", gzip.compress(NEW))
    assert get(site.add("/a.bin.gz", gzip.compress(BODY)), name="a.bin") == BODY


def test_a_key_is_not_handed_to_another_host(site: web.Site) -> None:
    with web.site() as other:
        target = other.add("/a.bin", BODY)
        url = site.add("/a.bin", b"", web.redirects(target))
        same = site.add("/same", b"", web.redirects("/a.bin"))
        asked = replace(wish(same), headers={"Authorization": "Basic secret"})
        assert contents(asked, progress=False) == [BODY]
        assert url
        assert [h.get("Authorization") for h in site.asked("/same") + site.asked("/a.bin")] == ["Basic secret"] * 2
        assert [h.get("Authorization") for h in other.asked("/a.bin")] == [None]


def test_a_redirection_from_https_to_http_is_refused() -> None:
    """No test server has a certificate, so the rule is asked directly."""
    request = Request("https://example.org/a", headers={"Authorization": "Basic secret"})
    args = (io.BytesIO(), 302, "Found", HTTPMessage())
    with pytest.raises(TransferError, match="not encrypted"):
        Redirects().redirect_request(request, *args, "http://example.org/a")
    followed = Redirects().redirect_request(request, *args, "https://example.org/b")
    assert followed is not None
    assert followed.get_header("Authorization") == "Basic secret"


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZKYNET_DATA", str(tmp_path / "file"))
    assert "ZKYNET_DATA" in str(failure("http://127.0.0.1:1/a.bin"))


def test_several_files_are_all_fetched(site: web.Site, cache: Path) -> None:
    one, two = wish(site.add("/a.bin", BODY)), wish(site.add("/b.bin", NEW), body=NEW, name="b.bin")
    both = replace(one, files=[*one.files, *two.files])
    assert [path.name for path in fetched(both, progress=False)] == ["a.bin", "b.bin"]
    assert contents(both, progress=False) == [BODY, NEW]


def test_what_is_shown_without_a_terminal(site: web.Site, capsys: pytest.CaptureFixture[str]) -> None:
    contents(wish(site.add("/a.bin", BODY, web.breaks_off(50_000), web.good)))
    host = site.address.removeprefix("http://")
    assert capsys.readouterr().err.splitlines() == [
        f"downloading a.bin from {host}",
        "  the connection broke off after 50000 of 204800 bytes; continuing",
        "  205 kB, done",
    ]
    get(site.add("/b.bin", NEW), body=NEW, name="b.bin")
    assert capsys.readouterr().err == ""


def test_a_bar_is_shown_on_a_terminal(
    site: web.Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    contents(wish(site.add("/a.bin", BODY, web.breaks_off(50_000), web.good)))
    shown = capsys.readouterr().err
    assert "a.bin from 127.0.0.1" in shown
    assert "204.8/204.8 kB" in shown


def test_reading_a_damaged_file_says_where_it_is(cache: Path) -> None:
    file = wish("http://127.0.0.1:1/a.bin").files[0]
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "a.bin").write_bytes(NEW)
    with pytest.raises(FileFormatError, match="and it is downloaded again"):
        file.read(cache / "set" / "a.bin")
