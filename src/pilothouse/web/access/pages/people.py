"""The people of an organisation: the list, one person, and what one may do about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.contracts.errors import NotFound, PilothouseError
from pilothouse.kernel.access.models import Deputy, Membership, Person, Role, Unit
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.power import power_request
from pilothouse.kernel.directory.rules import is_powerful
from pilothouse.kernel.directory.selectors import PeopleQuery, people_found, person_of, story_of
from pilothouse.kernel.inventory.selectors import unit_tree
from pilothouse.web.access.forms import DEEP, DeputyForm, PersonForm, RoleForm, tell
from pilothouse.web.page import Request, page

A_PAGE = 50
STATES = (
    ("here", "Here"),
    ("signs_in", "Can sign in"),
    ("no_sign_in", "Cannot sign in"),
    ("left", "Left"),
    ("all", "All"),
)


@require_GET
@page("people.view")
def people_list(request: Request) -> HttpResponse:
    """Everyone, with search and filters in the address."""
    actor = request.actor
    query = _query(request)
    found = Paginator(people_found(actor, query), A_PAGE).get_page(request.GET.get("page"))
    units = [(str(u.pk), DEEP * depth + u.name) for u, depth in unit_tree(Unit.objects.of(actor))]
    context = {
        "query": query,
        "page": found,
        "filtered": query != PeopleQuery(),
        "units": units,
        "roles": list(Role.objects.of(actor).values_list("key", "title")),
        "states": STATES,
        "may_manage": actor.may("people.manage"),
    }
    return render(request, "access/people.html", context)


def _query(request: Request) -> PeopleQuery:
    try:
        unit = UUID(request.GET["unit"]) if request.GET.get("unit") else None
    except ValueError:
        unit = None
    return PeopleQuery(
        q=" ".join(request.GET.get("q", "").split())[:100],
        unit=unit,
        role=request.GET.get("role", "")[:40],
        state=request.GET.get("state") or "here",
    )


@require_http_methods(["GET", "POST"])
@page("people.manage")
def person_new(request: Request) -> HttpResponse:
    """Add a person."""
    form = PersonForm(request.actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = do.person_add(actor=request.actor, **form.cleaned_data)
        except PilothouseError as error:
            tell(form, error)
        else:
            messages.success(request, f"{person.name} is added. Give them a role, then invite them to sign in.")
            return _to(request, person)
    return render(request, "access/person_form.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@page("people.view")
def person_detail(request: Request, person_id: UUID) -> HttpResponse:
    """One person: roles, deputies, what they own, and what may be done."""
    return _detail(request, person_of(request.actor, person_id))


def _detail(request: Request, person: Person, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    may_manage = actor.may("people.manage", person)
    story = story_of(actor, person)
    is_me = actor.person_id == person.pk
    context = {
        "person": person,
        "story": story,
        "may_manage": may_manage,
        "is_me": is_me,
        "may_deputise": is_me or (may_manage and not story.powerful),
        "role_form": forms.get("role_form") or RoleForm(actor),
        "deputy_form": forms.get("deputy_form") or DeputyForm(request.organisation, actor),
    }
    return render(request, "access/person.html", context, status=status)


@require_http_methods(["GET", "POST"])
@page("people.manage")
def person_edit(request: Request, person_id: UUID) -> HttpResponse:
    """Change a person's name, address, title, unit or external id."""
    person = person_of(request.actor, person_id, "people.manage")
    form = PersonForm(request.actor, request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        try:
            do.person_change(actor=request.actor, person=person, changes=form.cleaned_data)
        except PilothouseError as error:
            tell(form, error)
        else:
            messages.success(request, "Saved.")
            return _to(request, person)
    context = {"form": form, "person": person}
    return render(request, "access/person_form.html", context, status=422 if form.errors else 200)


@require_POST
@page("people.manage")
def person_invite(request: Request, person_id: UUID) -> HttpResponse:
    """Let a person sign in."""
    person = person_of(request.actor, person_id, "people.manage")
    try:
        do.person_invite(actor=request.actor, person=person)
        messages.success(
            request,
            f"{person.name} can sign in with {person.email}: by single sign-on, or with a password that they set "
            "under “Forgot your password?”.",
        )
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
    return _to(request, person)


@require_http_methods(["GET", "POST"])
@page("people.manage")
def person_leave(request: Request, person_id: UUID) -> HttpResponse:
    """Someone leaves: shows what ends, then ends it."""
    person = person_of(request.actor, person_id, "people.manage")
    if request.method == "POST":
        lost = do.person_leave(actor=request.actor, person=person, reason=request.POST.get("reason", "")[:300])
        messages.success(request, f"{person.name} has left. Systems without them now: {lost}.")
        return _to(request, person)
    story = story_of(request.actor, person)
    return render(request, "access/person_leave.html", {"person": person, "story": story})


@require_POST
@page("people.manage")
def person_return(request: Request, person_id: UUID) -> HttpResponse:
    """Someone who left is back, with no roles."""
    person = person_of(request.actor, person_id, "people.manage")
    do.person_return(actor=request.actor, person=person)
    messages.success(request, f"{person.name} is back. Give them their roles anew.")
    return _to(request, person)


@require_POST
@page("people.manage")
def role_give(request: Request, person_id: UUID) -> HttpResponse:
    """Give a role, or ask for it when it is a powerful one."""
    person = person_of(request.actor, person_id, "people.manage")
    form = RoleForm(request.actor, request.POST)
    if form.is_valid():
        role, unit, reason = form.chosen(), form.cleaned_data["unit"], form.cleaned_data["reason"]
        try:
            if is_powerful(role.permissions):
                power_request(actor=request.actor, person=person, role=role, unit=unit, reason=reason)
                messages.info(request, f"“{role.title}” is a powerful role. Someone else has been asked to decide.")
            else:
                do.membership_grant(actor=request.actor, person=person, role=role, unit=unit)
                messages.success(request, f"{person.name} has the role “{role.title}”.")
            return _to(request, person)
        except PilothouseError as error:
            tell(form, error)
    return _detail(request, person, 422, role_form=form)


@require_POST
@page("people.manage")
def role_take(request: Request, person_id: UUID, membership_id: UUID) -> HttpResponse:
    """Take a role away, or ask for it when it is a powerful one of somebody else."""
    person = person_of(request.actor, person_id, "people.manage")
    membership: Membership = Membership.objects.select_related("role", "unit").get_of(
        request.actor, pk=membership_id, person=person
    )
    role = membership.role
    try:
        if is_powerful(role.permissions) and person.pk != request.actor.person_id:
            reason = request.POST.get("reason", "")
            power_request(
                actor=request.actor, person=person, role=role, unit=membership.unit, give=False, reason=reason
            )
            messages.info(request, f"Someone else has been asked to decide about “{role.title}”.")
        else:
            do.membership_revoke(actor=request.actor, membership=membership)
            messages.success(request, f"{person.name} no longer has the role “{role.title}”.")
    except PilothouseError as error:
        messages.error(request, " ".join([error.detail, *error.fields.values()]))
    return _to(request, person)


@require_POST
@page("organisation.view")
def deputy_add(request: Request, person_id: UUID) -> HttpResponse:
    """Appoint a deputy: for oneself, or for someone one manages."""
    person = _mine_or_managed(request, person_id)
    form = DeputyForm(request.organisation, request.actor, request.POST)
    if form.is_valid():
        start, end = form.period()
        deputy = Person.objects.of(request.actor).filter(pk=form.cleaned_data["deputy"]).first()
        if deputy is None:
            raise NotFound
        try:
            do.deputy_appoint(
                actor=request.actor, person=person, deputy=deputy, starts_at=start, ends_at=end,
                reason=form.cleaned_data["reason"],
            )  # fmt: skip
            messages.success(request, f"{deputy.name} stands in for {person.name} in that time.")
            return _to(request, person)
        except PilothouseError as error:
            fields = {"ends_at": "last_day", "starts_at": "first_day"}
            error.fields = {fields.get(key, key): text for key, text in error.fields.items()}
            tell(form, error)
    if request.actor.may("people.view", person):
        return _detail(request, person, 422, deputy_form=form)
    for text in (text for texts in form.errors.values() for text in texts):
        messages.error(request, str(text))
    return redirect("access:me", slug=request.organisation.slug)


@require_POST
@page("organisation.view")
def deputy_end(request: Request, person_id: UUID, deputy_id: UUID) -> HttpResponse:
    """End an appointment now."""
    row: Deputy = Deputy.objects.select_related("person", "deputy").get_of(request.actor, pk=deputy_id)
    if person_id not in (row.person_id, row.deputy_id):
        raise NotFound
    do.deputy_end(actor=request.actor, appointment=row)
    messages.success(request, f"{row.deputy.name} no longer stands in for {row.person.name}.")
    return _to(request, row.person if row.person_id == person_id else row.deputy)


def _mine_or_managed(request: Request, person_id: UUID) -> Person:
    if person_id == request.actor.person_id:
        return Person.objects.select_related("unit", "user").get_of(request.actor, pk=person_id)
    return person_of(request.actor, person_id, "people.manage")


def _to(request: Request, person: Person) -> HttpResponse:
    slug = request.organisation.slug
    if person.pk == request.actor.person_id and not request.actor.may("people.view", person):
        return redirect("access:me", slug=slug)
    return redirect("access:person", slug=slug, person_id=person.pk)
