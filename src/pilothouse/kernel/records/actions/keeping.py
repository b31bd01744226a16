"""What people leave behind who write no documents: a report, a request, an acknowledgement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger import log
from pilothouse.kernel.ledger.log import lock_log
from pilothouse.kernel.records.actions.parts import said_of, seal, sealing, tell, write
from pilothouse.kernel.records.kinds import key_said, kind_of, top_number
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.references import unresolved
from pilothouse.kernel.records.schema import problems, whole


def entry_keep(actor: Actor, kind: str, system: System | None, body: Mapping[str, Any]) -> Record:
    """Write and seal an entry of a register at once, in the name of an actor who need not hold what writing that
    register takes. Only an action of a domain calls it, inside its transaction, after it has asked for its own
    permission and has made the body itself.

    A named entry gets its next version, a numbered register a new entry. Raises Invalid where the body is not whole or
    names what there is not.
    """
    spec = kind_of(kind)
    said = said_of(spec, body)
    lock_log(actor.organisation_id)
    if missing := problems(spec.schema, said) or unresolved(actor, spec, system, said):
        raise Invalid("Some answers are missing or unclear.", fields=missing)
    mine = Record.objects.of(actor).filter(kind=kind, system=system)
    key = key_said(spec, said) if spec.key else str(top_number(mine.values_list("key", flat=True)) + 1)
    same = mine.filter(key=key)
    before = same.filter(state="sealed").first()
    if before is not None:
        before.state = "superseded"
        before.save(update_fields=("state",))
    row = Record(organisation_id=actor.organisation_id, kind=kind, system=system, key=key, revision=0)
    row.version = (same.aggregate(top=Max("version"))["top"] or 0) + 1
    write(actor, row, whole(spec.schema, said))
    seal(actor, row)
    row.save()
    log.record_many(actor, [sealing(spec, row, before)])
    tell(actor, spec, [row.system_id])
    return row
