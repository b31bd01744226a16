"""Limits on pages that need no sign-in: so many tries a minute from one address, counted for all processes."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from pilothouse.contracts.errors import PilothouseError

WINDOW = 60  # seconds


def limit(request: HttpRequest, what: str, a_minute: int) -> None:
    """Count one try at `what` from the caller's address. Raises a 429 problem past `a_minute`.

    Counting is not locked: of many tries in one millisecond a few may go uncounted, which a limit on load can bear.
    """
    window = int(timezone.now().timestamp() // WINDOW)
    key = f"limit:{what}:{get_adapter(request).get_client_ip(request)}:{window}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        tries = cache.incr(key)
    except ValueError:  # it expired between the two lines
        return
    if tries > a_minute:
        raise PilothouseError("Too many tries from here; wait a minute.", code="too_many_requests", status=429)
