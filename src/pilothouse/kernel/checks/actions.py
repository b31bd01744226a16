"""Writing rulebooks and intake answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Max
from pydantic import ValidationError

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Role
from pilothouse.kernel.access.roles import ROLES
from pilothouse.kernel.actions import action
from pilothouse.kernel.checks.active import active_body, active_rulebook
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.checks.models import Rulebook
from pilothouse.kernel.checks.plugs import approval_of, tell_loosening
from pilothouse.kernel.checks.rulebook import RulebookBody
from pilothouse.kernel.checks.rulebooks import SHIPPED
from pilothouse.kernel.checks.rules.loosening import Difference, compare
from pilothouse.kernel.inventory.actions import system_change
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record


def parse_body(body: RulebookBody | Mapping[str, Any]) -> RulebookBody:
    """A body that holds, or Invalid with a sentence for each place that does not (`gates.pilot.asks.0.grade` → …)."""
    if isinstance(body, RulebookBody):
        return body
    try:
        return RulebookBody.model_validate(body)
    except ValidationError as error:
        fields = {
            ".".join(str(part) for part in problem["loc"]) or "body": problem["msg"].removeprefix("Value error, ")
            for problem in error.errors()
        }
        place, words = next(iter(fields.items()))
        raise Invalid(f"The rulebook does not hold together: {place}: {words}.", fields=fields) from None


@action("rulebook.propose")
def rulebook_adopt(*, actor: Actor, base: str, title: str = "") -> Rulebook:
    """Adopt a shipped rulebook as the organisation's first. Raises Conflict when it has one: then propose a change."""
    if base not in SHIPPED:
        raise Invalid(f"No rulebook “{base}” ships.", fields={"base": f"One of {', '.join(SHIPPED)}."})
    lock_log(actor.organisation_id)
    if active_rulebook(actor.organisation_id) is not None:
        raise Conflict("The organisation has a rulebook already. Propose a change of it.")
    rulebook = _new(actor, base=base, title=title or SHIPPED[base].title, body=SHIPPED[base].body)
    _activate(actor, rulebook, "rulebook.adopted")
    return rulebook


@action("rulebook.propose")
def rulebook_draft(
    *,
    actor: Actor,
    body: RulebookBody | Mapping[str, Any],
    title: str = "",
    rulebook: Rulebook | None = None,
) -> Rulebook:
    """Keep a draft: a new one, or (with `rulebook`) the same one again. A proposed version can no longer be edited."""
    sound = _roles_known(actor, parse_body(body))
    lock_log(actor.organisation_id)
    if rulebook is None:
        active = active_rulebook(actor.organisation_id)
        base, known = (active.base, active.title) if active else ("sme_light", "Our rulebook")
        return _new(actor, base=base, title=title or known, body=sound)
    current = _locked(actor, rulebook)
    if current.state != "draft" or current.proposed_at is not None:
        raise Conflict("This version has been proposed and can no longer be edited. Start a new draft.")
    current.title = title or current.title
    current.body = sound.model_dump(mode="json")
    current.written_by_id = actor.person_id
    current.written_at = clock.now()
    current.seal()
    current.save()
    return current


@action("rulebook.propose")
def rulebook_propose(
    *,
    actor: Actor,
    body: RulebookBody | Mapping[str, Any] | None = None,
    rulebook: Rulebook | None = None,
    title: str = "",
    reason: str = "",
) -> Rulebook:
    """Propose a draft, or a body at once. It is compared with the active version and kept with what it loosens.

    A loosening waits for a decision by somebody else; the rest its proposer may activate. Raises Invalid without a
    reason, Conflict when nothing differs.
    """
    if not reason.strip():
        raise Invalid("Say why the rulebook should change.", fields={"reason": "Say why."})
    if rulebook is None and body is None:
        raise Invalid("Give the rulebook that you propose.", fields={"body": "This is empty."})
    lock_log(actor.organisation_id)
    active = active_rulebook(actor.organisation_id)
    if active is None:
        raise Conflict("The organisation has no rulebook yet. Adopt one first.")
    if rulebook is None:
        sound = _roles_known(actor, parse_body(body or {}))
        current = _new(actor, base=active.base, title=title or active.title, body=sound)
    else:
        current = _locked(actor, rulebook)
    if current.state != "draft" or current.proposed_at is not None:
        raise Conflict("This version has been proposed already.")
    if current.hash == active.hash:
        raise Conflict("It says the same as the active rulebook.")
    difference = compare(active.rules, current.rules)
    current.kind = difference.kind
    current.loosenings = list(difference.loosens)
    current.reason = reason.strip()
    current.written_by_id = actor.person_id
    current.proposed_at = clock.now()
    current.save()
    record(
        actor,
        "rulebook.proposed",
        current,
        after={"version": current.version, "hash": current.hash, "kind": current.kind, "loosens": current.loosenings},
        note=current.reason,
    )
    if current.kind == "loosening":
        tell_loosening(actor, current)
    return current


@action("rulebook.view")
def rulebook_activate(*, actor: Actor, rulebook: Rulebook, decision_id: UUID | None = None) -> Rulebook:
    """Make a proposed version the active one: set tiers and judge every system anew.

    Whoever may propose activates a tightening or a neutral change. A loosening needs an approved decision that is bound
    to this version's hash and was taken by somebody other than its proposer; then the decision is what permits it.
    Raises Forbidden without one, Conflict when the version no longer waits or was changed past the actions.
    """
    lock_log(actor.organisation_id)
    current = _locked(actor, rulebook)
    if current.state != "draft" or current.proposed_at is None:
        raise Conflict("Only a proposed version can become active.")
    if not current.intact:
        raise Conflict("This version no longer says what was proposed. Withdraw it and propose anew.", code="tampered")
    active = active_rulebook(actor.organisation_id)
    # The active version may have changed since the proposal, so what is loosened is found anew.
    difference = compare(active.rules, current.rules) if active else Difference("neutral", (), ())
    if difference.kind == "loosening":
        _require_decision(actor, current, difference, decision_id)
    else:
        actor.require("rulebook.propose")
    current.kind, current.decision_id = difference.kind, decision_id
    _activate(actor, current, "rulebook.activated")
    return current


@action("rulebook.propose")
def rulebook_withdraw(*, actor: Actor, rulebook: Rulebook, reason: str = "") -> Rulebook:
    """Take back a draft or a proposal. Nothing that was active is ever withdrawn."""
    lock_log(actor.organisation_id)
    current = _locked(actor, rulebook)
    if current.state != "draft":
        raise Conflict("Only a draft or a proposal can be withdrawn.")
    current.state = "withdrawn"
    current.save(update_fields=("state",))
    record(actor, "rulebook.withdrawn", current, after={"version": current.version}, note=reason.strip())
    return current


@action("system.change", on="system")
def set_intake(*, actor: Actor, system: System, answers: Mapping[str, str], version: int | None = None) -> System:
    """Answer intake questions of the active rulebook: key → yes, no or unknown. The tier follows from them.

    Answers to other questions stay as they are. Raises Invalid for a question the rulebook does not ask.
    """
    questions = {question.key for question in active_body(actor.organisation_id).questions}
    wrong = {key: "The rulebook does not ask this." for key in answers if key not in questions}
    wrong |= {
        key: "Answer yes, no or unknown." for key, answer in answers.items() if answer not in ("yes", "no", "unknown")
    }
    if wrong:
        raise Invalid("Some answers cannot be kept.", fields=wrong)
    changed = system_change(actor=actor, system=system, changes={"intake": dict(answers)}, version=version)
    changed.refresh_from_db(fields=["tier"])
    return changed


def _roles_known(actor: Actor, body: RulebookBody) -> RulebookBody:
    """The body, if the organisation has every role that it names; else Invalid."""
    known = set(ROLES) | set(Role.objects.of(actor).values_list("key", flat=True))
    if strangers := sorted(body.roles() - known):
        raise Invalid(
            f"No role is called “{strangers[0]}”.", fields={"roles": f"There are: {', '.join(sorted(known))}."}
        )
    return body


def _new(actor: Actor, *, base: str, title: str, body: RulebookBody) -> Rulebook:
    top = Rulebook.objects.of(actor).aggregate(top=Max("version"))["top"] or 0
    rulebook = Rulebook(
        organisation_id=actor.organisation_id,
        base=base,
        version=top + 1,
        title=title.strip()[:120],
        body=body.model_dump(mode="json"),
        written_by_id=actor.person_id,
        written_at=clock.now(),
    )
    rulebook.seal()
    rulebook.save(force_insert=True)
    return rulebook


def _locked(actor: Actor, rulebook: Rulebook) -> Rulebook:
    current: Rulebook = Rulebook.objects.select_for_update().get_of(actor, pk=rulebook.pk)
    return current


def _activate(actor: Actor, rulebook: Rulebook, name: str) -> None:
    now = clock.now()
    before = active_rulebook(actor.organisation_id)
    Rulebook.objects.of(actor).filter(state="active").update(state="superseded", superseded_at=now)
    rulebook.state, rulebook.activated_at = "active", now
    rulebook.save()
    record(
        actor,
        name,
        rulebook,
        before={"version": before.version, "hash": before.hash} if before else None,
        after={"version": rulebook.version, "hash": rulebook.hash, "base": rulebook.base, "title": rulebook.title},
        note=rulebook.reason,
    )
    refresh(actor, None)


def _require_decision(actor: Actor, rulebook: Rulebook, difference: Difference, decision_id: UUID | None) -> None:
    """Raise unless a decision that binds to this version, by someone other than its proposer, approved it."""
    found = approval_of(actor.organisation_id, decision_id) if decision_id else None
    if found is None or not found.approved:
        raise Forbidden(
            f"This asks less than the active rulebook and waits for somebody else's decision: {difference.loosens[0]}",
            code="needs_decision",
        )
    if found.content_hash != rulebook.hash:
        raise Forbidden("The decision was about another version of this rulebook.", code="other_content")
    if not found.decided_by or rulebook.written_by_id in found.decided_by:
        raise Forbidden("Nobody decides on their own proposal.", code="own_proposal")
    if new := [words for words in difference.loosens if words not in rulebook.loosenings]:
        raise Conflict(f"The rulebook changed since this was decided; it now also loosens: {new[0]}")
