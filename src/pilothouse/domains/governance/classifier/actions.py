"""Writing: the answers of a questionnaire as a draft, and the classification that a person seals from its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pilothouse.contracts.errors import NotFound
from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.kinds import RULE_SET
from pilothouse.domains.governance.classifier.rules.sealing import from_facts, proposal
from pilothouse.domains.governance.classifier.selectors import papers_of, rule_sets_of
from pilothouse.domains.governance.facts import CLASSIFICATION
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.models import Record

WORDS = ("our_role", "reasons", "exception", "under", "decided_by", "review_by")


@action("record.write", on="system")
def answers_save(*, actor: Actor, system: System, facts: Mapping[str, Any]) -> Record:
    """Keep the answers as the draft of the system's classification; what else the draft says stays. Raises Invalid
    for answers that a question does not have."""
    found = public.classify(facts, rule_sets=rule_sets_of(actor.organisation_id), what_if=False)
    papers = papers_of(actor, system)
    said = dict(papers.draft.body) if papers.draft else {}
    said |= {"risk_class": found.risk_class, "from_facts": from_facts(found)}
    return record_draft(actor=actor, system=system, kind=CLASSIFICATION, body=said)


@action("record.write", on="system")
def classification_seal(*, actor: Actor, system: System, facts: Mapping[str, Any], words: Mapping[str, Any]) -> Record:
    """Seal the classification that follows from `facts`, with a person's `words` (role, reasons, exception, regimes,
    who answers, when to look again) in place of those that the result proposes. The class itself is the result's: who
    judges otherwise writes the document by hand. Raises Invalid with each field that is missing or wrong."""
    found = public.classify(facts, rule_sets=rule_sets_of(actor.organisation_id), what_if=False)
    body = proposal(found) | {name: words[name] for name in WORDS if name in words}
    draft = record_draft(actor=actor, system=system, kind=CLASSIFICATION, body=body)
    return record_seal(actor=actor, record=draft)


@action("record.write")
def edition_begin(*, actor: Actor, rule_set_id: str) -> Record:
    """The draft of an edition of one's own: the one there is, or one that begins with the rules that ship. Raises
    NotFound for an id that no rule set has."""
    text = library.shipped_text(rule_set_id)
    if not text:
        raise NotFound("There is no such rule set.")
    mine = Record.objects.of(actor).filter(kind=RULE_SET, key=rule_set_id, state="draft").first()
    if mine is not None:
        return mine
    return record_draft(actor=actor, system=None, kind=RULE_SET, body={"name": rule_set_id, "text": text})
