"""Idempotency-Key: a POST that is sent again with the same key is done once and gets the same answer.

The key is claimed, the work done and the answer stored in one transaction, so a crash in between leaves none of the
three. A second request that arrives meanwhile waits for the first (PostgreSQL: on the unique index; SQLite: on the
write lock).
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel.access.models import Replay, Token
from pilothouse.web.api.problem import as_error, problem

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("Content-Type", "ETag", "Location")

Run = Callable[..., Any]


def idempotent(bearer: Callable[[Any], Token | None]) -> Callable[[Run], Run]:
    """A view decorator for every operation of the API; it acts on POST requests that carry a key."""

    def wrap(run: Run) -> Run:
        @functools.wraps(run)
        def inner(request: Any, **kwargs: Any) -> Any:
            key = request.headers.get("Idempotency-Key", "")
            if request.method != "POST" or not key:
                return run(request, **kwargs)
            try:
                token = bearer(request)
                if token is None:
                    return run(request, **kwargs)
                return _once(request, token, key, functools.partial(run, request, **kwargs))
            except Exception as exc:
                error = as_error(exc)
                if error.status >= 500:
                    raise
                return problem(request, error)

        return inner

    return wrap


def _once(request: Any, token: Token, key: str, run: Callable[[], HttpResponse]) -> HttpResponse:
    if len(key) > 200:
        raise Invalid("That Idempotency-Key is too long.", fields={"Idempotency-Key": "At most 200 characters."})
    now = timezone.now()
    wanted = request_hash(request)
    with transaction.atomic():
        Replay.objects.filter(token=token, created_at__lte=now - KEPT_FOR).delete()
        try:
            with transaction.atomic():
                claim = Replay.objects.create(
                    organisation_id=token.organisation_id, token=token, key=key, request_hash=wanted, created_at=now
                )
        except IntegrityError:
            return _again(Replay.objects.get(token=token, key=key), wanted)
        response = run()
        if response.status_code >= 500 or response.streaming:
            transaction.set_rollback(True)
            return response
        claim.status = response.status_code
        if "no-store" not in response.get("Cache-Control", ""):
            claim.headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            claim.body = response.content
        claim.save(update_fields=("status", "headers", "body"))
        return response


def _again(kept: Replay, wanted: str) -> HttpResponse:
    if kept.request_hash != wanted:
        raise Conflict("That Idempotency-Key was used for a different request.", code="key_reused")
    if not kept.headers:
        raise Conflict(
            "This was done already. Its answer held a secret that is shown only once, so it was not kept.",
            code="answer_not_kept",
        )
    response = HttpResponse(bytes(kept.body), status=kept.status)
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotency-Replayed"] = "true"
    return response


def request_hash(request: Any) -> str:
    """SHA-256 over what was asked. An upload counts by its parts, since its boundary differs each time."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name, values in sorted(request.POST.lists()):
            digest.update(repr((name, values)).encode())
        for name, files in sorted(request.FILES.lists(), key=lambda pair: pair[0]):
            for file in files:
                content = hashlib.sha256()
                for chunk in file.chunks():
                    content.update(chunk)
                file.seek(0)
                digest.update(repr((name, file.name, content.hexdigest())).encode())
    else:
        digest.update(request.body)
    return digest.hexdigest()
