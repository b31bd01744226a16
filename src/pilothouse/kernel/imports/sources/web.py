"""Talking to a service over HTTP: the secret by reference, patience with limits, faults in plain words."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from pilothouse.contracts.errors import Invalid, PilothouseError

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
TRIES = 4
LONGEST_WAIT = 60.0
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class SourceFault(PilothouseError):
    """A service that does not answer as it should."""

    code = "source_fault"
    status = 502


def check_url(url: str) -> str:
    """The address without a slash at its end. Raises Invalid unless it is https (http is for this machine only)."""
    parts = urlsplit(url.strip())
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOCAL):
        raise Invalid(
            "The address must begin with https://.", fields={"url": "Such as https://example.service-now.com"}
        )
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise Invalid("That is not the address of a service.", fields={"url": "Only the address, without a query."})
    return url.strip().rstrip("/")


def check_reference(reference: str, slug: str) -> str:
    """A reference to a secret of this organisation. Raises Invalid for any other, so that none can be borrowed.

    `env:PILOTHOUSE_SOURCE_<ORGANISATION>__…` is a variable of the server; `file:<name>` lies in the data directory
    under secrets/<organisation>/.
    """
    prefix = secret_prefix(slug)
    kind, _, name = reference.strip().partition(":")
    if kind == "env" and name.startswith(prefix) and re.fullmatch(r"[A-Z0-9]+(_[A-Z0-9]+)*", name.removeprefix(prefix)):
        return f"env:{name}"
    if kind == "file" and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}", name):
        return f"file:{name}"
    raise Invalid(
        "That is no reference to a secret of this organisation.",
        fields={"secret_ref": f"env:{prefix}… or file:NAME (in secrets/{slug}/ of the data directory)."},
    )


def secret_prefix(slug: str) -> str:
    """Two underscores end the organisation's name, so that `my` cannot name a secret of `my-org`."""
    return f"PILOTHOUSE_SOURCE_{slug.upper().replace('-', '_')}__"


def secret_of(reference: str, slug: str) -> str:
    """The secret that a reference names. Raises SourceFault when it is not there."""
    kind, _, name = check_reference(reference, slug).partition(":")
    if kind == "env":
        secret = os.environ.get(name, "")
    else:
        path = settings.HOME / "secrets" / slug / name
        secret = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if not secret:
        raise SourceFault(f"The secret {reference} is not there, or empty. Whoever runs the server can set it.")
    return secret


class Web:
    """A client for one service. `auth` is Basic with a user name, else a Bearer token."""

    def __init__(self, url: str, user_name: str, secret: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        headers = {"Accept": "application/json", "User-Agent": "Pilothouse"}
        if not user_name:
            headers["Authorization"] = f"Bearer {secret}"
        self._client = httpx.Client(
            base_url=url,
            headers=headers,
            auth=httpx.BasicAuth(user_name, secret) if user_name else None,
            timeout=TIMEOUT,
            follow_redirects=False,
        )
        self._sleep = sleep

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """The service's answer, below 400. Waits when it says that it is asked too much.

        Raises SourceFault with a plain sentence; a write is repeated only when the service says it was not done (429).
        """
        for attempt in range(TRIES):
            try:
                answer = self._client.request(method, path, **kwargs)
            except httpx.HTTPError as error:
                raise SourceFault(f"{self._client.base_url.host} cannot be reached: {_words(error)}.") from error
            again = answer.status_code == 429 or (answer.status_code == 503 and method == "GET")
            if not again or attempt == TRIES - 1:
                break
            self._sleep(_wait(answer, attempt))
        return self._checked(answer)

    def json(self, method: str, path: str, **kwargs: Any) -> Any:
        """The answer's JSON; None when it has no content."""
        answer = self.call(method, path, **kwargs)
        if answer.status_code == 204 or not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            host = self._client.base_url.host
            raise SourceFault(f"{host} answered with something else than JSON: is the address right?") from None

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        host, code = self._client.base_url.host, answer.status_code
        if code < 300:
            return answer
        reasons = {
            401: f"{host} does not know this user or secret.",
            403: f"{host} does not let this user read or write that.",
            404: f"{host} has nothing at {answer.request.url.path}: is the table or project right?",
            429: f"{host} was asked too much; the next run tries again.",
        }
        moved = f"{host} sends us elsewhere ({answer.headers.get('location', '')[:120]}): enter that address instead."
        detail = moved if code < 400 else reasons.get(code, f"{host} answered {code}: {_said(answer)}")
        raise SourceFault(detail, data={"status": code, "errors": _errors(answer)})


def _wait(answer: httpx.Response, attempt: int) -> float:
    told = answer.headers.get("Retry-After", "")
    return min(float(told) if told.replace(".", "", 1).isdigit() else 2.0**attempt, LONGEST_WAIT)


def _words(error: httpx.HTTPError) -> str:
    return "it took too long" if isinstance(error, httpx.TimeoutException) else str(error).lower()[:200] or "no answer"


def _errors(answer: httpx.Response) -> dict[str, Any]:
    """What a service says is wrong with which field (Jira's shape)."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return dict(body.get("errors") or {}) if isinstance(body, dict) else {}


def _said(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    if isinstance(body, dict):
        error = body.get("error")
        if isinstance(error, dict):
            return str(error.get("message", ""))[:200]
        return " ".join([*map(str, body.get("errorMessages", [])), *map(str, (body.get("errors") or {}).values())])[
            :200
        ]
    return str(body)[:200]
