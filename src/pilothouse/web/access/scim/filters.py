"""SCIM filters, as far as identity providers use them to find one row: `attribute eq value`, joined by `and`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from django.db.models import Q

from pilothouse.web.access.scim.errors import ScimError

TERM = re.compile(
    r"""\s*([A-Za-z][\w.:]*(?:\[[^\]]*\])?(?:\.\w+)?)\s+(eq|ne|pr)\b\s*("(?:[^"\\]|\\.)*"|true|false)?\s*""", re.I
)

USER_FIELDS = {
    "id": "pk",
    "username": "email__iexact",
    "externalid": "external_id",
    "emails": "email__iexact",
    "emails.value": "email__iexact",
    'emails[type eq "work"].value': "email__iexact",
    "displayname": "name__iexact",
    "name.formatted": "name__iexact",
    "title": "title__iexact",
}
GROUP_FIELDS = {"id": "pk", "displayname": "title__iexact", "externalid": "key", "members": "memberships__person"}


def condition(text: str, fields: Mapping[str, str]) -> Q:
    """A filter as a condition on our rows. Raises ScimError (invalidFilter) for what we do not read."""
    found, position = Q(), 0
    while position < len(text):
        term = TERM.match(text, position)
        if term is None:
            raise ScimError(400, 'We read filters of the form: attribute eq "value".', "invalidFilter")
        found &= _term(term[1].lower(), term[2].lower(), term[3], fields)
        position = term.end()
        if position < len(text):
            if text[position : position + 4].lower() != "and ":
                raise ScimError(400, "We join terms of a filter by and.", "invalidFilter")
            position += 4
    return found


def _term(name: str, operator: str, value: str | None, fields: Mapping[str, str]) -> Q:
    if operator != "eq" or value is None:
        raise ScimError(400, "We compare by eq alone.", "invalidFilter")
    said = json.loads(value.lower() if value[0] != '"' else value)
    if name == "active" and isinstance(said, bool):
        return Q(left_at__isnull=said)
    lookup = fields.get(name)
    if lookup is None or not isinstance(said, str):
        raise ScimError(400, f"We do not filter by {name} like that.", "invalidFilter")
    return Q(**{lookup: said})
