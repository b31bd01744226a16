"""The rooms of the house as the navigation shows them, and what a page needs to know to draw its frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Organisation
from pilothouse.kernel.access.selectors import organisations_of
from pilothouse.kernel.checks.answering import answering
from pilothouse.kernel.decisions.selectors import waiting_for
from pilothouse.kernel.domain import Domain


@dataclass(frozen=True, slots=True)
class Room:
    """One place to go. It is shown when the actor holds one of `permissions` and its URL name resolves.

    `key` is the letter after `g`; `count`, if given, says how many things wait there, in one query. One `below` stands
    under the room before it; one `everywhere` is for those alone whose permission reaches the whole organisation.
    """

    title: str
    icon: str
    url_name: str
    key: str
    permissions: tuple[str, ...]
    group: str = ""
    count: Callable[[Actor], int] | None = None
    main: bool = False
    below: bool = False
    everywhere: bool = False


def _opens(room: Room, actor: Actor) -> bool:
    if room.everywhere:
        return any(actor.scope(permission).everywhere for permission in room.permissions)
    return any(actor.may(permission) for permission in room.permissions)


def _waiting(actor: Actor) -> int:
    return waiting_for(actor, clock.now()).count()


ROOMS: tuple[Room, ...] = (
    Room("Home", "home", "home:home", "h", ("organisation.view",), main=True),
    Room("Systems", "systems", "inventory:list", "s", ("system.view",), main=True),
    Room("Inbox", "inbox", "decisions:inbox", "i", ("decision.decide", "system.view"), count=_waiting, main=True),
    Room("My AI", "star", "experience:my_ai", "a", ("feedback.give",), main=True),
    Room("Domains", "domains", "domains:list", "d", ("system.view",), main=True),
    Room("Interdependence", "graph", "interdependence:graph", "n", ("system.view",), below=True),
    Room("Rulebook", "rulebook", "checks:rulebook", "r", ("rulebook.view",), "Govern"),
    Room("Review agenda", "clock", "gates:agenda", "y", ("system.view",), "Govern"),
    Room("Imports", "imports", "imports:list", "m", ("system.import",), "Govern"),
    Room("Fact requests", "requests", "requests:list", "f", ("fact.request",), "Govern"),
    Room("Incident clocks", "clock", "duties:cases", "o", ("duty.view",), "Govern"),
    Room("Requests of authorities", "flag", "duties:inquiries", "q", ("duty.view",), "Govern", everywhere=True),
    Room("Reviews", "eye", "reviews:queue", "v", ("answer.review",), "Run"),
    Room("Gateway", "bolt", "policy:overview", "k", ("traffic.view", "gateway.manage"), "Run"),
    Room("Traffic", "trend-up", "traffic:live", "u", ("traffic.view",), "Run"),
    Room("Frameworks", "shield", "frameworks:list", "w", ("system.view",), "Prove"),
    Room("Documents", "file", "records:list", "c", ("system.view",), "Prove"),
    Room("Inventories", "list", "duties:inventories", "b", ("system.export",), "Prove"),
    Room("Evidence", "evidence", "evidence:list", "e", ("evidence.add",), "Prove"),
    Room("Audit packs", "shield", "governance_pack:list", "x", ("pack.fetch",), "Prove"),
    Room("Ledger", "ledger", "ledger:list", "l", ("ledger.view",), "Prove"),
    Room("People", "people", "access:people", "p", ("people.view",), "Organisation"),
    Room("Settings", "settings", "access:settings", "t", ("organisation.change", "token.issue"), "Organisation"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A room as one page shows it, or a domain: that has no icon and, of the first ten, a digit for a key."""

    title: str
    icon: str
    url: str
    key: str
    group: str
    current: bool
    count: int
    main: bool
    below: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What the frame of a page shows. `organisation` is None on pages outside any (sign-in, the list of them)."""

    organisation: Organisation | None
    actor: Actor | None
    links: tuple[Link, ...]
    organisations: tuple[Organisation, ...]
    theme: str
    search_url: str

    @property
    def main_links(self) -> tuple[Link, ...]:
        return tuple(link for link in self.links if link.main)


def shell_of(request: HttpRequest | None) -> Shell:
    """The frame for this request. Nothing of an organisation shows unless `@page` let an actor in."""
    theme = request.COOKIES.get("theme", "") if request else ""
    theme = theme if theme in ("light", "dark") else ""
    actor: Actor | None = getattr(request, "actor", None)
    organisation: Organisation | None = getattr(request, "organisation", None) if actor else None
    user = getattr(request, "user", None)
    organisations = tuple(organisations_of(user)) if user is not None and user.is_authenticated else ()
    if request is None or actor is None or organisation is None:
        return Shell(None, None, (), organisations, theme, "")
    links = tuple(_links(request.path, actor, organisation))
    return Shell(organisation, actor, links, organisations, theme, _url("inventory:list", organisation))


def _links(path: str, actor: Actor, organisation: Organisation) -> list[Link]:
    links: list[Link] = []
    for room in ROOMS:
        url = _url(room.url_name, organisation)
        if not url or not _opens(room, actor):
            continue
        current = path == url or (room.url_name not in _ALONE and path.startswith(url))
        count = room.count(actor) if room.count else 0
        links.append(Link(room.title, room.icon, url, room.key, room.group, current, count, room.main, room.below))
        if room.url_name == _DOMAINS:
            links += _domains(path, organisation)
    return links


_DOMAINS = "domains:list"
# What lies below these addresses are rooms of their own.
_ALONE = ("home:home", _DOMAINS)


def _domains(path: str, organisation: Organisation) -> list[Link]:
    """The domains below their room: the first ten have the digits, in the order of the keyboard, for keys."""
    found = []
    for domain, key in zip_longest(answering(), "1234567890", fillvalue=""):
        if isinstance(domain, Domain):
            url = _url("domains:domain", organisation, domain=domain.id)
            found.append(Link(domain.title, "", url, key, "", path.startswith(url), 0, False, True))
    return found


def _url(name: str, organisation: Organisation, **kwargs: Any) -> str:
    try:
        return reverse(name, kwargs={"slug": organisation.slug, **kwargs})
    except NoReverseMatch:
        return ""
