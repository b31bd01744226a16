"""How a page says that something cannot be done: what happened, why, and what to do next.

A page gets a page, an htmx request a toast. Absent and forbidden-to-know look the same, because both are NotFound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.web.page import open_page

# The API and the machines' addresses answer in their own shapes.
NOT_PAGES = ("/api/", "/scim/", "/healthz", "/readyz", "/metrics")


@dataclass(frozen=True, slots=True)
class Words:
    """The heading of an error page and what its reader may do next."""

    heading: str
    following: str


WORDS = {
    400: Words("That request made no sense", "Go back and try again; if you came by a link, it may be cut short."),
    403: Words("Your roles do not include this", "Ask whoever manages people and roles, or go back."),
    404: Words("Not found", "Check the address, or begin again from the start page."),
    409: Words("Somebody was faster", "Go back, look at what changed, and decide again."),
    410: Words("This link has ended", "Ask the person who sent it for a new one."),
    413: Words("That is too large", "Split the file, or ask who runs this installation to raise the limit."),
    422: Words("Something in it is not right", "Go back; what you typed is still there. Mend it and send it again."),
    429: Words("Too many tries", "Wait a few minutes, then try again."),
    500: Words(
        "That went wrong on our side", "Nothing was changed. Try again; if it happens again, tell who runs this."
    ),
    503: Words("Not ready yet", "Try again in a minute."),
}


class ErrorPages:
    """Middleware: a PilothouseError or Http404 raised by a page becomes an HTML page, or a toast for htmx."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if request.path.startswith(NOT_PAGES):
            return None
        if isinstance(exception, Http404):
            exception = NotFound()
        return error_response(request, exception) if isinstance(exception, PilothouseError) else None


def error_response(request: HttpRequest, error: PilothouseError) -> HttpResponse:
    """The page or the toast for `error`."""
    words = WORDS.get(error.status, WORDS[400 if error.status < 500 else 500])
    context: dict[str, Any] = {
        "status": error.status,
        "heading": words.heading,
        "why": error.detail,
        "following": words.following,
        "fields": error.fields,
        "request_id": getattr(request, "request_id", ""),
    }
    if getattr(request, "htmx", False):
        response = HttpResponse(render_to_string("shell/error_toast.html", context), status=error.status)
        response["HX-Retarget"] = "#toasts"
        response["HX-Reswap"] = "beforeend"
        return response
    return render(request, "shell/error.html", context, status=error.status)


@open_page("an address that leads nowhere tells nobody anything")
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The site's handler404."""
    return error_response(request, NotFound())


@open_page("a refused request tells nobody anything")
def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """The site's handler403 and CSRF_FAILURE_VIEW: mostly a form that lay open for too long."""
    detail = "This form has expired, or it was not sent from a page of this site." if reason else "This is not allowed."
    return error_response(request, PilothouseError(detail, code="forbidden", status=403))


@open_page("a malformed request tells nobody anything")
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The site's handler400."""
    return error_response(request, PilothouseError("The address or the form could not be read."))


@open_page("a failure must be told even when nothing else works")
def server_error(request: HttpRequest) -> HttpResponse:
    """The site's handler500. It reads no database: that may be what failed."""
    context = {"request_id": getattr(request, "request_id", "")}
    return HttpResponse(render_to_string("shell/failure.html", context), status=500)
