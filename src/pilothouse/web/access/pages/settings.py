"""Settings of the organisation, API tokens, how people sign in; and one's own page."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings as installation
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.models import Person, Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.actions import Issued
from pilothouse.kernel.directory.selectors import story_of, tokens
from pilothouse.web.access.forms import DeputyForm, OrganisationForm, TokenForm, tell
from pilothouse.web.page import Request, page

ASKED = ("name", "time_zone", "currency")


def tabs(request: Request) -> list[tuple[str, str, str]]:
    """The pages of settings that this actor may open."""
    base, may = f"/o/{request.organisation.slug}", request.actor.may
    pages = [
        ("organisation", "Organisation", f"{base}/settings/", may("organisation.view")),
        ("tokens", "API tokens", f"{base}/settings/tokens/", may("token.issue") or may("token.manage")),
        ("fields", "Custom fields", f"{base}/systems/fields/", may("organisation.change")),
        ("webhooks", "Webhooks", f"{base}/settings/webhooks/", may("webhook.manage")),
        ("sign_in", "Sign-in", f"{base}/settings/sign-in/", may("people.view")),
    ]
    return [(key, title, href) for key, title, href, shown in pages if shown]


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def organisation(request: Request) -> HttpResponse:
    """Name, time zone and currency: everyone may look, some may change."""
    may_change = request.actor.may("organisation.change")
    initial = {key: getattr(request.organisation, key) for key in ASKED}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST":
        request.actor.require("organisation.change")
        if form.is_valid():
            try:
                do.organisation_change(actor=request.actor, changes=form.cleaned_data)
                messages.success(request, "Saved.")
                return redirect("access:settings", slug=request.organisation.slug)
            except PilothouseError as error:
                tell(form, error)
    context = {"form": form, "may_change": may_change, "tabs": tabs(request)}
    return render(request, "access/settings.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page("organisation.view")
def token_list(request: Request) -> HttpResponse:
    """One's own tokens and, for who manages them, everyone's. A new secret is shown once, on the answer itself."""
    actor = request.actor
    if not actor.may("token.manage"):
        actor.require("token.issue")
    form = TokenForm(actor, request.POST or None)
    issued: Issued | None = None
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            issued = do.token_issue(
                actor=actor,
                name=wanted["name"],
                scopes=wanted["scopes"],
                expires_at=timezone.now() + timedelta(days=wanted["days"]),
                service=wanted.get("service", False),
            )
            form = TokenForm(actor)
        except PilothouseError as error:
            tell(form, error)
    return _tokens(request, form, issued, 422 if form.errors else 200)


def _tokens(request: Request, form: TokenForm, issued: Issued | None, status: int = 200) -> HttpResponse:
    moment = timezone.now()
    rows = [
        (token, token.is_live(moment), [PERMISSIONS.get(scope, scope) for scope in token.scopes])
        for token in tokens(request.actor)[:200]
    ]
    context = {"form": form, "issued": issued, "rows": rows, "tabs": tabs(request), "me": request.actor.person_id}
    response = render(request, "access/tokens.html", context, status=status)
    # The page may hold a secret, which no cache on the way should keep.
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page("organisation.view")
def token_revoke(request: Request, token_id: UUID) -> HttpResponse:
    """Make a token worthless."""
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    do.token_revoke(actor=request.actor, token=token)
    messages.success(request, f"“{token.name}” no longer opens anything.")
    return redirect("access:tokens", slug=request.organisation.slug)


@require_POST
@page("organisation.view")
def token_rotate(request: Request, token_id: UUID) -> HttpResponse:
    """Give a token a new secret and show it once."""
    token: Token = Token.objects.get_of(request.actor, pk=token_id)
    issued = do.token_rotate(actor=request.actor, token=token)
    return _tokens(request, TokenForm(request.actor), issued)


@require_GET
@page("people.view")
def sign_in(request: Request) -> HttpResponse:
    """How people sign in here, and who cannot yet."""
    people = Person.objects.of(request.actor).filter(left_at=None)
    providers = [app["name"] for app in installation.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])]
    second = people.filter(user__authenticator__isnull=False).distinct().count()
    context = {
        "tabs": tabs(request),
        "providers": providers,
        "can": people.filter(user__isnull=False).count(),
        "cannot": people.filter(user=None).count(),
        "second": second,
        "open": installation.SIGNUP_OPEN,
        "https": installation.BASE_URL.startswith("https:"),
    }
    return render(request, "access/sign_in.html", context)


@require_GET
@page("organisation.view")
def me(request: Request) -> HttpResponse:
    """One's own page: roles here, deputies, and the ways to one's account."""
    people = Person.objects.of(request.actor).select_related("unit", "user")
    person = people.filter(pk=request.actor.person_id).first() if request.actor.person_id else None
    if person is None:
        raise NotFound
    context = {
        "person": person,
        "story": story_of(request.actor, person),
        "deputy_form": DeputyForm(request.organisation, request.actor),
        "may_tokens": request.actor.may("token.issue"),
    }
    return render(request, "access/me.html", context)
