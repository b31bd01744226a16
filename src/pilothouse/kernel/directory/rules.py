"""Pure judgement about people and roles."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.roles import ALL, OWN, PERMISSIONS

# Who holds one of these can widen what they or others may do, stop systems, or destroy evidence. Nobody gets or loses
# such a role by one person's hand.
POWERFUL = frozenset(
    {
        "organisation.change",
        "people.manage",
        "role.change",
        "rulebook.propose",
        "token.manage",
        "webhook.manage",
        "source.manage",
        "system.import",
        "system.bulk",
        "gate.restrict",
        "gateway.manage",
        "breakglass.open",
        "ledger.erase",
    }
)

LONGEST_TOKEN = timedelta(days=365)
LONGEST_DEPUTY = timedelta(days=365)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")


def is_powerful(permissions: Collection[str]) -> bool:
    """Does this role need a second person to be given or taken?"""
    return not POWERFUL.isdisjoint(permissions)


def widened(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The permissions that a change of a role adds or extends from `own` to `all`, sorted."""
    reach = {OWN: 1, ALL: 2}
    return sorted(p for p, to in after.items() if reach[to] > reach.get(before.get(p, ""), 0))


def clean_permissions(permissions: Mapping[str, str]) -> dict[str, str]:
    """What a role may do, checked. Raises Invalid naming the first thing that is none of ours."""
    for permission, reach in permissions.items():
        if permission not in PERMISSIONS:
            raise Invalid(f"There is no permission “{permission}”.", fields={"permissions": "No such permission."})
        if reach not in (ALL, OWN):
            raise Invalid(f"“{permission}” reaches “all” or “own”.", fields={"permissions": "Choose all or own."})
    return dict(sorted(permissions.items()))


def clean_scopes(scopes: Collection[str]) -> list[str]:
    """The scopes of a token, checked, sorted, each once."""
    unknown = sorted(set(scopes) - set(PERMISSIONS))
    if unknown:
        raise Invalid(f"There is no permission “{unknown[0]}”.", fields={"scopes": f"No permission “{unknown[0]}”."})
    if not scopes:
        raise Invalid("A token without a scope opens nothing.", fields={"scopes": "Choose at least one."})
    return sorted(set(scopes))


def clean_email(text: str) -> str:
    """An e-mail address in lower case, or Invalid. Empty stays empty."""
    email = text.strip().lower()
    if email and not (EMAIL.fullmatch(email) and len(email) <= 254):
        raise Invalid("That is not an e-mail address.", fields={"email": "Write it like name@company.example."})
    return email


def clean_name(text: str, field: str = "name", longest: int = 200) -> str:
    """A name with its white space folded. Raises Invalid when nothing is left or too much."""
    name = " ".join(text.split())
    if not name:
        raise Invalid("A name is needed.", fields={field: "Write a name."})
    if len(name) > longest:
        raise Invalid("That name is too long.", fields={field: f"At most {longest} characters."})
    return name


def clean_slug(text: str) -> str:
    slug = text.strip().lower()
    if not SLUG.fullmatch(slug):
        raise Invalid(
            "A short name has letters a to z, digits and hyphens, such as “harbour-bank”.",
            fields={"slug": "Letters a to z, digits and hyphens; at most 60."},
        )
    return slug


def clean_period(start: datetime, end: datetime, longest: timedelta, field: str = "ends_at") -> None:
    """A period that ends after it starts and is not too long, or Invalid."""
    if end <= start:
        raise Invalid("It ends before it begins.", fields={field: "Choose a later end."})
    if end - start > longest:
        raise Invalid("That is too long.", fields={field: f"At most {longest.days} days."})
