"""`pilothouse reviews`: held answers. The operator sees what waits; reading and deciding take a person's own token."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from pilothouse.contracts.errors import Forbidden, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.selectors import actor_of_token, token_of_secret
from pilothouse.kernel.reviews import selectors
from pilothouse.kernel.reviews.actions import review_decide, review_open
from pilothouse.kernel.reviews.ticks import reviews_keep_tick, reviews_tick
from pilothouse.kernel.texts.ticks import texts_keep_tick
from pilothouse.web.cli import Json, Org, emit, operator
from pilothouse.web.reviews.shown import as_data, texts_of

app = typer.Typer(help="Answers that a person sees first.", no_args_is_help=True)
Token = Annotated[
    str, typer.Option("--token", envvar="PILOTHOUSE_TOKEN", help="The reviewer's own API token.", show_envvar=True)
]
ReviewId = Annotated[str, typer.Argument(help="The review's id.")]


@app.command("list")
def list_(
    org: Org,
    show: Annotated[str, typer.Option("--show", help="waiting, decided or all; with a token also mine.")] = "waiting",
    token: Token = "",
    json: Json = False,
) -> None:
    """Held answers without their text, the most urgent first."""
    actor = _person(org, token) if token else operator(org)
    rows = selectors.waiting(actor, clock.now()) if show == "mine" else selectors.reviews(actor)
    if show == "waiting":
        rows = rows.filter(state="waiting")
    elif show == "decided":
        rows = rows.exclude(state="waiting")
    data = [as_data(row) for row in rows]
    keys = ("id", "state", "deadline", "system", "model", "why")
    emit(data if json else [{key: row[key] for key in keys} for row in data], json)


@app.command()
def show(review: ReviewId, org: Org, token: Token = "", json: Json = False) -> None:
    """One held answer with what was asked and answered. Reading it is written down."""
    actor = _person(org, token)
    found = selectors.review_of(actor, review)
    held = review_open(actor=actor, review=found)
    emit(as_data(found) | texts_of(held), json)


@app.command()
def decide(
    review: ReviewId,
    verdict: Annotated[str, typer.Argument(help="release, edit or refuse.")],
    reason: Annotated[str, typer.Option("--reason", help="Why. It stands beside the name for good.")],
    org: Org,
    token: Token = "",
    text: Annotated[
        list[Path] | None, typer.Option("--text", help="With edit: a file for each text of the answer, in order.")
    ] = None,
    json: Json = False,
) -> None:
    """Release a held answer, release it changed, or refuse it. You must have read it (`show`)."""
    actor = _person(org, token)
    found = selectors.review_of(actor, review)
    texts = [_read(path) for path in text] if text else None
    review_decide(actor=actor, review=found, verdict=verdict, reason=reason, texts=texts)
    emit(as_data(selectors.review_of(actor, review)), json)


@app.command()
def figures(org: Org, json: Json = False) -> None:
    """What reviewers did in the last 30 days, by system."""
    emit(selectors.by_system(operator(org), clock.now()), json)


@app.command("bring-in")
def bring_in(json: Json = False) -> None:
    """Take in what gateways held, and tell them what was decided. The server does this by itself every minute."""
    emit(reviews_tick(clock.now()), json)


@app.command()
def tidy(json: Json = False) -> None:
    """Remove the texts that are due, held and stored. The server does this by itself every night."""
    now = clock.now()
    emit({"held": reviews_keep_tick(now)["removed"], "stored": texts_keep_tick(now)["removed"]}, json)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path} cannot be read as a text.", fields={"text": str(error)}) from error


def _person(org: str, token: str) -> Actor:
    """The person whose token it is. Raises Forbidden for none, one that does not hold, and another organisation's."""
    if not token:
        raise Forbidden("A held answer is read by a named person: give that person's token with --token.")
    found = token_of_secret(token)
    actor = actor_of_token(found, via="cli", request_id=f"cli-{uuid4()}") if found else None
    if actor is None:
        raise Forbidden("That token is not valid.")
    if actor.organisation_id != operator(org).organisation_id:
        raise Forbidden("That token belongs to another organisation.")
    return actor
