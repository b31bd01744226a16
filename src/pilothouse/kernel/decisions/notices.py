"""Who is told what about a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from pilothouse.kernel.access.models import Person
from pilothouse.kernel.decisions.models import Decision, ReviewLink
from pilothouse.kernel.decisions.selectors import deputies_of, holders, signers_of
from pilothouse.kernel.notify.notices import notify


def url_of(decision: Decision) -> str:
    """The path of the decision's page."""
    return f"/o/{decision.organisation.slug}/inbox/{decision.pk}/"


def asked(decisions: Sequence[Decision]) -> None:
    """Whoever may sign is told that it waits, and so are their deputies; who has many is told once, with the number."""
    waiting: defaultdict[UUID, list[Decision]] = defaultdict(list)
    for decision, people in zip(decisions, signers_of(decisions), strict=True):
        for person_id in people - {decision.requested_by_id}:
            waiting[person_id].append(decision)
    for person_id, mine in waiting.items():
        more = f" (and {len(mine) - 1} more like it)" if len(mine) > 1 else ""
        notify([person_id], f"Waits for you: {mine[0].title}{more}", url_of(mine[0]))


def escalated(decision: Decision, reached: str, moment: datetime) -> None:
    """Silence reached the deputies or the next role of the path: they are told, and so is whoever asked."""
    text = f"Nobody decided in time, now it waits for you: {decision.title}"
    if reached == "deputies":
        signers = holders(decision, sorted(set(decision.seats.values_list("role", flat=True))))
        _tell(decision, [*signers, *deputies_of(signers, moment)], text)
    else:
        reached_people = holders(decision, [reached])
        _tell(decision, [*reached_people, *deputies_of(reached_people, moment)], text)


def closed(decision: Decision) -> None:
    """Whoever asked, the owner, and who had signed learn how it ended."""
    people: set[UUID | None] = {decision.requested_by_id, *decision.signatures.values_list("person_id", flat=True)}
    if decision.system:
        people.add(decision.system.owner_id)
    notify(
        [person for person in people if person], f"{decision.get_state_display()}: {decision.title}", url_of(decision)
    )


def reviewed(decision: Decision, link: ReviewLink) -> None:
    """The outside reviewer answered: who decided alone learns it, and an objection goes up the escalation path."""
    people: list[Person] = [signature.person for signature in decision.signatures.select_related("person")]
    word = "countersigned" if link.verdict == "countersigned" else "objected to"
    if link.verdict == "objected":
        people += holders(decision, decision.escalation_path)
    notify(people, f"{link.name} {word}: {decision.title}", url_of(decision))


def _tell(decision: Decision, people: Iterable[Person], text: str) -> None:
    """Tell everyone who may act; whoever asked knows already."""
    notify([person for person in people if person.pk != decision.requested_by_id], text, url_of(decision))
