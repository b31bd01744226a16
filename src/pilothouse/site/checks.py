"""What is looked at when Pilothouse starts: each setting that can be wrong, in a sentence, with what to do."""

from __future__ import annotations

import difflib
import ipaddress
import os
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as Note

from pilothouse.site.variables import VARIABLES

LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})

# Families of names: the tests' own, and the secrets of scheduled sources.
FREE = ("PILOTHOUSE_TEST_", "PILOTHOUSE_SOURCE_", "PILOTHOUSE_UPSTREAM_")


@register("settings")
def secret_key(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except Exception:  # Django refuses to hand out an empty one
        key = ""
    if not key:
        hint = "Run `pilothouse init`, which makes one, or set PILOTHOUSE_SECRET_KEY."
        return [Error("There is no secret key.", hint=hint, id="pilothouse.E001")]
    if len(key) < 32 and settings.BASE_URL.startswith("https:"):
        hint = "Use at least 32 random characters: sessions and links are signed with it."
        return [Error("The secret key is too short to protect a served installation.", hint=hint, id="pilothouse.E002")]
    return []


@register("settings")
def database(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    url = os.environ.get("PILOTHOUSE_DATABASE_URL", "")
    if url and urlsplit(url).scheme not in ("sqlite", "postgresql"):
        hint = "Write sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name."
        return [Error("PILOTHOUSE_DATABASE_URL names no engine that is known.", hint=hint, id="pilothouse.E003")]
    if url and not settings.DATABASES["default"]["NAME"]:
        return [Error("PILOTHOUSE_DATABASE_URL names no database.", hint="Add its name.", id="pilothouse.E004")]
    return []


@register("settings")
def address(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    parts = urlsplit(settings.BASE_URL)
    host = parts.hostname or ""
    found: list[CheckMessage] = []
    if parts.scheme not in ("http", "https") or not host:
        hint = "Write it as people open it, such as https://pilothouse.example."
        return [Error("PILOTHOUSE_URL is not an address.", hint=hint, id="pilothouse.E005")]
    if parts.scheme == "http" and host not in LOCAL:
        hint = "Put a proxy with TLS in front and set PILOTHOUSE_URL to its https address."
        found.append(Note("Passwords and tokens travel unencrypted.", hint=hint, id="pilothouse.W006"))
    if "*" in settings.ALLOWED_HOSTS:
        hint = "List the names under which people open it in PILOTHOUSE_HOSTS."
        found.append(
            Note("Any host name is accepted, so a forged one could reach mails.", hint=hint, id="pilothouse.W007")
        )
    elif not any(_covers(allowed, host) for allowed in settings.ALLOWED_HOSTS):
        hint = f"Add {host} to PILOTHOUSE_HOSTS."
        found.append(
            Error("PILOTHOUSE_HOSTS does not list PILOTHOUSE_URL's own host.", hint=hint, id="pilothouse.E008")
        )
    return found


@register("settings")
def proxies(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    wrong = [part for part in settings.TRUSTED_PROXIES.split(",") if part and not _is_network(part.strip())]
    if "*" in settings.TRUSTED_PROXIES:
        hint = "Name the proxy's address; else anyone can claim to come from any address."
        return [Note("Every proxy is trusted.", hint=hint, id="pilothouse.W009")]
    if wrong:
        hint = "List IP addresses or networks with commas between them."
        return [Error(f"PILOTHOUSE_TRUSTED_PROXIES: {wrong[0]} is no address.", hint=hint, id="pilothouse.E010")]
    return []


@register("settings")
def home_folder(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    if settings.HOME.exists() and not os.access(settings.HOME, os.W_OK):
        hint = "Set PILOTHOUSE_HOME to a folder that this user may write to."
        return [Error(f"The data directory {settings.HOME} cannot be written.", hint=hint, id="pilothouse.E011")]
    key = settings.HOME / "secret.key"
    if key.exists() and key.stat().st_mode & 0o077:
        return [Note("Others can read the secret key.", hint=f"chmod 600 {key}", id="pilothouse.W012")]
    return []


@register("settings")
def unknown_variables(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """A misspelt setting is silent otherwise."""
    found: list[CheckMessage] = []
    for name in sorted(os.environ):
        if name.startswith("PILOTHOUSE_") and not name.startswith(FREE) and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, 1)
            hint = f"Did you mean {near[0]}?" if near else "docs/settings.md lists them all."
            found.append(Note(f"{name} is set, but there is no such setting.", hint=hint, id="pilothouse.W013"))
    return found


def _covers(allowed: str, host: str) -> bool:
    allowed = allowed.strip().lower().strip("[]")
    return host == allowed or (allowed.startswith(".") and (host.endswith(allowed) or host == allowed[1:]))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True
