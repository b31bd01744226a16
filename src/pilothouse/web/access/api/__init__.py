"""People, roles, units, deputies and tokens over REST: one module a subject, one router."""

from pilothouse.web.access.api import organisation, people, roles, tokens
from pilothouse.web.access.api.found import router

PREFIX = ""
__all__ = ["PREFIX", "organisation", "people", "roles", "router", "tokens"]
