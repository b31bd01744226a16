"""Answering: what comes in by a link becomes attested facts, with who said it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from pilothouse.contracts.errors import Invalid, NotFound, PilothouseError
from pilothouse.kernel.access.actor import EVERYWHERE, Actor
from pilothouse.kernel.access.models import Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.gates.actions.stages import stage_correct
from pilothouse.kernel.inventory.actions import practice_state, system_change
from pilothouse.kernel.inventory.hooks import told_together
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.requests.models import FactLink, FactQuestion, FactRequest
from pilothouse.kernel.requests.questions import Question, catalogue, known

Answers = Mapping[str, Mapping[str, str]]


def link_actor(link: FactLink) -> Actor:
    """Whoever holds the link's secret. The actions below touch the link's own systems and questions, no others."""
    return Actor(
        organisation_id=link.organisation_id,
        person_id=link.person_id,
        name=f"{link.name} (by link)",
        grants=dict.fromkeys(("system.view", "system.change", "gate.request"), EVERYWHERE),
        via="link",
    )


@action("system.change", on="link")
def link_opened(*, actor: Actor, link: FactLink) -> None:
    """Keep when a link was first opened, so that its asker sees it."""
    FactLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=now())


@action("system.change", on="link")
def draft_save(*, actor: Actor, link: FactLink, answers: Answers) -> None:
    """Keep what was typed so far. A draft is no fact, so nothing is checked and the ledger has no entry."""
    ids = {str(pk) for pk in link.questions.filter(answered_at=None).values_list("pk", flat=True)}
    draft = {
        key: {part: text[:5000] for part, text in given.items() if part in ("value", "words") and text.strip()}
        for key, given in answers.items()
        if key in ids
    }
    FactLink.objects.filter(pk=link.pk).update(draft={key: given for key, given in draft.items() if given})


@action("system.change", on="link")
def answers_give(*, actor: Actor, link: FactLink, answers: Answers) -> int:
    """Keep every answered question as a fact; the others stay open for another visit. Returns how many were kept.

    A fact that someone else stated after the question was put is not overwritten: the answer is set aside and shown to
    the asker. Raises Invalid with `fields` by question id when an answer cannot be read; then nothing is kept.
    """
    lock_log(actor.organisation_id)
    current = FactLink.objects.select_for_update(of=("self",)).select_related("request").get(pk=link.pk)
    if not is_open(current):
        raise NotFound
    open_questions = list(current.questions.filter(answered_at=None).select_related("system__owner", "system__unit"))
    read = _read(open_questions, answers, catalogue(actor.organisation_id))
    with told_together(actor):
        for question, answer in read:
            _keep(actor, current, question, answer)
    FactQuestion.objects.bulk_update([q for q, _ in read], ["answer", "answered_at", "fate", "remark"])
    done = {str(question.pk) for question, _ in read}
    current.draft = {key: given for key, given in current.draft.items() if key not in done}
    if len(read) == len(open_questions):
        current.answered_at, current.mail_due_at, current.draft = now(), None, {}
    current.save(update_fields=("draft", "answered_at", "mail_due_at"))
    if read:
        said = {"by": current.email, "answers": len(read), "open": len(open_questions) - len(read)}
        record(actor, "fact_request.answered", current.request, after=said)
        _tell(current)
    return len(read)


def is_open(link: FactLink) -> bool:
    """May this link still be answered?"""
    return link.revoked_at is None and not link.request.end and link.request.expires_at > now()


def _read(
    questions: list[FactQuestion], answers: Answers, known_questions: Mapping[str, Question]
) -> list[tuple[FactQuestion, dict[str, str]]]:
    read: list[tuple[FactQuestion, dict[str, str]]] = []
    wrong: dict[str, str] = {}
    for question in questions:
        asked = known_questions.get(question.key)
        given = answers.get(str(question.pk), {})
        if asked is None:  # the rulebook has dropped it meanwhile
            continue
        try:
            answer = asked.read(given)
        except Invalid as error:
            wrong[str(question.pk)] = error.detail
            continue
        if answer is not None:
            read.append((question, answer))
    if wrong:
        raise Invalid("Some answers need another look; nothing you typed is lost.", fields=wrong)
    return read


def _keep(actor: Actor, link: FactLink, question: FactQuestion, answer: dict[str, str]) -> None:
    question.answer, question.answered_at, question.fate, question.remark = answer, now(), "kept", ""
    # Each answer before this one may have changed the system, so it is read again.
    system = System.objects.select_related("owner", "unit").get(pk=question.system_id)
    practices = dict(system.practices.values_list("key", "status"))
    if known(system, question.key, practices) != question.before:
        question.fate, question.remark = "aside", "Somebody stated this after the question was put."
        return
    try:
        with transaction.atomic():
            remark = _write(actor, link, system, question.key, answer)
    except PilothouseError as error:
        remark = error.detail
    if remark:
        question.fate, question.remark = "aside", remark[:300]


def _write(actor: Actor, link: FactLink, system: System, key: str, answer: dict[str, str]) -> str:
    """Write the answer as a fact. Returns why it could not become one, or the empty string."""
    value, words = answer["value"], answer["words"]
    group, _, name = key.partition(":")
    if group == "practice":
        source = f"{link.name}, in answer to “{link.request.title}”"
        practice_state(actor=actor, system=system, key=name, status=value, words=words, source=source)
    elif group == "intake":
        system_change(actor=actor, system=system, changes={"intake": {name: value}})
    elif key == "owner":
        return _write_owner(actor, link, system, value, words)
    elif key == "stage":
        reason = words or f"{link.name} said so in answer to “{link.request.title}”."
        stage_correct(actor=actor, system=system, to_stage=value, reason=reason)
    else:
        changes: dict[str, Any] = {key: value}
        if key == "outcome" and words:
            changes["outcome_metric"] = words[:300]
        system_change(actor=actor, system=system, changes=changes)
    return ""


def _write_owner(actor: Actor, link: FactLink, system: System, value: str, words: str) -> str:
    if value == "nobody":
        return f"{link.name} knows of no owner."
    email = link.email if value == "me" else words.lower()
    person = Person.objects.of(actor).filter(email__iexact=email, left_at=None).first()
    if person is None:
        return f"{email} is not among the people of this organisation; add them, then name them as owner."
    system_change(actor=actor, system=system, changes={"owner_id": person.pk})
    return ""


def _tell(link: FactLink) -> None:
    """End the request when nothing is open any more, and tell who asked."""
    request = FactRequest.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=link.request_id)
    url = f"/o/{request.organisation.slug}/requests/{request.pk}/"
    asker = [request.asked_by_id] if request.asked_by_id else []
    if not request.links.filter(answered_at=None, revoked_at=None).exists():
        request.end, request.ended_at = "answered", now()
        request.save(update_fields=("end", "ended_at"))
        notify(asker, f"Everyone has answered “{request.title}”.", url)
    elif link.answered_at:
        notify(asker, f"{link.name} has answered “{request.title}”.", url)
