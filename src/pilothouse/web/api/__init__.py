"""What every room's REST router is made of: `router = Router(tags=["…"])`, paging, versions, problems.

A room's `web/<room>/api.py` exposes `router`; `site/api.py` mounts it under /api/v1. Each operation has
`request.actor` (from the Bearer token) and `request.organisation`, and calls the same selectors and actions as pages.
"""

from pilothouse.web.api.bearer import ApiRequest, Bearer
from pilothouse.web.api.etag import etag, if_match
from pilothouse.web.api.paging import Cursor, paged
from pilothouse.web.api.problem import Problem, problem

__all__ = ["ApiRequest", "Bearer", "Cursor", "Problem", "etag", "if_match", "paged", "problem"]
