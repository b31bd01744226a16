"""Where a gap is mended: the address of a check's remedy, the way back to the gate, and who else may."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Membership, Role
from pilothouse.kernel.access.roles import ALL
from pilothouse.kernel.domain import Check, RecordKind, registry
from pilothouse.kernel.records.kinds import may_write

OF_ORGANISATION = re.compile(r"^/records/kinds/([a-z_]+\.[a-z_0-9]+)/")
NAMED = 3


def remedy_url(slug: str, number: int, check: Check, *, gate: bool = False) -> str:
    """A remedy is a path below the system's page. One that begins with “/” mends what belongs to the organisation: it
    is a path below the organisation's own. With `gate`, whoever has mended it is led back to the system's gates."""
    if check.remedy.startswith("/"):
        url = reverse("home:home", kwargs={"slug": slug}) + check.remedy[1:]
    else:
        url = reverse("inventory:detail", kwargs={"slug": slug, "number": number}) + check.remedy
    if not gate:
        return url
    path, mark, anchor = url.partition("#")
    return f"{path}{'&' if '?' in path else '?'}gate={number}{mark}{anchor}"


def to_gate(request: HttpRequest) -> str:
    """The gates page that the writer came from, as the address says, or the empty string."""
    number = request.GET.get("gate", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return ""
    return reverse("gates:system", kwargs={"slug": request.organisation.slug, "number": int(number)})  # type: ignore[attr-defined]


def others_to_mend(actor: Actor, checks: Iterable[Check]) -> dict[str, str]:
    """Check id → who may write what it asks for, where that is the organisation's own and not the reader's to write.
    Two queries where there is any."""
    asked = {check: kind for check in checks if (kind := _kept_together(check)) and not may_write(actor, kind, None)}
    if not asked:
        return {}
    roles = list(Role.objects.filter(organisation_id=actor.organisation_id))
    held = Membership.objects.filter(organisation_id=actor.organisation_id, unit=None, person__left_at=None)
    people = list(held.order_by("person__name").values_list("role_id", "role__key", "person__name"))
    found = {}
    for check, kind in asked.items():
        able = {role.pk for role in roles if role.permissions.get(kind.write) == ALL}
        first = sorted((key != check.protects, name) for pk, key, name in people if pk in able)
        names = list(dict.fromkeys(name for _, name in first))[:NAMED]
        found[check.id] = " or ".join(names) or "somebody else"
    return found


def _kept_together(check: Check) -> RecordKind | None:
    """The organisation's own document or register that a remedy opens."""
    said = OF_ORGANISATION.match(check.remedy)
    return registry.records.get(said[1]) if said else None
