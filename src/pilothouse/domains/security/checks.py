"""Security's checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pilothouse.domains.security import facts
from pilothouse.kernel.decisions.signed import SignedOff
from pilothouse.kernel.domain import Check, Finding, Grade, Status, SystemFacts
from pilothouse.kernel.inventory.loading import Used
from pilothouse.kernel.records.judging import day, needs, sealed, spoken, today
from pilothouse.kernel.records.selectors import Sealed

FAMILIES = {
    "poisoning": "poisoning",
    "theft": "theft and inversion",
    "injection": "prompt injection",
    "hijacking": "agent hijacking",
}


def high_risks(body: Mapping[str, Any]) -> list[str]:
    """The families of threat from which a high risk remains. The short form leaves families out."""
    return [key for key in FAMILIES if (body.get(key) or {}).get("residual") == "high"]


@needs("Nobody has said whether it handles personal data, and by which rules.")
def judge_personal_data(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while the rules are sealed, not overdue, and do not contradict the inventory. "None is used" is an answer."""
    uses, review = paper.body["uses"], day(paper.body["review_by"])
    if review and review < today(now):
        return sealed(Status.IN_PROGRESS, f"Its rules were to be looked at again by {spoken(review)}.", paper)
    if uses == "none" and system.personal_data in ("personal", "special"):
        reason = "Its rules say that no personal data is used; the inventory says that it is. One of them is wrong."
        return sealed(Status.IN_PROGRESS, reason, paper)
    if uses == "personal" and system.personal_data == "special":
        reason = "The inventory says that it uses special categories; its rules do not speak of them."
        return sealed(Status.IN_PROGRESS, reason, paper)
    if uses == "none":
        return sealed(Status.MET, "It uses no personal data, and it is written down how one knows.", paper)
    return sealed(Status.MET, f"{len(paper.body['rules'])} rules for its personal data are sealed.", paper)


@needs("No AI threat model is sealed.")
def judge_threat_model(system: SystemFacts, paper: Sealed, now: datetime) -> Finding:
    """Met while a threat model is sealed and not overdue for another look. It names the risks that remain high."""
    review = day(paper.body["review_by"])
    if review and review < today(now):
        return sealed(Status.IN_PROGRESS, f"Its threat model was to be looked at again by {spoken(review)}.", paper)
    high = [FAMILIES[key] for key in high_risks(paper.body)]
    remains = f"; a high risk remains from {', '.join(high)}" if high else ""
    until = f", to be looked at again by {spoken(review)}" if review else ""
    return sealed(Status.MET, f"A threat model is sealed{until}{remains}.", paper)


@needs("No AI security review is sealed.", at=0)
def judge_review(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met while the sealed review is signed off, has not run out, and is of what runs now."""
    paper: Sealed = loaded[0]
    signed: SignedOff | None = loaded[1]
    if paper.body["conclusion"] == "may_not_run":
        return sealed(Status.NOT_MET, "Its security review concludes that it may not run.", paper)
    if stale := stale_because(paper, loaded[2], loaded[3] or (), now):
        return sealed(Status.IN_PROGRESS, stale, paper)
    if signed is None or signed.record_id != paper.id:
        reason = f"Version {paper.version} of its security review is sealed; the CISO has not signed it off."
        return sealed(Status.IN_PROGRESS, reason, paper)
    who = f"signed off as {signed.roles[0]}, as nobody is CISO" if signed.instead else "signed off by the CISO"
    alone = ", by one person alone" if signed.lone else ""
    until = day(paper.body["valid_until"])
    reason = f"Version {paper.version} of its security review is {who}{alone}"
    reason += f" and holds until {spoken(until)}." if until else "."
    return Finding(Status.MET, reason, Grade.SEALED, (paper.ref, signed.ref))


def stale_because(paper: Sealed, model: Sealed | None, used: Sequence[Used], now: datetime) -> str:
    """Why a review is no longer of what runs now, or the empty string."""
    until, said = day(paper.body["valid_until"]), paper.body.get("threat_model")
    if until and until < today(now):
        return f"Its security review held until {spoken(until)}."
    if said and (model is None or model.version < said):
        return f"It was to rest on version {said} of its threat model, which is not sealed."
    if said and model and model.version > said:
        return f"It was reviewed on version {said} of its threat model; version {model.version} is sealed since."
    reviewed: dict[str, set[str]] = {}
    for part in paper.body.get("versions") or ():
        reviewed.setdefault(part["component"].casefold(), set()).add(part["version"].casefold())
    for one in used:
        versions = reviewed.get(one.name.casefold())
        if versions and one.version and one.version.casefold() not in versions:
            return f"It now uses {one.name} {one.version}, which is not the version that was reviewed."
    for weakness in paper.body.get("weaknesses") or ():
        due = day(weakness.get("mend_by"))
        if weakness["state"] == "open" and due and due < today(now):
            return f"A weakness that the review found was to be mended by {spoken(due)}."
    return ""


@needs("No AI threat model is sealed, so nobody knows which risk remains.", at=0)
def judge_residual(system: SystemFacts, loaded: tuple[Any, ...], now: datetime) -> Finding:
    """Met if no high risk remains, or each is accepted with a reason over a signature: on the threat model itself,
    or on a security review of that version."""
    paper: Sealed = loaded[0]
    high = high_risks(paper.body)
    if not high:
        return sealed(Status.MET, "No high risk remains in its threat model.", paper)
    bare = [FAMILIES[key] for key in high if not paper.body[key].get("accepted_because")]
    if bare:
        reason = f"A high risk remains from {', '.join(bare)}, and nobody has said why it is borne."
        return sealed(Status.NOT_MET, reason, paper)
    named = ", ".join(FAMILIES[key] for key in high)
    under = _accepted(paper, *loaded[1:])
    if under is None:
        reason = f"The high risk from {named} is accepted in words, and no signature of the CISO stands under it."
        return sealed(Status.IN_PROGRESS, reason, paper)
    reason = f"The high risk from {named} is accepted with a reason, over a signature."
    return Finding(Status.MET, reason, Grade.SEALED, (paper.ref, under.ref))


def _accepted(
    model: Sealed, model_signed: SignedOff | None, review: Sealed | None, review_signed: SignedOff | None
) -> SignedOff | None:
    """The signature under the risks of this very version of the threat model."""
    if model_signed and model_signed.record_id == model.id:
        return model_signed
    reviewed = review is not None and review.body.get("threat_model") == model.version
    return review_signed if reviewed and review_signed and review and review_signed.record_id == review.id else None


CHECKS = (
    Check(
        id="security.personal_data_rules",
        version=1,
        title="Rules for personal data",
        domain="security",
        question="Is it written down which personal data it handles and by which rules, or that it handles none?",
        load=facts.personal_data,
        judge=judge_personal_data,
        remedy=f"records/{facts.PERSONAL}/edit/",
        remedy_label="Write the rules for personal data",
        protects="legal",
        effort=0.5,
    ),
    Check(
        id="security.threat_model_sealed",
        version=2,
        title="AI threat model sealed",
        domain="security",
        question="Has someone thought through how the system could be attacked, and what stands against it?",
        load=facts.threat_model,
        judge=judge_threat_model,
        remedy=f"records/{facts.THREATS}/edit/",
        remedy_label="Write the threat model",
        protects="ciso",
        effort=2.0,
    ),
    Check(
        id="security.review_signed",
        version=1,
        title="AI security review signed off",
        domain="security",
        question="Has the CISO signed off an AI-specific security review of what runs now?",
        load=facts.REVIEW_LOADERS,
        judge=judge_review,
        remedy="security/review/",
        writes=facts.REVIEW,
        remedy_label="Write the review and ask the CISO",
        protects="ciso",
        effort=3.0,
    ),
    Check(
        id="security.residual_accepted",
        version=1,
        title="High remaining risks accepted",
        domain="security",
        question="Is every high risk that remains accepted with a reason, by someone who signed for it?",
        load=(facts.threat_model, facts.threats_signed, facts.review, facts.review_signed),
        judge=judge_residual,
        remedy="security/risks/",
        writes=facts.THREATS,
        remedy_label="Lower the risk, or say why it is borne",
        protects="ciso",
        effort=1.0,
    ),
)
