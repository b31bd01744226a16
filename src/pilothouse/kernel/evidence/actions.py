"""Adding evidence, replacing it by newer, withdrawing it. Nothing is changed in place and nothing is deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from pilothouse.contracts.canonical import content_hash
from pilothouse.contracts.errors import Conflict, Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.base import new_id
from pilothouse.kernel.domain import registry
from pilothouse.kernel.evidence import rules
from pilothouse.kernel.evidence.models import Evidence
from pilothouse.kernel.inventory.hooks import tell_changed
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.log import lock_log, record


@action("evidence.add", on="system")
def evidence_add(
    *,
    actor: Actor,
    system: System,
    title: str,
    filename: str = "",
    data: bytes | None = None,
    url: str = "",
    figure: Mapping[str, Any] | None = None,
    supports: Sequence[str] = (),
    effective_on: date | None = None,
    expires_on: date | None = None,
    replaces: Evidence | None = None,
) -> Evidence:
    """Add one file (`data`), link (`url`) or figure about a system, and say which checks it supports.

    `replaces` is superseded by it. The file's kind is read from its bytes. Raises Invalid, naming the field.
    """
    given = [value for value in (data, url.strip(), figure) if value]
    if len(given) != 1:
        raise Invalid("Give one thing: a file, a link or a figure.", fields={"file": "One of the three."})
    title = " ".join(title.split()) or rules.clean_filename(filename)
    if not title or (not filename and title == "file"):
        raise Invalid("Say what it is.", fields={"title": "Such as “Bias test of May 2026”."})
    start = effective_on or clock.now().date()
    rules.check_dates(start, expires_on)
    evidence = Evidence(
        id=new_id(),
        organisation_id=actor.organisation_id,
        system=system,
        title=title[:200],
        supports=_known_checks(supports),
        effective_on=start,
        expires_on=expires_on,
        added_by_id=actor.person_id,
        added_by_name=actor.name[:200],
        added_at=clock.now(),
    )
    _fill(evidence, filename, data, url, figure)
    lock_log(actor.organisation_id)
    older = _replaceable(actor, system, replaces)
    evidence.save(force_insert=True)
    told = {"title": evidence.title, "kind": evidence.kind, "sha256": evidence.sha256, "supports": evidence.supports}
    record(actor, "evidence.added", evidence, system_id=system.pk, after=told | {"expires_on": expires_on})
    if older is not None:
        older.superseded_by = evidence
        older.save(update_fields=("superseded_by",))
        record(actor, "evidence.superseded", older, system_id=system.pk, after={"by": evidence.title})
    tell_changed(actor, [system.pk])
    return evidence


@action("evidence.add", on="evidence")
def evidence_withdraw(*, actor: Actor, evidence: Evidence, reason: str) -> Evidence:
    """Say that a piece no longer counts. It stays to be looked at. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it no longer counts.", fields={"reason": "Say why."})
    lock_log(actor.organisation_id)
    current: Evidence = Evidence.objects.select_for_update().get_of(actor, pk=evidence.pk)
    if current.withdrawn_at is not None:
        raise Conflict("It was withdrawn already.")
    current.withdrawn_at, current.withdrawn_because = clock.now(), reason[:500]
    current.save(update_fields=("withdrawn_at", "withdrawn_because"))
    record(actor, "evidence.withdrawn", current, system_id=current.system_id, note=reason)
    tell_changed(actor, [current.system_id])
    return current


def _fill(evidence: Evidence, filename: str, data: bytes | None, url: str, figure: Mapping[str, Any] | None) -> None:
    if data is not None:
        if len(data) > rules.MAX_BYTES:
            raise Invalid("The file is too large.", fields={"file": f"At most {rules.MAX_BYTES >> 20} MB."})
        evidence.kind, evidence.size = "file", len(data)
        evidence.media_type = rules.media_type_of(filename, data)
        evidence.filename = rules.clean_filename(filename)
        evidence.sha256 = hashlib.sha256(data).hexdigest()
        _store(evidence, data)
    elif url:
        evidence.kind, evidence.url = "link", rules.check_link(url)
        evidence.sha256 = hashlib.sha256(evidence.url.encode()).hexdigest()
    else:
        evidence.kind, evidence.figure = "measurement", dict(figure or {})
        if not evidence.figure.get("metric") or not evidence.figure.get("value"):
            raise Invalid("A figure needs a metric and a value.", fields={"metric": "Name it.", "value": "Write it."})
        evidence.sha256 = content_hash(evidence.figure).removeprefix("sha256:")


def _store(evidence: Evidence, data: bytes) -> None:
    # The name is the hash, so a file that is there already is the same file.
    storage, name = evidence.file.storage, evidence.file.field.generate_filename(evidence, evidence.filename)
    evidence.file.name = name if storage.exists(name) else storage.save(name, ContentFile(data))


def _known_checks(supports: Sequence[str]) -> list[str]:
    unknown = [check for check in supports if check not in registry.checks]
    if unknown:
        raise Invalid(f"There is no check “{unknown[0]}”.", fields={"supports": "Choose from the list."})
    return sorted(set(supports))


def _replaceable(actor: Actor, system: System, replaces: Evidence | None) -> Evidence | None:
    if replaces is None:
        return None
    older: Evidence = Evidence.objects.select_for_update().get_of(actor, pk=replaces.pk, system=system)
    if older.superseded_by_id or older.withdrawn_at:
        raise Conflict("What it would replace is not in force any more.", code="not_current")
    return older
