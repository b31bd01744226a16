"""Every page of an organisation goes through `@page`: it finds the organisation, the actor and the permission.

A view without one of the markers here fails the architecture tests, so a new route is closed until someone opens it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.access.selectors import actor_of_user, organisation_of


class Request(HttpRequest):
    """A request inside an organisation, as a page sees it."""

    organisation: Organisation
    actor: Actor
    htmx: Any
    request_id: str


View = Callable[..., HttpResponseBase]


def page(permission: str) -> Callable[[View], View]:
    """Guard a view at /o/<slug>/…: signed in, member of the organisation, holder of `permission` somewhere.

    The view still narrows what it reads to the actor, and its actions still ask for their own permission on the thing.
    Raises NotFound for an outsider and Forbidden for a member without the permission.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(request: Any, slug: str, **kwargs: Any) -> HttpResponseBase:
            request.organisation = organisation_of(slug)
            request.actor = actor_of_user(
                request.user, request.organisation, via="page", request_id=getattr(request, "request_id", "")
            )
            request.actor.require(permission)
            return view(request, **kwargs)

        guarded = login_required(run)
        guarded.guard = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


def open_page(reason: str) -> Callable[[View], View]:
    """Mark a view that needs no membership, saying why: sign-in, health, a link that carries its own secret."""

    def wrap(view: View) -> View:
        view.guard = f"open: {reason}"  # type: ignore[attr-defined]
        return view

    return wrap
