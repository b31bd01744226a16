"""People from an identity provider by SCIM 2.0 (RFC 7643, RFC 7644), under /scim/v2/.

A service token with the scope people.manage opens it. A user is a person here; a group is a role. `active: false` and
DELETE mean that someone leaves; nothing is erased, since the ledger names them, and a user who is sent again is back.
Roles that take two people to be given are shown but not given or taken here.
"""

from pilothouse.web.access.scim.views import urlpatterns

__all__ = ["urlpatterns"]
