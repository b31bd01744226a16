"""Decisions on the command line. The operator reads; a signature is a person's, so it takes that person's API token."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from pilothouse.contracts.errors import Forbidden
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.selectors import actor_of_token, token_of_secret
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.selectors import decision_of, decisions, waiting_for
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.decisions.tick import decisions_tick
from pilothouse.kernel.records.selectors import record_by_id
from pilothouse.web.cli import Json, Org, emit, operator
from pilothouse.web.decisions.shown import as_data

app = typer.Typer(help="What named people must decide.", no_args_is_help=True)
Token = Annotated[
    str, typer.Option("--token", envvar="PILOTHOUSE_TOKEN", help="The signer's own API token.", show_envvar=True)
]


@app.command("list")
def list_(
    org: Org,
    show: Annotated[str, typer.Option("--show", help="open, closed or all; with a token also mine.")] = "open",
    token: Token = "",
    json: Json = False,
) -> None:
    """Decisions of the organisation, most urgent first."""
    actor = _person(token) if token else operator(org)
    rows = waiting_for(actor, now()) if show == "mine" else decisions(actor)
    if show == "open":
        rows = rows.filter(state="open")
    elif show == "closed":
        rows = rows.exclude(state="open")
    data = [as_data(row) for row in rows.order_by("deadline", "id")]
    keys = ("id", "state", "deadline", "system", "title")
    emit(data if json else [{key: row[key] for key in keys} for row in data], json)


@app.command()
def show(org: Org, decision: Annotated[str, typer.Argument(help="The decision's id.")], json: Json = False) -> None:
    """One decision with who must sign and who signed."""
    emit(as_data(decision_of(operator(org), decision), whole=True), json)


@app.command()
def sign(
    decision: Annotated[str, typer.Argument(help="The decision's id.")],
    verdict: Annotated[str, typer.Argument(help="One of its options, such as approve or refuse.")],
    reason: Annotated[str, typer.Option("--reason", help="Why. It stands beside the name for good.")],
    content_hash: Annotated[str, typer.Option("--hash", help="The content hash that `show` printed.")],
    org: Org,
    token: Token = "",
    role: Annotated[str, typer.Option("--role", help="Which role to sign in, if several fit.")] = "",
    json: Json = False,
) -> None:
    """Sign as the person whose token it is."""
    if not token:
        raise Forbidden("A decision is signed by a named person: give that person's token with --token.")
    actor = _person(token)
    if actor.organisation_id != operator(org).organisation_id:
        raise Forbidden("That token belongs to another organisation.")
    decision_sign(
        actor=actor,
        decision=decision_of(actor, decision),
        verdict=verdict,
        reason=reason,
        content_hash=content_hash,
        role=role,
    )
    emit(as_data(decision_of(actor, decision), whole=True), json)


@app.command()
def ask(
    record: Annotated[str, typer.Argument(help="The id of a sealed version of a document.")],
    org: Org,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="One of these signs; none: whoever signs such a document off.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="What the signature is for.")] = "",
    json: Json = False,
) -> None:
    """Ask for the signature on a sealed document."""
    actor = operator(org)
    found = record_by_id(actor, record)
    groups = [role] if role else []
    decision = record_signoff_request(actor=actor, record=found, groups=groups, reason=reason)
    emit(as_data(decision_of(actor, decision.pk), whole=True), json)


@app.command()
def tick(json: Json = False) -> None:
    """Escalate and expire what is due, in every organisation. The server does this by itself every five minutes."""
    emit(decisions_tick(), json)


def _person(token: str) -> Actor:
    """The person whose token it is. Raises Forbidden for one that does not hold."""
    found = token_of_secret(token)
    actor = actor_of_token(found, via="cli", request_id=f"cli-{uuid4()}") if found else None
    if actor is None:
        raise Forbidden("That token is not valid.")
    return actor
