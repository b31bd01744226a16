"""Every error of the API has one shape: application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from ninja import Field, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import NotFound, PilothouseError

MEDIA_TYPE = "application/problem+json"


class Problem(Schema):
    """What went wrong, for a program (`code`) and for a person (`detail`)."""

    type: str = Field(description="urn:pilothouse:problem: and the code.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Stable and machine-readable, such as not_found or conflict.")
    detail: str = Field(description="One sentence for a person.")
    fields: dict[str, str] = Field(description="What is wrong with which field of the input.")
    data: dict[str, Any] = Field(description="Facts that help to go on, such as the version that is current.")
    request_id: str = Field(description="Quote this when asking for help; the log has it too.")


def problem(request: Any, error: PilothouseError) -> HttpResponse:
    """`error` as a response."""
    body = {
        "type": f"urn:pilothouse:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "fields": error.fields,
        "data": plain(error.data),
        "request_id": getattr(request, "request_id", ""),
    }
    response = HttpResponse(json.dumps(body), status=error.status, content_type=MEDIA_TYPE)
    if error.status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.data:
        response["Retry-After"] = str(error.data["retry_after"])
    return response


def as_error(exc: Exception) -> PilothouseError:
    """Whatever an operation may raise, as the one error. What is no fault of the caller's becomes a plain 500."""
    if isinstance(exc, PilothouseError):
        return exc
    if isinstance(exc, ValidationError):
        return invalid(exc.errors)
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, AuthenticationError):
        return PilothouseError(
            "Send a live API token as “Authorization: Bearer ph_…”.", code="unauthenticated", status=401
        )
    if isinstance(exc, Throttled):
        wait = {"retry_after": exc.wait} if exc.wait is not None else {}
        return PilothouseError("Too many requests; wait a little.", code="too_many_requests", status=429, data=wait)
    if isinstance(exc, HttpError):
        return of_status(exc.status_code, str(exc))
    if isinstance(exc, PermissionDenied):
        return of_status(403)
    if isinstance(exc, RequestDataTooBig):
        return PilothouseError("The request is too large.", code="too_large", status=413)
    if isinstance(exc, BadRequest | SuspiciousOperation):
        return PilothouseError("The request could not be understood.", code="bad_request", status=400)
    return of_status(500)


WORDS = {
    400: ("bad_request", "The request could not be understood."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is nothing here, or it is not yours to see."),
    405: ("method_not_allowed", "This address does not take that method."),
    413: ("too_large", "The request is too large."),
    500: ("internal", "Something broke on our side. The log has the details under this request id."),
}


def of_status(status: int, detail: str = "") -> PilothouseError:
    """The error that an HTTP status stands for when nothing better is known."""
    code, words = WORDS.get(status, (HTTPStatus(status).name.lower(), HTTPStatus(status).phrase + "."))
    return PilothouseError(detail or words, code=code, status=status)


def invalid(errors: Iterable[Mapping[str, Any]]) -> PilothouseError:
    """Validation errors by field: `body.name` loses the place it came in, nested fields keep their path."""
    fields: dict[str, str] = {}
    for error in errors:
        place, *path = [str(part) for part in error.get("loc", ())] or ["request"]
        # The second part is the name of the operation's body parameter, which the caller never sees.
        named = path[1:] if place in {"body", "form"} and len(path) > 1 else path
        fields.setdefault(".".join(named) or place, str(error.get("msg", "Not valid.")))
    return PilothouseError("Some of the input is not valid.", code="invalid", status=422, fields=fields)
