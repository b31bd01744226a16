"""What everybody may do: report a bad answer, ask for a tool, acknowledge the rules of use; and the reply to them."""

from __future__ import annotations

from typing import Any

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.domains.experience.checks import ACKNOWLEDGEMENT, FEEDBACK, TOOL_REQUEST
from pilothouse.domains.experience.selectors.mine import Me, RuleSet, Tool, me, rule_sets, tools
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor, system_actor
from pilothouse.kernel.access.models import Organisation, Person
from pilothouse.kernel.actions import action
from pilothouse.kernel.ledger.log import lock_log
from pilothouse.kernel.notify.notices import notify
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.actions.keeping import entry_keep
from pilothouse.kernel.records.judging import today
from pilothouse.kernel.records.models import Record


@action("feedback.give")
def feedback_give(*, actor: Actor, number: int, what: str, wrong: str, harm: bool, named: bool = True) -> Record:
    """Report a bad answer of a tool that one may use. Its owner and its contact are told.

    Not `named`, neither the report nor the ledger says who it was. Raises NotFound for a tool one may not use, Invalid
    with words beside each field.
    """
    who = me(actor)
    tool = _tool(actor, who, number)
    body = _signed(who, named) | {"what": what, "wrong": wrong, "harm": harm}
    kept = entry_keep(_writer(actor, named), FEEDBACK, tool.system, body)
    _tell(actor, tool, kept)
    return kept


@action("feedback.give")
def tool_ask(*, actor: Actor, tool: str, purpose: str, data: str) -> Record:
    """Ask for a tool. Raises Invalid with words beside each field."""
    body = _signed(me(actor), True) | {"tool": tool, "purpose": purpose, "data": data}
    return entry_keep(actor, TOOL_REQUEST, None, body)


@action("rules.acknowledge")
def rules_acknowledge(*, actor: Actor, record: Record, read_hash: str) -> Record:
    """Acknowledge a version of the rules that hold for oneself. `read_hash` is that of the text as it was read.

    Raises NotFound for rules that do not hold for one, Conflict when they were changed meanwhile, Invalid for somebody
    without an e-mail address, under which it is kept.
    """
    who = me(actor)
    held = {one.record.key: one for one in rule_sets(actor, who)}
    found = held.get(record.key) if record.organisation_id == actor.organisation_id else None
    if found is None:
        raise NotFound
    if found.record.hash != read_hash:
        raise Conflict("These rules were changed while you were reading. Read them again, then acknowledge.")
    if not who.person.email:
        raise Invalid(
            "It is kept under your e-mail address, and none is known. Ask whoever manages people to enter it."
        )
    return entry_keep(actor, ACKNOWLEDGEMENT, None, _acknowledgement(actor, who, found))


@action("record.write")
def reply_give(*, actor: Actor, record: Record, verdict: str, reply: str, number: int | None = None) -> Record:
    """Reply to a report or to a request for a tool; whoever gave their name is told. `number` is the system that a
    request led to.

    Raises NotFound for anything else, Conflict for what was replied to meanwhile, Invalid with words beside each field.
    """
    lock_log(actor.organisation_id)
    record = Record.objects.select_related("system__unit").get_of(actor, pk=record.pk)
    if record.kind not in (FEEDBACK, TOOL_REQUEST):
        raise NotFound
    if record.state != "sealed" or record.body["verdict"]:
        raise Conflict("Somebody has replied to this already.")
    said: dict[str, Any] = {"verdict": verdict, "reply": reply}
    said |= {"replied_on": _day()} if record.kind == FEEDBACK else {"system": number}
    try:
        kept = records_seal(
            actor=actor, kind=record.kind, bodies=[(record.system, record.body | said)], keys=[record.key]
        )[0]
    except Invalid as error:
        fields = {path.partition(".")[2]: words for path, words in error.fields.items()}
        raise Invalid("This reply is not whole yet.", fields=fields) from None
    what = f"your report of {record.system.name}" if record.system else f"your request: {record.body['tool']}"
    person = Person.objects.of(actor).filter(email=record.body["by"] or "-").values_list("pk", flat=True)
    notify(person, f"There is a reply to {what}.", f"/o/{_slug(actor)}/my-ai/")
    return kept


def _acknowledgement(actor: Actor, who: Me, now_read: RuleSet) -> dict[str, Any]:
    """The person's acknowledgements with this one among them; what no longer holds is kept."""
    old = Record.objects.of(actor).filter(kind=ACKNOWLEDGEMENT, key=who.person.email, state="sealed").first()
    row = now_read.record
    fresh = {"rules": row.key, "version": row.version, "hash": row.hash, "on": _day()}
    others = [read for read in (old.body["read"] if old else ()) if read["rules"] != row.key]
    return {"person": who.person.email, "unit": who.unit, "read": [*others, fresh]}


def _tool(actor: Actor, who: Me, number: int) -> Tool:
    found = next((tool for tool in tools(actor, who, clock.now()) if tool.system.number == number), None)
    if found is None:
        raise NotFound
    return found


def _signed(who: Me, named: bool) -> dict[str, Any]:
    return {"on": _day(), "by": (who.person.email or None) if named else None, "unit": who.unit if named else None}


def _day() -> str:
    return today(clock.now()).isoformat()


def _writer(actor: Actor, named: bool) -> Actor:
    return actor if named else system_actor(actor.organisation_id, "Somebody who works here")


def _tell(actor: Actor, tool: Tool, kept: Record) -> None:
    """Let the owner, the deputy and the contact know that there is something to reply to."""
    system = tool.system
    contact = Person.objects.of(actor).filter(email=tool.contact).exclude(email="").values_list("pk", flat=True)
    people = [one for one in (system.owner_id, system.deputy_id, *contact) if one is not None]
    notify(
        people, f"Somebody reports a bad answer of {system.name}.", f"/o/{_slug(actor)}/experience/replies/{kept.pk}/"
    )


def _slug(actor: Actor) -> str:
    return Organisation.objects.values_list("slug", flat=True).get(pk=actor.organisation_id)
