"""Who is here, for checks that ask whether somebody named in a document can still answer for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pilothouse.kernel.access.models import Membership, Person
from pilothouse.kernel.domain import Facts
from pilothouse.kernel.records.loaders import Everywhere


@dataclass(frozen=True, slots=True)
class Here:
    """The people of an organisation who have not left: e-mail → name, and role → how many hold it."""

    names: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, int] = field(default_factory=dict)

    def gone(self, emails: Iterable[str | None]) -> list[str]:
        """Those of the named who are not here, in order, each once."""
        return [email for email in dict.fromkeys(emails) if email and email not in self.names]

    def called(self, email: str) -> str:
        """A name if there is one, else the e-mail."""
        return self.names.get(email) or email


def people_here(organisation_id: UUID, system_ids: Sequence[UUID] | None) -> Facts:
    """A loader for checks: `Here`, the same for every system. Two queries."""
    return Everywhere(here(organisation_id))


def here(organisation_id: UUID) -> Here:
    """Who is here now, and which roles somebody holds."""
    people = Person.objects.filter(organisation_id=organisation_id, left_at=None).exclude(email="")
    roles: defaultdict[str, int] = defaultdict(int)
    held = Membership.objects.filter(organisation_id=organisation_id, person__left_at=None)
    for role in held.values_list("role__key", flat=True):
        roles[role] += 1
    return Here(dict(people.values_list("email", "name")), dict(roles))
