"""Starting an incident's clocks, correcting its facts, ending it. Only a sent notice stops a clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.domains.governance.duties.models import Case
from pilothouse.domains.governance.duties.rules.facts import facts_of
from pilothouse.domains.governance.duties.selectors.cases import INCIDENT, keeping, standing
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import holders, notify
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import record_by_id


@action("duty.manage", on="system")
def case_open(
    *, actor: Actor, system: System, title: str, facts: Mapping[str, Any], source: Record | None = None
) -> Case:
    """Start the clocks of an incident. `source` is the entry of the register of incidents that it came from.

    Whoever keeps notices and the system's owner are told what is due first. Raises Invalid with every fact that is
    missing or wrong, Conflict when a case was opened of the same entry.
    """
    title = _title(title)
    kept = keeping(actor.organisation_id)
    said = facts_of(kept.law, facts, now())
    lock_log(actor.organisation_id)
    if source is not None:
        source = record_by_id(actor, source.pk)
        if source.kind != INCIDENT or source.system_id != system.pk:
            raise Invalid("That is no incident of this system.", fields={"source": "Choose one of its incidents."})
        if Case.objects.of(actor).filter(source_id=source.pk).exists():
            raise Conflict("The clocks of this incident run already.", code="already_open")
    top = Case.objects.of(actor).aggregate(top=Max("number"))["top"] or 0
    case: Case = Case.objects.create(
        organisation_id=actor.organisation_id,
        number=top + 1,
        title=title,
        system=system,
        source_id=source.pk if source else None,
        facts=said.as_json(),
        opened_by_id=actor.person_id,
        opened_name=actor.name[:200],
        opened_at=now(),
    )
    told = {"title": title, "facts": case.facts, "edition": kept.law.edition}
    record(actor, "notice_case.opened", case, system_id=system.pk, after=told)
    _tell_opened(actor, case)
    return case


@action("duty.manage", on="case")
def case_change(
    *, actor: Actor, case: Case, facts: Mapping[str, Any], title: str = "", version: int | None = None
) -> Case:
    """Correct or add facts: all of them are given. Every clock follows. Raises Invalid, and Conflict for a lost update
    or a closed case."""
    current = locked(actor, case)
    if version is not None and version != current.version:
        raise Conflict("Someone changed the facts while you were editing.", data={"version": current.version})
    said = facts_of(keeping(actor.organisation_id).law, facts, now()).as_json()
    wanted = _title(title or current.title)
    keys = [key for key in {*said, *current.facts} if said.get(key) != current.facts.get(key)]
    before = {key: current.facts.get(key) for key in sorted(keys)}
    after = {key: said.get(key) for key in sorted(keys)}
    if wanted != current.title:
        before["title"], after["title"] = current.title, wanted
    if not after:
        return current
    current.facts, current.title, current.version = said, wanted, current.version + 1
    current.reminded = []  # with other facts other moments come, so reminders begin anew
    current.save(update_fields=("facts", "title", "version", "reminded"))
    record(actor, "notice_case.changed", current, system_id=current.system_id, before=before, after=after)
    return current


@action("duty.manage", on="case")
def case_close(*, actor: Actor, case: Case, reason: str) -> Case:
    """Say that nothing more is to be told. Clocks that still run are named in the ledger; they do not turn into sent
    ones. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why nothing more is to be told.", fields={"reason": "Say why."})
    current = locked(actor, case)
    unsent = [one.key for one in standing(current, keeping(actor.organisation_id), now()).running]
    current.closed_at, current.closed_by_id, current.closing = now(), actor.person_id, reason
    current.version += 1
    current.save(update_fields=("closed_at", "closed_by", "closing", "version"))
    record(actor, "notice_case.closed", current, system_id=current.system_id, after={"not_sent": unsent}, note=reason)
    return current


@action("duty.manage", on="case")
def case_reopen(*, actor: Actor, case: Case, reason: str) -> Case:
    """Let the clocks run on. Raises Invalid without a reason, Conflict when it is open."""
    if not reason.strip():
        raise Invalid("Say why the clocks run on.", fields={"reason": "Say why."})
    current = locked(actor, case, closed=True)
    current.closed_at, current.closed_by, current.closing = None, None, ""
    current.version += 1
    current.save(update_fields=("closed_at", "closed_by", "closing", "version"))
    record(actor, "notice_case.reopened", current, system_id=current.system_id, note=reason.strip())
    return current


def locked(actor: Actor, case: Case, *, closed: bool = False) -> Case:
    """The row, locked until the commit, open (or closed). Raises Conflict when it is the other."""
    lock_log(actor.organisation_id)
    rows = Case.objects.select_for_update(of=("self",)).select_related("system__unit")
    current: Case = rows.get_of(actor, pk=case.pk)
    if (current.closed_at is not None) != closed:
        told = "It is closed; its clocks stand still. Open it again first." if current.closed_at else "It is open."
        raise Conflict(told, code="closed" if current.closed_at else "open")
    return current


def url_of(case: Case) -> str:
    """The path of a case's page."""
    slug = Organisation.objects.values_list("slug", flat=True).get(pk=case.organisation_id)
    return f"/o/{slug}/incident-clocks/{case.number}/"


def _tell_opened(actor: Actor, case: Case) -> None:
    first = standing(case, keeping(actor.organisation_id), now()).next
    due = f" First: {first.row.cite}, by {first.target:%-d %B %Y %H:%M} UTC." if first and first.target else ""
    people = {*holders(actor.organisation_id, "duty.manage"), *case.owner_ids()} - {actor.person_id}
    notify([one for one in people if one], f"{case.ref} “{case.title}”: its clocks run.{due}", url_of(case))


def _title(title: str) -> str:
    title = " ".join(title.split())
    if not title or len(title) > 200:
        raise Invalid("Say what happened.", fields={"title": "In one line, at most 200 letters."})
    return title
