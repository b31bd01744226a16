"""Where a webhook may reach: public addresses only, looked up once and then held to.

An organisation's member names the URL, so without this they could read what only this machine can reach: a database, a
cloud's metadata, a colleague's admin page. The name is resolved here and the connection goes to the address that was
judged, so that a name which points elsewhere a moment later gains nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from pilothouse.contracts.errors import Invalid

NOT_PUBLIC = "That address is not a public one. Webhooks reach public addresses only."


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the URL with the judged address in it, and the name that was asked for."""

    url: str
    host: str
    netloc: str


def clean_url(text: str) -> str:
    """A URL that a webhook may have, as far as can be said without looking it up. Raises Invalid."""
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("That is no address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise _wrong("Write it like https://hooks.example/in.")
    if parts.scheme == "http" and not settings.WEBHOOK_ALLOW_PRIVATE:
        raise _wrong("Use https: what is sent is not for everyone on the way.")
    if parts.username or parts.password:
        raise _wrong("Leave the user and password out; the signature says who sends.")
    if port == 0 or len(url) > 1000:
        raise _wrong("That is no address.")
    literal = _address(parts.hostname)
    if literal is not None:
        _judge(literal)
    return url


def target_of(url: str) -> Target:
    """Look a webhook's host up and judge what is found. Raises Invalid when any of it is not public, or nothing is."""
    parts = urlsplit(clean_url(url))
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _wrong(f"The name {host} is not found.") from None
    addresses = [ipaddress.ip_address(entry[4][0]) for entry in found]
    for address in addresses:
        _judge(address)
    chosen = addresses[0]
    place = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    rest = url.split("://", 1)[1]
    path = rest[len(parts.netloc) :]
    return Target(f"{parts.scheme}://{place}:{port}{path or '/'}", host, parts.netloc)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _judge(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return
    # An IPv6 address may carry an IPv4 one inside (mapped, 6to4, Teredo, NAT64): then that one counts as well.
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
    for one in (address, inner):
        if one is not None and (not one.is_global or one.is_multicast or one.is_reserved):
            raise _wrong(NOT_PUBLIC)


def _wrong(text: str) -> Invalid:
    return Invalid("That address will not do.", code="unreachable", fields={"url": text})
