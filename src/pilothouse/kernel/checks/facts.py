"""Reading what the checks judge: the systems in one query, and what each loader finds, once a run."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from pilothouse.kernel.checks.rules.findings import Judged
from pilothouse.kernel.domain import Check, Facts, Finding, Loader, Status, SystemFacts
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.loaders import read_together

log = logging.getLogger(__name__)

# More ids than this are not sent to the database one by one: all are read, and the others left aside.
MANY = 900

_FIELDS = (
    "id",
    "number",
    "name",
    "stage",
    "tier",
    "impact",
    "personal_data",
    "sourcing",
    "technique",
    "vendor",
    "purpose",
    "outcome",
    "outcome_metric",
    "owner_id",
    "owner__left_at",
    "deputy_id",
    "unit_id",
    "affects",
    "intake",
    "inherited_at",
    "outputs",
    "owner__name",
)

_NAMES = tuple(
    {"owner__left_at": "owner_left", "inherited_at": "inherited", "owner__name": "owner_name"}.get(name, name)
    for name in _FIELDS
)

NOT_APPLICABLE = Judged(Finding(Status.NOT_APPLICABLE, "This does not concern such a system."))
FAILED = Judged(Finding(Status.UNKNOWN, "This check failed to judge; the log says why."), raised=True)


def narrow(system_ids: Iterable[UUID] | None) -> Sequence[UUID] | None:
    """The ids to ask the database for; None means all of them."""
    if system_ids is None:
        return None
    ids = list(dict.fromkeys(system_ids))
    return ids if len(ids) <= MANY else None


def system_facts(organisation_id: UUID, system_ids: Iterable[UUID] | None = None) -> list[SystemFacts]:
    """What every check may know of these systems (None: of all), by number, in one query."""
    wanted = None if system_ids is None else frozenset(system_ids)
    rows = System.objects.filter(organisation_id=organisation_id)
    asked = narrow(wanted)
    if asked is not None:
        rows = rows.filter(id__in=asked)
    return [
        _facts(row)
        for row in rows.order_by("number").values_list(*_FIELDS).iterator(chunk_size=2000)
        if wanted is None or row[0] in wanted
    ]


def _facts(row: tuple[Any, ...]) -> SystemFacts:
    facts = dict(zip(_NAMES, row, strict=True))
    facts["owner_left"] = facts["owner_left"] is not None
    facts["inherited"] = facts["inherited"] is not None
    facts["intake"] = facts["intake"] or {}
    facts["owner_name"] = facts["owner_name"] or ""
    return SystemFacts(**facts)


Loaded = Mapping[Loader, Facts | None]
"""What each loader found; None for one that failed."""


def load(organisation_id: UUID, checks: Iterable[Check], system_ids: Iterable[UUID] | None = None) -> Loaded:
    """Call each distinct loader once. One that raises is logged, and its checks count as failed."""
    asked = narrow(system_ids)
    loaders = list(dict.fromkeys(loader for check in checks for loader in check.loaders))
    with read_together(organisation_id, asked):
        try:
            # One savepoint for all: so a broken query does not break the transaction that we stand in.
            with transaction.atomic():
                return {loader: loader(organisation_id, asked) for loader in loaders}
        except Exception:
            return {loader: _tried(loader, organisation_id, asked) for loader in loaders}


def _tried(loader: Loader, organisation_id: UUID, asked: Sequence[UUID] | None) -> Facts | None:
    """One of them broke: each by itself, so that the others are known."""
    try:
        with transaction.atomic():
            return loader(organisation_id, asked)
    except Exception:
        log.exception("a loader of facts failed: %s", getattr(loader, "__qualname__", loader))
        return None


class Judge:
    """Judges one system after another over what was loaded. A check that fails is logged once a run."""

    def __init__(self, loaded: Loaded, now: datetime) -> None:
        self._loaded, self._now = loaded, now
        self._failed: set[str] = set()

    def __call__(self, check: Check, system: SystemFacts) -> Judged:
        """What the check says of the system; a failure to judge is `unknown` and marked so."""
        found = [self._loaded[loader] for loader in check.loaders]
        if None in found:
            return FAILED
        try:
            if not check.applies(system):
                return NOT_APPLICABLE
            facts = tuple(one.get(system.id) for one in found if one is not None)
            loaded = facts if isinstance(check.load, tuple) else facts[0] if facts else None
            return Judged(check.judge(system, loaded, self._now))
        except Exception:
            if check.id not in self._failed:
                self._failed.add(check.id)
                log.exception("check %s failed to judge %s", check.id, system.id)
            return FAILED
