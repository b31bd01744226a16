"""What this room does by itself: remind before a notice or an answer is due, and pass on what is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from pilothouse.domains.governance.duties.actions.cases import url_of as case_url
from pilothouse.domains.governance.duties.actions.inquiries import url_of as inquiry_url
from pilothouse.domains.governance.duties.models import Case, Inquiry
from pilothouse.domains.governance.duties.rules.clocks import Clock
from pilothouse.domains.governance.duties.rules.reminding import due_now
from pilothouse.domains.governance.duties.selectors.cases import Keeping, keeping, standing
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.checks.active import active_body
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.notify.notices import holders, notify


def duties_tick(moment: datetime) -> dict[str, int]:
    """Remind of open cases and requests. Each reminder goes out once; running it twice reminds of nothing twice."""
    done = {"notices": 0, "requests": 0, "late": 0}
    kept: dict[UUID, Keeping] = {}
    for pk, organisation_id in Case.objects.filter(closed_at=None).values_list("pk", "organisation_id"):
        rules = kept.setdefault(organisation_id, keeping(organisation_id))
        reminded, late = _case(pk, rules, moment)
        done["notices"] += reminded
        done["late"] += late
    for pk, organisation_id in Inquiry.objects.filter(state="open").values_list("pk", "organisation_id"):
        rules = kept.setdefault(organisation_id, keeping(organisation_id))
        reminded, late = _inquiry(pk, rules, moment)
        done["requests"] += reminded
        done["late"] += late
    return done


def _case(pk: UUID, kept: Keeping, moment: datetime) -> tuple[int, int]:
    with transaction.atomic():
        found = Case.objects.select_related("system").get(pk=pk)
        lock_log(found.organisation_id)
        case = Case.objects.select_for_update(of=("self",)).select_related("system").get(pk=pk)
        if case.closed_at is not None:
            return 0, 0
        waiting = [one for one in standing(case, kept, moment).running if one.target]
        marks, told = set(case.reminded), []
        for clock in waiting:
            reached = due_now(clock.key, clock.target, kept.rules["remind_hours"], marks, moment)
            if reached is not None:
                marks |= reached
                told.append(clock)
        if not told:
            return 0, 0
        late = [clock for clock in told if clock.target and clock.target <= moment]
        _remember(case, marks, [clock.key for clock in told], late=bool(late))
        people = {*holders(case.organisation_id, "duty.manage"), *case.owner_ids()}
        if late:
            people |= set(_escalation(case.organisation_id))
        notify(people, _words(case, (late or told)[0], bool(late), len(told) - 1), case_url(case))
        return 1, int(bool(late))


def _words(case: Case, clock: Clock, late: bool, more: int) -> str:
    assert clock.target is not None
    also = f" (and {more} more)" if more else ""
    if late:
        return f"{case.ref} “{case.title}”: the notice under {clock.row.cite} to {clock.to} is not sent{also}."
    return f"{case.ref} “{case.title}”: {clock.row.cite} is due {clock.target:%-d %B %Y %H:%M} UTC{also}."


def _inquiry(pk: UUID, kept: Keeping, moment: datetime) -> tuple[int, int]:
    with transaction.atomic():
        found = Inquiry.objects.get(pk=pk)
        lock_log(found.organisation_id)
        inquiry = Inquiry.objects.select_for_update(of=("self",)).get(pk=pk)
        if inquiry.state != "open":
            return 0, 0
        due = min(inquiry.due_at, inquiry.set_at or inquiry.due_at)
        marks = set(inquiry.reminded)
        reached = due_now("answer", due, kept.rules["remind_hours"], marks, moment)
        if reached is None:
            return 0, 0
        late = due <= moment
        _remember(inquiry, marks | reached, ["answer"], late=late)
        people = set(holders(inquiry.organisation_id, "duty.manage"))
        if late:
            people |= set(_escalation(inquiry.organisation_id))
        told = "is late" if late else f"is due {due:%-d %B %Y %H:%M} UTC"
        notify(people, f"The answer to {inquiry.ref} “{inquiry.title}” {told}.", inquiry_url(inquiry))
        return 1, int(late)


def _remember(row: Case | Inquiry, marks: set[str], keys: list[str], *, late: bool) -> None:
    row.reminded = sorted(marks)
    row.save(update_fields=("reminded",))
    name = "notice_case.reminded" if isinstance(row, Case) else "inquiry.reminded"
    system_id = row.system_id if isinstance(row, Case) else None
    record(system_actor(row.organisation_id), name, row, system_id=system_id, after={"of": keys, "late": late})


def _escalation(organisation_id: UUID) -> Iterable[UUID]:
    """Who is told when something is late: the escalation path of the rulebook in force, and the Chief AI Officer."""
    roles = {"caio", *active_body(organisation_id).decisions.escalate}
    rows = Membership.objects.filter(organisation_id=organisation_id, role__key__in=roles, person__left_at=None)
    return rows.values_list("person_id", flat=True)
