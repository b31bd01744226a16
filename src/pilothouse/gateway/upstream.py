"""Calls to model providers: one pool of connections for each worker."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDictProxy

KEPT_SECONDS = 20.0  # idle connections; most providers close theirs later than this
LARGEST_ANSWER = 64 * 1024 * 1024


class Unreachable(Exception):
    """Nothing of an answer came: the call may be tried elsewhere. `sent` says whether the provider may have it."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason, self.sent = reason, sent


class BrokenOff(Exception):
    """The answer began and did not end."""


@dataclass(slots=True)
class Answer:
    """A provider's answer, whose body is read once, in one of two ways."""

    status: int
    headers: CIMultiDictProxy[str]
    _response: aiohttp.ClientResponse

    async def read(self) -> bytes:
        """The whole body. Raises BrokenOff."""
        parts: list[bytes] = []
        size = 0
        async for part in self.chunks():
            parts.append(part)
            size += len(part)
            if size > LARGEST_ANSWER:
                raise BrokenOff("the answer is too large")
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises BrokenOff."""
        try:
            async for part in self._response.content.iter_any():
                yield part
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise BrokenOff(_words(error)) from error

    def close(self) -> None:
        """Give the connection back when the body was read to its end, else drop it, which stops the provider."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


class Providers:
    """The pool. Made inside the running loop, closed at its end."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS, ttl_dns_cache=30),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),  # a provider's cookie must not travel from one caller to another
            trust_env=False,
        )

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, connect: float, silence: float
    ) -> Answer:
        """Ask once. `connect` and `silence` are the seconds until there is a connection, and without a byte.

        Raises Unreachable.

        Redirects are not followed: they would take the provider's key to another host.
        """
        try:
            response = await self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=silence),
            )
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(_words(error), sent=False) from error
        except (aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise Unreachable(_words(error), sent=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError, ValueError) as error:
            raise Unreachable(_words(error), sent=True) from error
        return Answer(response.status, response.headers, response)

    async def close(self) -> None:
        await self._session.close()


def _words(error: Exception) -> str:
    """What went wrong without addresses or keys, for a log and for the caller."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not known"
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError):
        return "its certificate is not accepted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "it takes no connection"
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return "its address is not an address"
    return "it broke the connection off"
