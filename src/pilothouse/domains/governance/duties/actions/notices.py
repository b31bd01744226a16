"""Drafting a notice from what is known, and keeping that one was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pilothouse.contracts.errors import Conflict, Invalid, NotFound
from pilothouse.domains.governance.duties.actions.cases import locked
from pilothouse.domains.governance.duties.models import Case, SentNotice
from pilothouse.domains.governance.duties.prefill import filled
from pilothouse.domains.governance.duties.schemas import NOTICE
from pilothouse.domains.governance.duties.selectors.cases import keeping, standing
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.signoff import record_signoffs
from pilothouse.kernel.ledger.log import lock_log, record
from pilothouse.kernel.records.actions import record_draft
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import record_by_id

KINDS = dict(SentNotice.KINDS)


@action("duty.manage", on="case")
def notice_draft(*, actor: Actor, case: Case, clock: str, kind: str = "initial") -> Record:
    """Draft the notice for one clock, its fields filled from the inventory and the facts. It is a document like any
    other from then on: edited, sealed, signed. Raises NotFound for a clock that the case does not have."""
    if kind not in KINDS:
        raise Invalid("There is no such kind of notice.", fields={"kind": "Choose initial, interim or final."})
    current = locked(actor, case)
    kept = keeping(actor.organisation_id)
    stand = standing(current, kept, now())
    found = next((one for one in stand.clocks if one.key == clock), None)
    if found is None:
        raise NotFound
    return record_draft(actor=actor, system=current.system, kind=NOTICE, body=filled(stand, found, kind, kept))


@action("duty.manage", on="case")
def notice_sent(
    *,
    actor: Actor,
    case: Case,
    clocks: Sequence[str],
    to: str,
    kind: str = "initial",
    sent_at: datetime | None = None,
    channel: str = "",
    receipt: str = "",
    note: str = "",
    notice: Record | None = None,
) -> SentNotice:
    """Keep that a notice went out, and stop the clocks that it answers. Nothing else stops one.

    `notice` is the sealed text that was sent. Where the organisation's rules ask for a sign-off it must be there and be
    approved. Raises Invalid with every field that is wrong.
    """
    current = locked(actor, case)
    kept = keeping(actor.organisation_id)
    moment = sent_at or now()
    known = {one.key for one in standing(current, kept, now()).clocks}
    wrong = {}
    if not clocks or set(clocks) - known:
        wrong["clocks"] = "Choose the clocks that this notice answers."
    if not to.strip():
        wrong["to"] = "Say to whom it went."
    if kind not in KINDS:
        wrong["kind"] = "Choose initial, interim or final."
    if moment.tzinfo is None or moment > now():
        wrong["sent_at"] = "Say when it was sent; that cannot be in the future."
    if wrong:
        raise Invalid("Some fields are missing or unclear.", fields=wrong)
    text = _sealed(actor, current, notice)
    if kept.rules["sign_before_sending"]:
        _signed(text)
    sent: SentNotice = SentNotice.objects.create(
        organisation_id=actor.organisation_id,
        case=current,
        clocks=sorted(set(clocks)),
        kind=kind,
        to=to.strip()[:300],
        channel=channel.strip()[:200],
        receipt=receipt.strip()[:200],
        note=note.strip(),
        record_id=text.pk if text else None,
        record_hash=text.hash if text else "",
        sent_at=moment,
        kept_by_id=actor.person_id,
        kept_name=actor.name[:200],
        kept_at=now(),
    )
    told = {key: getattr(sent, key) for key in ("clocks", "kind", "to", "channel", "receipt", "sent_at", "record_hash")}
    record(actor, "notice.sent", current, system_id=current.system_id, after=told, note=sent.note)
    return sent


@action("duty.manage", on="case")
def sent_void(*, actor: Actor, case: Case, sent: SentNotice, reason: str) -> SentNotice:
    """Say that an entry was a mistake: what it stopped runs on. It stays readable. Raises Invalid without a reason."""
    if not reason.strip():
        raise Invalid("Say why it is void.", fields={"reason": "Say why."})
    lock_log(actor.organisation_id)
    current: SentNotice = SentNotice.objects.select_for_update(of=("self",)).get_of(actor, pk=sent.pk, case=case)
    if current.void_at is not None:
        raise Conflict("It is void already.")
    current.void_at, current.void_because = now(), reason.strip()[:500]
    current.save(update_fields=("void_at", "void_because"))
    void = {"clocks": current.clocks, "to": current.to}
    record(actor, "notice.void", case, system_id=case.system_id, before=void, note=current.void_because)
    return current


def _sealed(actor: Actor, case: Case, notice: Record | None) -> Record | None:
    if notice is None:
        return None
    text = record_by_id(actor, notice.pk)
    if text.kind != NOTICE or text.system_id != case.system_id or text.body.get("case") != case.number:
        raise Invalid("That is no notice of this incident.", fields={"notice": "Choose one of its notices."})
    if text.state != "sealed":
        raise Invalid(
            "A draft cannot have been sent: it may still change.", fields={"notice": "Seal the notice first."}
        )
    return text


def _signed(text: Record | None) -> None:
    """Raise unless the text is signed off as it stands."""
    if text is None:
        told = "Here a notice is signed off before it is sent: choose the sealed one."
        raise Invalid("It needs a sign-off.", fields={"notice": told})
    approved = any(
        decision.state == "approved" and all(not one.void for one in signatures)
        for decision, signatures in record_signoffs(text)
    )
    if not approved:
        told = "Nobody signed this notice off yet. Ask for the signature on its page."
        raise Invalid("It needs a sign-off.", fields={"notice": told})
