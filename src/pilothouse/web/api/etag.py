"""Versions against lost updates: a thing's version is its ETag; a writer sends it back in If-Match."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.errors import PilothouseError


def etag(response: Any, version: int) -> None:
    """Say on `response` (an operation's `response: HttpResponse` argument) which version this is."""
    response["ETag"] = f'"v{version}"'


def if_match(request: Any, version: int) -> int | None:
    """The version the caller read, to pass on to the action, or None when the caller sent no If-Match.

    Raises a 412 problem when the thing has moved on from the version the caller read.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    if f'"v{version}"' not in [tag.strip() for tag in header.split(",")]:
        raise PilothouseError(
            "It has changed since you read it. Read it again, then repeat your change.",
            code="stale",
            status=412,
            data={"version": version},
        )
    return version
