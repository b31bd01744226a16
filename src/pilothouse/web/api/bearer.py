"""Who calls the API: the Bearer token, checked against its hash, with a limit on calls and on wrong guesses."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import Throttled
from ninja.security import HttpBearer

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation, Token
from pilothouse.kernel.access.selectors import actor_of_token, token_of_secret

WINDOW = 60  # seconds


class ApiRequest(HttpRequest):
    """A request that a token let in, as an operation sees it."""

    organisation: Organisation
    actor: Actor
    auth: Token
    request_id: str


class Bearer(HttpBearer):
    """`Authorization: Bearer ph_<prefix>_<secret>`."""

    def __call__(self, request: Any) -> Any:
        # The idempotency decorator asks before the operation does; both must get one answer and count one call.
        if not hasattr(request, "_bearer"):
            request._bearer = super().__call__(request)
        return request._bearer

    def authenticate(self, request: Any, token: str) -> Token | None:
        found = token_of_secret(token)
        actor = actor_of_token(found, request_id=getattr(request, "request_id", "")) if found else None
        if found is None or actor is None:
            count("failed", get_adapter(request).get_client_ip(request), settings.API_FAILURES_PER_MINUTE)
            return None
        count("token", found.prefix, settings.API_CALLS_PER_MINUTE)
        request.actor = actor
        request.organisation = found.organisation
        return found


def count(kind: str, who: str, limit: int) -> None:
    """Count one call in the current minute. Raises Throttled past `limit`.

    The cache is shared by all processes, so the limit is the installation's. Counting is not locked: when many calls
    come in the same millisecond a few may go uncounted, which a limit on load can bear.
    """
    now = timezone.now().timestamp()
    key = f"api:{kind}:{who}:{int(now // WINDOW)}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        calls = cache.incr(key)
    except ValueError:  # it expired between the two lines
        return
    if calls > limit:
        raise Throttled(wait=int(WINDOW - now % WINDOW) + 1)
