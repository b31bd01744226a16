"""`pilothouse org`, `pilothouse person` and `pilothouse token`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from django.core.exceptions import ValidationError

from pilothouse.contracts.errors import Invalid, NotFound
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Organisation, Person, Role, Unit
from pilothouse.kernel.clock import now
from pilothouse.kernel.directory import actions as do
from pilothouse.kernel.directory.roster import plan, roster_apply
from pilothouse.kernel.directory.selectors import PeopleQuery, people_found
from pilothouse.web.cli import Json, Org, emit, finish, operator

org = typer.Typer(help="Organisations.", no_args_is_help=True)
person = typer.Typer(help="People, their roles and their leaving.", no_args_is_help=True)
token = typer.Typer(help="API tokens.", no_args_is_help=True)
COMMANDS = {"org": org, "person": person, "token": token}

Who = Annotated[str, typer.Argument(help="E-mail address or external id.")]


@org.command("create")
def org_create(
    slug: Annotated[str, typer.Argument(help="Short name, as in its address /o/SLUG/.")],
    name: Annotated[str, typer.Option(help="Its name; the short name when left out.")] = "",
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Amsterdam.")] = "UTC",
    currency: Annotated[str, typer.Option(help="Three capitals.")] = "EUR",
    admin: Annotated[str, typer.Option(help="E-mail of the first CAIO, who may then sign in.")] = "",
    admin_name: Annotated[str, typer.Option(help="Their name.")] = "",
    json: Json = False,
) -> None:
    """Make an empty organisation with the default roles, and with --admin its first CAIO."""
    made = do.organisation_create(slug=slug, name=name or slug, by="CLI", time_zone=time_zone, currency=currency)
    told: dict[str, Any] = {"slug": made.slug, "name": made.name}
    if admin:
        actor = operator(made.slug)
        first = do.person_add(actor=actor, name=admin_name or admin, email=admin)
        do.membership_grant(actor=actor, person=first, role=_role(actor, "caio"))
        do.person_invite(actor=actor, person=first)
        told["admin"] = first.email
    emit(
        told,
        json,
        f"{made.name} is at /o/{made.slug}/."
        + (f" {admin} may sign in: see `pilothouse person password`." if admin else ""),
    )


@org.command("list")
def org_list(json: Json = False) -> None:
    """Every organisation of this installation."""
    emit([{"slug": o.slug, "name": o.name, "demo": o.is_demo} for o in Organisation.objects.order_by("slug")], json)


@person.command("list")
def person_list(
    org: Org, q: Annotated[str, typer.Option(help="Words of the name, address or title.")] = "",
    state: Annotated[str, typer.Option(help="here, left, signs_in, no_sign_in or all.")] = "here", json: Json = False,
) -> None:  # fmt: skip
    """People of an organisation."""
    emit([_told(p) for p in people_found(operator(org), PeopleQuery(q=q, state=state))], json)


@person.command("add")
def person_add(
    org: Org,
    name: Annotated[str, typer.Argument(help="The person's name.")],
    email: Annotated[str, typer.Option(help="Needed to sign in.")] = "",
    title: Annotated[str, typer.Option()] = "",
    unit: Annotated[str, typer.Option(help="Name of a unit.")] = "",
    role: Annotated[list[str] | None, typer.Option(help="Short name of a role; may be repeated.")] = None,
    invite: Annotated[bool, typer.Option(help="Let them sign in.")] = False,
    json: Json = False,
) -> None:
    """Add a person, with roles if you like."""
    actor = operator(org)
    roles = [_role(actor, key) for key in role or []]
    made = do.person_add(actor=actor, name=name, email=email, title=title, unit=_unit(actor, unit))
    for one in roles:
        do.membership_grant(actor=actor, person=made, role=one)
    if invite:
        do.person_invite(actor=actor, person=made)
    emit(_told(_person(actor, str(made.pk))), json)


@person.command("grant")
def person_grant(org: Org, who: Who, role: Annotated[str, typer.Argument(help="Short name of a role.")],
                 unit: Annotated[str, typer.Option(help="Name of a unit; everywhere without.")] = "",
                 json: Json = False) -> None:  # fmt: skip
    """Give a role, a powerful one too: the operator's word is in the ledger."""
    actor = operator(org)
    do.membership_grant(actor=actor, person=_person(actor, who), role=_role(actor, role), unit=_unit(actor, unit))
    emit(_told(_person(actor, who)), json)


@person.command("revoke")
def person_revoke(org: Org, who: Who, role: Annotated[str, typer.Argument(help="Short name of a role.")],
                  json: Json = False) -> None:  # fmt: skip
    """Take a role away wherever it is held."""
    actor = operator(org)
    held = list(Membership.objects.of(actor).filter(person=_person(actor, who), role=_role(actor, role)))
    if not held:
        raise NotFound("They do not have that role.")
    for membership in held:
        do.membership_revoke(actor=actor, membership=membership)
    emit(_told(_person(actor, who)), json)


@person.command("leave")
def person_leave(org: Org, who: Who, reason: Annotated[str, typer.Option()] = "", json: Json = False) -> None:
    """Someone leaves: roles, tokens and deputies end, systems become ownerless."""
    actor = operator(org)
    lost = do.person_leave(actor=actor, person=_person(actor, who), reason=reason)
    emit({"systems_without_them": lost}, json, f"Systems without them now: {lost}.")


@person.command("password")
def person_password(org: Org, who: Who, json: Json = False) -> None:
    """Set a password for someone who may sign in; it is asked for, or read from standard input, and never printed."""
    actor = operator(org)
    user = do.person_invite(actor=actor, person=_person(actor, who))
    secret = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
    do.password_set(actor=actor, user=user, password=secret)
    emit({"email": user.email}, json, f"{user.email} may sign in with it.")


@person.command("import")
def person_import(
    org: Org,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV in UTF-8.")],
    absent_leave: Annotated[bool, typer.Option(help="People with an external id who are not in it have left.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Show what it would do.")] = False,
    json: Json = False,
) -> None:
    """Add, change and let go people by a CSV file. Exit code 1 when rows were refused."""
    actor = operator(org)
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8 text.") from None
    done = plan(actor, text, absent_leave=absent_leave)
    if not dry_run:
        done = roster_apply(actor=actor, text=text, fingerprint=done.fingerprint, absent_leave=absent_leave)
    refused = [{"row": x.number, "column": x.column, "reason": x.reason} for x in done.lines if x.deed == "refused"]
    deeds = ("create", "change", "leave", "unchanged", "refused")
    told = {deed: done.counts.get(deed, 0) for deed in deeds}
    emit(told | {"refused_rows": refused} if json else told, json)
    if refused:
        finish(1)


@token.command("issue")
def token_issue(
    org: Org,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="A permission; may be repeated.")],
    who: Annotated[str, typer.Option("--person", help="E-mail or external id; a service's without.")] = "",
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it is valid.")] = 90,
    json: Json = False,
) -> None:
    """Issue a token and print its secret, once."""
    actor = operator(org)
    issued = do.token_issue(
        actor=actor,
        name=name,
        scopes=scope,
        expires_at=now() + timedelta(days=days),
        service=not who,
        person=_person(actor, who) if who else None,
    )
    told = {"id": issued.token.pk, "name": issued.token.name, "expires_at": issued.token.expires_at}
    emit(told | {"secret": issued.secret}, json, issued.secret)


def _told(row: Person) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "email": row.email,
        "title": row.title,
        "unit": row.unit.name if row.unit else None,
        "roles": ", ".join(sorted(m.role.key for m in row.memberships.all())),
        "sign_in": row.user_id is not None,
        "left_at": row.left_at,
    }


def _person(actor: Actor, who: str) -> Person:
    rows = Person.objects.of(actor).select_related("unit").prefetch_related("memberships__role")
    for key in ("email", "external_id", "pk"):
        try:
            found: Person | None = rows.filter(**{key: who.lower() if key == "email" else who}).first()
        except ValidationError:  # it is no id
            found = None
        if found is not None:
            return found
    raise NotFound(f"Nobody here has the address or external id “{who}”.")


def _role(actor: Actor, key: str) -> Role:
    role: Role | None = Role.objects.of(actor).filter(key=key).first()
    if role is None:
        known = ", ".join(Role.objects.of(actor).values_list("key", flat=True))
        raise NotFound(f"There is no role “{key}”. There are: {known}.")
    return role


def _unit(actor: Actor, name: str) -> Unit | None:
    if not name:
        return None
    found = list(Unit.objects.of(actor).filter(name__iexact=name)[:2])
    if len(found) != 1:
        raise NotFound(f"There is no unit “{name}”." if not found else f"Several units are called “{name}”.")
    return found[0]
