"""Writing scheduled sources and what they said."""

from __future__ import annotations

from collections.abc import Mapping as Items
from typing import Any

from django.utils.text import slugify

from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.gates.models import Gap
from pilothouse.kernel.imports.models import IssueLink, Mapping, Source
from pilothouse.kernel.imports.sources import jira, servicenow
from pilothouse.kernel.imports.sources.web import check_reference, check_url
from pilothouse.kernel.ledger.log import record

_CHECKS = {"servicenow": servicenow.check_settings, "jira": jira.check_settings}
_TOLD = ("kind", "name", "url", "user_name", "secret_ref", "settings", "rhythm", "active")


@action("source.manage")
def source_save(
    *,
    actor: Actor,
    kind: str,
    name: str,
    url: str,
    secret_ref: str,
    user_name: str = "",
    settings: Items[str, Any] | None = None,
    fields: Items[str, str] | None = None,
    rhythm: str = "daily",
    active: bool = True,
    source: Source | None = None,
) -> Source:
    """Set up a source, or change one. `fields` (field → field of the table) makes the mapping of a ServiceNow source.

    Raises Invalid naming what is wrong; the secret itself is never taken.
    """
    if kind not in _CHECKS or (source is not None and source.kind != kind):
        raise Invalid("There is no such kind of source.", fields={"kind": f"One of {', '.join(_CHECKS)}."})
    if not name.strip() or len(name.strip()) > 120:
        raise Invalid("A source needs a name.", fields={"name": "1 to 120 characters."})
    if rhythm not in dict(Source.RHYTHMS):
        raise Invalid("There is no such rhythm.", fields={"rhythm": f"One of {', '.join(dict(Source.RHYTHMS))}."})
    taken = Source.objects.of(actor).filter(name=name.strip()).values_list("pk", flat=True).first()
    if taken is not None and (source is None or taken != source.pk):
        raise Conflict("Another source has that name.", fields={"name": "Choose another name."})
    slug = Organisation.objects.get(pk=actor.organisation_id).slug
    saved = Source.objects.get_of(actor, pk=source.pk) if source else Source(id=new_id(), kind=kind)
    before = {key: getattr(saved, key) for key in _TOLD} if source else None
    saved.organisation_id = actor.organisation_id
    saved.name, saved.url, saved.user_name = name.strip(), check_url(url), user_name.strip()[:200]
    saved.secret_ref, saved.settings = check_reference(secret_ref, slug), _CHECKS[kind](settings or {})
    saved.rhythm, saved.active = rhythm, active
    if kind == "servicenow":
        saved.mapping = _mapping(actor, saved, fields or servicenow.FIELDS)
    saved.save()
    after = {key: getattr(saved, key) for key in _TOLD}
    record(actor, "source.changed" if source else "source.added", saved, before=before, after=after)
    return saved


def _mapping(actor: Actor, source: Source, fields: Items[str, str]) -> Mapping:
    """The mapping of the table's fields, as a new version when it changed."""
    if "name" not in fields or "row_id" not in fields:
        raise Invalid("The mapping needs the system's name and its id.", fields={"fields": "Map name and row_id."})
    last = source.mapping
    # Keys of columns are in lower case, as a file's are.
    wanted = {target: column.strip().lower() for target, column in fields.items() if column.strip()}
    if last is not None and last.fields == wanted:
        return last
    mapping = Mapping(
        id=new_id(),
        organisation_id=actor.organisation_id,
        name=source.name,
        source=last.source if last else f"{slugify(source.name)[:40]}-{source.pk.hex[-8:]}",
        fingerprint="",
        version=last.version + 1 if last else 1,
        fields=wanted,
        options={"day_first": False},
        made_by_id=actor.person_id,
        made_at=clock.now(),
    )
    mapping.save(force_insert=True)
    record(actor, "mapping.saved", mapping, after={"name": mapping.name, "version": mapping.version, "fields": wanted})
    return mapping


@action("source.manage")
def source_synced(*, actor: Actor, source: Source, outcome: Items[str, int], error: str) -> Source:
    """Keep what a run did, or why it failed."""
    current: Source = Source.objects.select_for_update().get_of(actor, pk=source.pk)
    current.synced_at, current.outcome, current.error = clock.now(), dict(outcome), error
    current.save(update_fields=("synced_at", "outcome", "error"))
    record(actor, "source.failed" if error else "source.asked", current, after=dict(outcome), note=error)
    return current


@action("source.manage")
def issue_seen(*, actor: Actor, source: Source, gap: Gap, issue: jira.Issue, told: bool = False) -> IssueLink:
    """Keep which issue stands for a gap and what the tracker says of it. The gap itself is left alone."""
    # Both must be of the actor's organisation.
    source, gap = Source.objects.get_of(actor, pk=source.pk), Gap.objects.get_of(actor, pk=gap.pk)
    link, new = IssueLink.objects.update_or_create(
        source=source,
        gap=gap,
        defaults={
            "organisation_id": actor.organisation_id,
            "key": issue.key,
            "status": issue.status,
            "done": issue.done,
            "assignee": issue.assignee,
            "told": told,
            "seen_at": clock.now(),
        },
    )
    after = {"issue": issue.key, "status": issue.status, "assignee": issue.assignee}
    record(actor, "issue.linked" if new else "issue.seen", gap, system_id=gap.system_id, after=after)
    return link
