"""Issuers of identity tokens: what may be said of one, and the public keys that it shows at its address.

The control plane fetches the keys; a gateway is given them with the policy and never asks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from pilothouse.contracts.errors import Invalid
from pilothouse.contracts.policy.snapshot import SIGNATURES
from pilothouse.kernel.notify.reach import target_of

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LARGEST = 256 * 1024  # bytes of what an issuer shows
MOST_KEYS = 20
KEPT = timedelta(hours=72)  # keys that could not be fetched anew for so long are used no more
# The public members of a key, by its type (RFC 7518, section 6); everything else is left out.
PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
COMMON = ("kty", "kid", "alg")
SHORTEST_MODULUS = 340  # characters of base64: 2,040 bits and more


def clean_keys(document: Any) -> list[dict[str, str]]:
    """The signing keys of a JSON Web Key Set, their public parts alone. Raises Invalid when there are none."""
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise Invalid("That is no set of keys.", fields={"keys": "A JSON object with “keys”, as issuers show it."})
    found = [_public(key) for key in listed if isinstance(key, Mapping) and _signs(key)]
    found = [key for key in found if key][:MOST_KEYS]
    if not found:
        raise Invalid("There is no key in it that could sign.", fields={"keys": "RSA from 2,048 bits, EC or Ed25519."})
    return found


def _signs(key: Mapping[str, Any]) -> bool:
    if key.get("use", "sig") != "sig" or key.get("alg", next(iter(SIGNATURES))) not in SIGNATURES:
        return False
    return key.get("kty") != "RSA" or len(str(key.get("n", ""))) >= SHORTEST_MODULUS


def _public(key: Mapping[str, Any]) -> dict[str, str]:
    names = PUBLIC.get(str(key.get("kty")), ())
    if not names or not all(isinstance(key.get(name), str) for name in names):
        return {}
    return {name: key[name] for name in (*COMMON, *names) if isinstance(key.get(name), str)}


def clean_url(text: str, field: str = "url") -> str:
    """An issuer's address as its tokens write it. Raises Invalid."""
    url = text.strip()
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.fragment or len(url) > 500:
        raise Invalid("That is no issuer's address.", fields={field: "Such as https://login.example/realms/main."})
    return url


def fetch_keys(url: str, keys_url: str) -> list[dict[str, str]]:
    """The keys that an issuer shows: at `keys_url`, or where its own discovery document says. Raises Invalid."""
    if not keys_url:
        said = _get(url.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != url:
            raise Invalid("The address speaks for another issuer.", fields={"url": f"It says “{said.get('issuer')}”."})
        keys_url = clean_url(str(said.get("jwks_uri", "")), "keys_url")
    return clean_keys(_get(keys_url))


def _get(url: str) -> dict[str, Any]:
    """A JSON object from a public address, looked up once and held to."""
    target = target_of(url)
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "GET",
                target.url,
                headers={"host": target.netloc, "accept": "application/json"},
                extensions={"sni_hostname": target.host},
            ) as answer,
        ):
            if answer.status_code != 200:
                raise _unread(target.host, f"it answered {answer.status_code}")
            data = b""
            for part in answer.iter_bytes():
                data += part
                if len(data) > LARGEST:
                    raise _unread(target.host, "it sends too much")
    except (httpx.HTTPError, OSError) as error:
        raise _unread(target.host, type(error).__name__) from None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unread(target.host, "it sends something else than JSON")
    return found


def _unread(host: str, why: str) -> Invalid:
    return Invalid("The issuer's keys cannot be read.", code="unreachable", fields={"url": f"{host}: {why}."})
