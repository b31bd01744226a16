"""Keeping what files mean: mappings of columns, words for stages."""

from __future__ import annotations

from collections.abc import Mapping as Items
from typing import Any

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.imports.models import Mapping, StageWord
from pilothouse.kernel.imports.stages import stage_key
from pilothouse.kernel.inventory.models import Stage
from pilothouse.kernel.ledger.log import record


@action("system.import")
def stage_word_set(*, actor: Actor, word: str, stage: str) -> StageWord:
    """Say what a source's word for a stage means here; the next preview reads it so. Raises Invalid."""
    key = stage_key(word)
    if not key or len(key) > 200:
        raise Invalid("A word for a stage has 1 to 200 characters.", fields={"word": "Write it as the file does."})
    if stage not in Stage.values:
        raise Invalid(f"There is no stage “{stage}”.", fields={"stage": f"One of {', '.join(Stage.values)}."})
    before = StageWord.objects.of(actor).filter(word=key).first()
    told, _ = StageWord.objects.update_or_create(
        organisation_id=actor.organisation_id, word=key, defaults={"stage": stage}
    )
    record(
        actor,
        "import.stage_word",
        told,
        before={"stage": before.stage} if before else None,
        after={"word": key, "stage": stage},
    )
    return told


@action("system.import")
def mapping_save(
    *,
    actor: Actor,
    name: str,
    source: str,
    fingerprint: str,
    fields: Items[str, str],
    options: Items[str, Any] | None = None,
) -> Mapping:
    """Keep a mapping for files of this layout, as a new version when it differs from the last. Raises Invalid."""
    name = name.strip()
    if not name or "name" not in fields:
        problem = {"name": "Name the mapping."} if not name else {"fields": "Say which column holds the system's name."}
        raise Invalid("A mapping needs a name, and a column for the name of the system.", fields=problem)
    last = Mapping.objects.of(actor).filter(source=source).order_by("-version").first()
    new = Mapping(
        id=new_id(),
        organisation_id=actor.organisation_id,
        name=name[:120],
        source=source,
        fingerprint=fingerprint,
        version=(last.version if last else 0) + 1,
        fields=dict(fields),
        options=dict(options or {}),
        made_by_id=actor.person_id,
        made_at=clock.now(),
    )
    if last and all(getattr(last, k) == getattr(new, k) for k in ("name", "fingerprint", "fields", "options")):
        return last
    new.save(force_insert=True)
    record(
        actor,
        "mapping.saved",
        new,
        before={"fields": last.fields, "options": last.options} if last else None,
        after={"name": new.name, "version": new.version, "fields": new.fields, "options": new.options},
    )
    return new
