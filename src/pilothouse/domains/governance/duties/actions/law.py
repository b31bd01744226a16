"""Beginning an edition of one's own of the law of clocks."""

from __future__ import annotations

from pilothouse.domains.governance.duties.lawbook import shipped_text
from pilothouse.domains.governance.duties.schemas import LAW
from pilothouse.domains.governance.duties.selectors.cases import keeping
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.records.actions import record_draft
from pilothouse.kernel.records.models import Record


@action("duty.manage")
def own_edition_begin(*, actor: Actor) -> Record:
    """The draft of an edition of one's own: the one there is, else one that begins with what holds now. It takes effect
    when it is sealed."""
    there: Record | None = Record.objects.of(actor).filter(kind=LAW, state="draft").first()
    if there is not None:
        return there
    own = keeping(actor.organisation_id).own
    text = own.body["text"] if own else shipped_text().replace("edition: pilothouse", "edition: our own", 1)
    return record_draft(actor=actor, system=None, kind=LAW, body={"text": text})
