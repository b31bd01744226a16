"""`pilothouse requests`: asking owners for facts, on the command line."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.requests.actions import request_remind, request_revoke, request_send
from pilothouse.kernel.requests.models import FactRequest
from pilothouse.kernel.requests.questions import catalogue
from pilothouse.kernel.requests.selectors import links_of, questions_of, request_of, requests
from pilothouse.web.cli import Json, Org, emit, operator
from pilothouse.web.requests.api import numbers_of

app = typer.Typer(help="Fact requests: questions, send, list, show, remind, revoke.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(help="The request's id, from `requests list`.")]


@app.command("questions")
def questions(org: Org, json: Json = False) -> None:
    """Show the questions that can be asked."""
    actor = operator(org)
    emit([{"key": q.key, "text": q.text} for q in catalogue(actor.organisation_id).values()], json)


@app.command("list")
def list_(org: Org, json: Json = False) -> None:
    """Show every request with its progress."""
    emit([_row(row) for row in requests(operator(org))], json)


@app.command("show")
def show(request_id: Id, org: Org, json: Json = False) -> None:
    """Show one request: who was asked what, and what they answered."""
    asked = request_of(operator(org), request_id)
    answers = [
        {"system": row.system.ref, "question": row.key, "of": row.link.email, "answer": row.answer, "fate": row.fate}
        for row in questions_of(asked)
    ]
    if json:
        people = [{"name": link.name, "email": link.email, "mail_error": link.mail_error} for link in links_of(asked)]
        emit(_row(asked) | {"people": people, "answers": answers}, json)
    else:
        emit(answers, json)


@app.command("send")
def send(
    org: Org,
    title: Annotated[str, typer.Option("--title", help="The e-mail's subject.")],
    ask: Annotated[
        list[str], typer.Option("--ask", help="A question's key, from `requests questions`; may be repeated.")
    ],
    where: Annotated[str, typer.Option("--where", help="Which systems: the filters of a list's address.")],
    email: Annotated[str, typer.Option("--email", help="Who is asked about systems without an owner.")] = "",
    note: Annotated[str, typer.Option("--note", help="What they should know.")] = "",
    days: Annotated[int, typer.Option("--days", help="Open for so many days.")] = 14,
    remind: Annotated[int, typer.Option("--remind", help="Days between reminders; 0 for none.")] = 4,
    again: Annotated[bool, typer.Option("--again", help="Also ask what is known already.")] = False,
    json: Json = False,
) -> None:
    """Ask the owners of systems, each by a link of their own."""
    actor = operator(org)
    if not where.strip():
        raise Invalid("Say which systems, such as --where 'missing=outcome'.")
    sent = request_send(
        actor=actor,
        title=title,
        numbers=numbers_of(actor, where),
        keys=ask,
        note=note,
        email=email,
        days=days,
        remind_days=remind,
        only_missing=not again,
    )
    row = _row(request_of(actor, sent.pk))
    emit(row, json, f"Asked {row['people']} people {row['asked']} questions: {row['id']}")


@app.command("remind")
def remind_(request_id: Id, org: Org, json: Json = False) -> None:
    """Remind everyone who has not answered everything."""
    actor = operator(org)
    count = request_remind(actor=actor, request=request_of(actor, request_id))
    emit({"reminded": count}, json, f"A reminder goes to {count}.")


@app.command("revoke")
def revoke(request_id: Id, org: Org, json: Json = False) -> None:
    """End a request: its links open nothing any more. Answers that were given stay."""
    actor = operator(org)
    request_revoke(actor=actor, request=request_of(actor, request_id))
    emit(_row(request_of(actor, request_id)), json, "Revoked.")


def _row(asked: FactRequest) -> dict[str, Any]:
    counts = {key: getattr(asked, key) for key in ("people", "silent", "asked", "answered")}
    return {
        "id": str(asked.pk),
        "title": asked.title,
        "state": asked.end or "open",
        **counts,
        "expires_at": asked.expires_at,
    }
