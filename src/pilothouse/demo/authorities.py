"""What Meridian had to tell authorities that year, what they asked, and its drills. All of it invented."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from pilothouse.demo.telling import Teller
from pilothouse.domains.governance.duties.actions import (
    case_close,
    case_open,
    gaps_review,
    inquiry_close,
    inquiry_open,
    letter_keep,
    notice_sent,
    pack_attach,
)
from pilothouse.domains.governance.duties.models import Case, Inquiry
from pilothouse.kernel import clock

RISK = "Sunniva Dahl"
PAST, LIVE = "Card fraud detection", "Web chat"
DRILLS = ((205, 203, 202, 14), (118, 117, 116, 9), (35, 34, 34, 4))
"""Days before today: opened, pack sealed, gaps reviewed; and the gaps that were found."""
NEVER = (
    "provider", "gpai_systemic", "gpai_signatory", "cra_manufacturer", "device_manufacturer", "sec_registrant",
    "frontier_developer", "federal_agency",
)  # fmt: skip
"""What a financial group is not."""
LINKED = ("controller", "personal_data_breach")


def tell_authorities(tell: Teller) -> None:
    """Plan an incident that is told and closed, one whose clock runs, three drills, and two requests."""
    tell.on(64, partial(_past, tell))
    tell.on(62, partial(_past_sent, tell))
    tell.on(40, partial(_past_over, tell))
    tell.on(1, partial(_live, tell))
    for number, (opened, sealed, reviewed, gaps) in enumerate(DRILLS, start=1):
        title = f"Drill {number}: everything about one system"
        tell.on(opened, partial(_ask, tell, title, PAST, drill=True))
        tell.on(sealed, partial(_seal, tell, title, gaps))
        tell.on(reviewed, partial(_review, tell, title, gaps))
    tell.on(88, partial(_ask, tell, "Records of the web chat", LIVE, authority="The supervisor of conduct"))
    tell.on(87, partial(_answer, tell, "Records of the web chat"))
    tell.on(
        1,
        partial(_ask, tell, "Logs and tests of card fraud detection", PAST, authority="The data protection authority"),
    )


def _facts(hours: float, yes: tuple[str, ...], no: tuple[str, ...] = ()) -> Mapping[str, Any]:
    aware = clock.now() - timedelta(hours=hours)
    return {
        "occurred_at": (aware - timedelta(hours=9)).isoformat(),
        "aware_at": aware.isoformat(),
        "member_states": ["NL"],
        "answers": dict.fromkeys(no, "no") | dict.fromkeys(yes, "yes"),
    }


def _past(tell: Teller) -> None:
    facts = _facts(5, (*LINKED, "high_risk_breach"), NEVER)
    title = "Blocked cards were listed in a shared mailbox"
    case_open(actor=tell.actor(RISK), system=tell.system(PAST), title=title, facts=facts)


def _past_sent(tell: Teller) -> None:
    for key, to, receipt in (
        ("gdpr_33:report:NL", "The data protection authority", "2026-4471"),
        ("gdpr_34:report:NL", "The 212 customers", ""),
    ):
        notice_sent(
            actor=tell.actor(RISK), case=_case(tell, PAST), clocks=[key], to=to, receipt=receipt, channel="Portal"
        )


def _past_over(tell: Teller) -> None:
    case_close(
        actor=tell.actor(RISK), case=_case(tell, PAST), reason="The authority closed its file; nobody was harmed."
    )


def _live(tell: Teller) -> None:
    facts = _facts(4, LINKED, (*NEVER, "death", "health_harm", "critical_infrastructure", "property_environment"))
    title = "The chat showed a customer the letter of another"
    case_open(actor=tell.actor(RISK), system=tell.system(LIVE), title=title, facts=facts)


def _case(tell: Teller, name: str) -> Case:
    return Case.objects.get(organisation=tell.organisation, system=tell.system(name))


def _ask(tell: Teller, title: str, about: str, *, authority: str = "", drill: bool = False) -> None:
    items = ["Technical documentation", "Logs of the last six months", "Who oversees it, and how"]
    inquiry_open(
        actor=tell.actor(RISK), title=title, authority=authority, items=items, drill=drill,
        basis="" if drill else "Reasoned request", numbers=[tell.system(about).number],
    )  # fmt: skip


def _asked(tell: Teller, title: str) -> Inquiry:
    found: Inquiry = Inquiry.objects.get(organisation=tell.organisation, title=title)
    return found


def _seal(tell: Teller, title: str, gaps: int) -> None:
    digest = hashlib.sha256(title.encode()).hexdigest()
    pack_attach(
        actor=tell.actor(RISK), inquiry=_asked(tell, title), title="Pack of the drill (simulated)", sha256=digest,
        sealed_at=clock.now(), gaps=gaps,
    )  # fmt: skip


def _review(tell: Teller, title: str, gaps: int) -> None:
    gaps_review(actor=tell.actor(RISK), inquiry=_asked(tell, title), gaps=gaps, note="Each gap has an owner now.")
    inquiry_close(
        actor=tell.actor(RISK), inquiry=_asked(tell, title), outcome="The drill is over; its gaps have owners."
    )


def _answer(tell: Teller, title: str) -> None:
    actor, inquiry = tell.actor(RISK), _asked(tell, title)
    letter_keep(
        actor=actor, inquiry=inquiry, way="out", text="The records that you asked for, with a list of what is missing."
    )
    inquiry_close(actor=actor, inquiry=inquiry, outcome="Answered with the records of the chat.")
