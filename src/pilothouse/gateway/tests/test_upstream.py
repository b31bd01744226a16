"""Our own HTTP client against servers that do it right, slowly, oddly and wrong."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.gateway import upstream
from pilothouse.gateway.upstream import BrokenOff, Providers, Unreachable, parse

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


def run(test: Awaitable[Any]) -> Any:
    async def go() -> Any:
        return await test

    return uvloop.run(go())


async def request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return head + await reader.readexactly(size)


@asynccontextmanager
async def serving(talk: Talk, **more: Any) -> AsyncIterator[tuple[str, list[int]]]:
    """A server whose every connection is `talk`; yields its address and the number of connections so far."""
    count = [0]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count[0] += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await talk(reader, writer, count[0])
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, **more)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1/x?y=1", count
    finally:
        server.close()


def saying(*pieces: bytes, stay: bool = True, pause: float = 0.0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        while True:
            await request(reader)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            if not stay:
                return

    return talk


async def ask(providers: Providers, url: str, *, silence: float = 5.0, body: bytes = b"{}", **headers: str) -> Any:
    return await providers.send("POST", url, {"X-A": "b", **headers}, body, connect=1.0, silence=silence)


async def whole(talk: Talk, times: int = 1, **more: Any) -> tuple[list[bytes], int]:
    providers = Providers()
    bodies = []
    try:
        async with serving(talk) as (url, count):
            for _ in range(times):
                answer = await ask(providers, url, **more)
                try:
                    bodies.append(await answer.read())
                finally:
                    answer.close()
            return bodies, count[0]
    finally:
        await providers.close()


def test_it_works_and_uses_connections_again():
    assert run(whole(saying(OK), times=5)) == ([b"hello"] * 5, 1)


def test_what_it_sends():
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        seen.append(await request(reader))
        writer.write(OK)

    run(whole(talk, body=b'{"a":1}'))
    head, body = seen[0].split(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v1/x?y=1 HTTP/1.1"
    assert lines[1].startswith(b"Host: 127.0.0.1:")
    assert lines[2:] == [b"X-A: b", b"Content-Length: 7"]
    assert body == b'{"a":1}'


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "body"),
    [
        ((CHUNKED,), b"hello world"),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",), b""),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), b""),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK), b"hello"),
        ((b"HTTP/1.1 100 Continue\r\n\r\n" + OK,), b"hello"),
        ((b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + CHUNKED,), b"hello world"),
    ],
)
def test_the_ways_to_frame_a_body(pieces: tuple[bytes, ...], body: bytes):
    assert run(whole(saying(*pieces, pause=0.01), times=2)) == ([body] * 2, 1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, len(CHUNKED) - 1), max_size=8))
def test_however_it_is_cut(cuts: list[int]):
    places = [0, *sorted(set(cuts)), len(CHUNKED)]
    pieces = [CHUNKED[start:end] for start, end in pairwise(places)]
    assert run(whole(saying(*pieces, pause=0.001)))[0] == [b"hello world"]


def test_a_body_may_end_with_its_connection():
    assert run(whole(saying(b"HTTP/1.1 200 OK\r\n\r\nhello", stay=False), times=2)) == ([b"hello"] * 2, 2)
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
    assert run(whole(saying(closing), times=2)) == ([b"hello"] * 2, 2)


@pytest.mark.parametrize("cut", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", CHUNKED[:-8]])
def test_half_a_body_is_no_body(cut: bytes):
    with pytest.raises(BrokenOff, match="broke the connection off"):
        run(whole(saying(cut, stay=False)))


@pytest.mark.parametrize(
    ("said", "why"),
    [(b"", "broke the connection off"), (b"SSH-2.0-x\r\n", "not HTTP"), (b"HTTP/1.1 200 OK\r\nX: y", "broke")],
)
def test_what_is_no_answer(said: bytes, why: str):
    with pytest.raises(Unreachable, match=why):
        run(whole(saying(said, stay=False)))


def test_a_head_has_its_size():
    with pytest.raises(Unreachable, match=r"too large|not HTTP"):
        run(whole(saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 400_000)))


def test_silence_ends_it():
    with pytest.raises(Unreachable, match="in time"):
        run(whole(saying(b""), silence=0.1))
    with pytest.raises(BrokenOff, match="in time"):
        run(whole(saying(OK[:-2]), silence=0.1))
    # Slow is not silent.
    assert run(whole(saying(*(OK[at : at + 9] for at in range(0, len(OK), 9)), pause=0.05), silence=0.2))[0] == [
        b"hello"
    ]


def test_who_closed_an_idle_connection_is_asked_again():
    """On a new connection, once, and without the caller noticing."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        await request(reader)
        writer.write(OK)
        if number == 1:  # takes the second question and hangs up
            await request(reader)

    assert run(whole(talk, times=2)) == ([b"hello"] * 2, 2)


def test_what_lay_idle_for_long_is_not_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upstream, "KEPT_SECONDS", 0.0)
    assert run(whole(saying(OK), times=3))[1] == 3


def test_sweeping_closes_what_is_idle(monkeypatch: pytest.MonkeyPatch):
    async def test() -> None:
        providers = Providers()
        async with serving(saying(OK)) as (url, _):
            answer = await ask(providers, url)
            await answer.read()
            answer.close()
            providers.sweep()
            assert providers._idle
            monkeypatch.setattr(upstream, "KEPT_SECONDS", 0.0)
            providers.sweep()
            assert not providers._idle

    run(test())


def test_who_speaks_unasked_or_twice_is_not_asked_again_there():
    assert run(whole(saying(OK + OK), times=3)) == ([b"hello"] * 3, 3)


def test_an_answer_that_is_not_read_drops_its_connection():
    async def test() -> None:
        gone = asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
            await request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nhello")
            await reader.read()
            gone.set()

        providers = Providers()
        async with serving(talk) as (url, _):
            answer = await ask(providers, url)
            answer.close()
            await asyncio.wait_for(gone.wait(), 5)
        assert not providers._idle

    run(test())


def test_it_takes_no_more_than_it_passes_on():
    """A provider that is faster than the caller is made to wait; the memory stays small, the body whole."""

    async def test() -> None:
        sent = [0]

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
            await request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000000\r\n\r\n")
            for _ in range(600):
                writer.write(b"x" * 100_000)
                await writer.drain()
                sent[0] += 100_000

        providers = Providers()
        async with serving(talk) as (url, _):
            answer = await ask(providers, url)
            await asyncio.sleep(0.3)
            assert sent[0] < 30_000_000
            size = 0
            async for part in answer.chunks():
                size += len(part)
            assert size == 60_000_000
            answer.close()

    run(test())


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_bodies_that_are_compressed_all_the_same(encoding: str):
    body = gzip.compress(b"hello" * 1000) if encoding == "gzip" else zlib.compress(b"hello" * 1000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    if encoding == "br":
        with pytest.raises(BrokenOff, match="compressed"):
            run(whole(saying(head + body)))
    else:
        assert run(whole(saying(head, body[:20], body[20:], pause=0.01)))[0] == [b"hello" * 1000]


def test_a_bomb_does_not_go_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(upstream, "LARGEST_ANSWER", 10_000_000)
    body = gzip.compress(b"\0" * 200_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with pytest.raises(BrokenOff, match="too large"):
        run(whole(saying(head + body)))


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http:///x", "http://u:p@x/", "http://x/a b", "http://x/é", "x", "http://x:99999/"]
)
def test_what_is_no_address(url: str):
    with pytest.raises(ValueError):  # noqa: PT011  what it says is shown to nobody
        parse(url)


def test_addresses():
    assert parse("https://api.example/v1") == (("api.example", 443, True), "api.example", "/v1")
    assert parse("http://[::1]:8080/v1?a=b") == (("::1", 8080, False), "[::1]:8080", "/v1?a=b")


def test_a_header_cannot_begin_another():
    async def test() -> None:
        await ask(Providers(), "http://127.0.0.1:9/", Evil="a\r\nX-Other: b")

    with pytest.raises(Unreachable, match="a header"):
        run(test())


def test_nobody_is_there():
    async def test(url: str) -> None:
        await ask(Providers(), url)

    with pytest.raises(Unreachable, match="takes no connection"):
        run(test("http://127.0.0.1:9/"))
    with pytest.raises(Unreachable):
        run(test("http://nobody.invalid/"))


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context, and the file with its certificate, which nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, file


def test_tls_with_a_certificate_that_is_trusted_and_one_that_is_not(tmp_path: Path):
    async def test() -> None:
        context, file = certificate(tmp_path)
        async with serving(saying(CHUNKED), ssl=context) as (url, count):
            url = url.replace("http:", "https:")
            with pytest.raises(Unreachable, match="certificate"):
                await ask(Providers(), url)
            providers = Providers()
            providers._tls.load_verify_locations(file)
            before = count[0]
            for _ in range(3):
                answer = await ask(providers, url)
                assert await answer.read() == b"hello world"
                answer.close()
            assert count[0] - before == 1
            await providers.close()

    run(test())
