"""Writing who is here: one module a subject."""

from pilothouse.kernel.directory.actions.deputies import deputy_appoint, deputy_end
from pilothouse.kernel.directory.actions.memberships import membership_grant, membership_revoke
from pilothouse.kernel.directory.actions.organisations import organisation_change, organisation_create
from pilothouse.kernel.directory.actions.people import (
    password_set,
    person_add,
    person_change,
    person_invite,
    person_leave,
    person_return,
)
from pilothouse.kernel.directory.actions.tokens import Issued, token_issue, token_revoke, token_rotate
from pilothouse.kernel.directory.actions.units import unit_add, unit_move, unit_rename

__all__ = [
    "Issued",
    "deputy_appoint",
    "deputy_end",
    "membership_grant",
    "membership_revoke",
    "organisation_change",
    "organisation_create",
    "password_set",
    "person_add",
    "person_change",
    "person_invite",
    "person_leave",
    "person_return",
    "token_issue",
    "token_revoke",
    "token_rotate",
    "unit_add",
    "unit_move",
    "unit_rename",
]
