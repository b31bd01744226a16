"""The domains' pages: the answer first, where it hurts, what to do, what is kept; empty, refused, and few queries."""

from __future__ import annotations

import html
import re
from datetime import datetime
from typing import Any

import pytest
from conftest import Cast
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.answers.domains import answers_at_hand
from pilothouse.kernel.answers.kept import kept, state_of
from pilothouse.kernel.checks.answering import answering
from pilothouse.kernel.checks.engine import evaluate
from pilothouse.kernel.domain import Domain, Figure, registry
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.web.panels import Panel, panels

HOME = "/o/harbour/domains/"
STRATEGY = f"{HOME}strategy/"


@pytest.fixture
def judged(cast: Cast) -> Cast:
    unit = Unit.objects.create(organisation=cast.organisation, name="North")
    for number in range(1, 6):
        System.objects.create(
            organisation=cast.organisation,
            number=number,
            name=f"Claims <b>{number}</b>",
            stage="production",
            unit=unit if number < 4 else None,
            inherited_at=timezone.now() if number == 5 else None,
        )
    evaluate(cast.organisation.pk, None, timezone.now())
    return cast


def sign_in(client: Client, cast: Cast, who: str) -> Client:
    user = cast.people[who].user
    assert user is not None
    client.force_login(user)
    return client


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return html.unescape(answer.content.decode())


def test_it_works(client: Client, judged: Cast) -> None:
    page = read(sign_in(client, judged, "caio"), STRATEGY)
    assert registry.domains["strategy"].question in page
    assert "0 of 5" in page, "nothing is sealed yet"
    assert "meet" in page
    assert "/o/harbour/systems/?answer=strategy:met" in page
    assert "/o/harbour/systems/?finding=strategy.value_hypothesis_sealed" in page
    assert "standing=strategy:weak" in page
    assert "/records/strategy.value_hypothesis/edit/" in page, "the remedy of a gap"
    assert "<b>1" not in client.get(STRATEGY).content.decode()


@pytest.mark.parametrize("who", ["caio", "auditor", "alice"])
def test_every_domain_opens_with_every_link(client: Client, judged: Cast, who: str) -> None:
    sign_in(client, judged, who)
    for domain in answering():
        main = re.search(r"<main.*</main>", read(client, f"{HOME}{domain.id}/"), re.S)
        assert main is not None
        assert domain.title in main[0]
        for href in set(re.findall(r'href="(/o/harbour/[^"#]*)', main[0])):
            assert client.get(href).status_code == 200, (domain.id, href)


def test_the_list_waits_only_for_what_must_be_counted(client: Client, judged: Cast) -> None:
    cache.clear()
    sign_in(client, judged, "caio")
    first = read(client, HOME)
    assert first.count('<li class="domain"') == len(answering())
    assert ("counting…" in first) == any(callable(domain.answer) for domain in answering())
    whole = read(client, f"{HOME}answers/")
    assert "counting…" not in whole
    assert whole.count('<li class="domain"') == len(answering())
    assert "counting…" not in read(client, HOME), "they are kept while nothing is written"


def test_home_shows_every_domain(client: Client, judged: Cast) -> None:
    page = read(sign_in(client, judged, "caio"), "/o/harbour/")
    for domain in answering():
        assert domain.question in page
        assert f'href="{HOME}{domain.id}/"' in page


def test_an_empty_organisation_says_what_belongs_here(client: Client, cast: Cast) -> None:
    for domain in answering():
        page = read(sign_in(client, cast, "caio"), f"{HOME}{domain.id}/")
        assert "Nothing is known here yet" in page
        assert "Import an inventory" in page
        for kind in domain.records:
            assert kind.why in page


def test_the_first_act_is_one_that_may_be_done(client: Client, cast: Cast) -> None:
    assert "Add a system" in read(sign_in(client, cast, "alice"), STRATEGY)
    assert "See the systems" in read(sign_in(client, cast, "auditor"), STRATEGY)


def test_who_may_not_see_systems_is_refused(client: Client, judged: Cast) -> None:
    for path in (HOME, STRATEGY, f"{HOME}answers/"):
        assert sign_in(client, judged, "employee").get(path).status_code == 403
        assert sign_in(client, judged, "charlie").get(path).status_code == 404
    assert "strategy" not in sign_in(client, judged, "employee").get("/o/harbour/").content.decode()


def test_no_such_domain(client: Client, judged: Cast) -> None:
    sign_in(client, judged, "caio")
    assert client.get(f"{HOME}astrology/").status_code == 404
    assert client.get(f"{HOME}inventory/").status_code == 404, "the register's own checks are no domain"


def test_an_owner_sees_the_gaps_of_their_own(client: Client, judged: Cast) -> None:
    system = System.objects.get(number=4)
    system_change(actor=judged.actor("caio"), system=system, changes={"owner_id": judged.people["alice"].pk})
    page = read(sign_in(client, judged, "alice"), STRATEGY)
    assert "S-4" in page
    assert "S-1" not in page


def test_panels_of_a_domain_are_drawn_there_alone(
    client: Client, judged: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_panels", dict(panels._panels))
    draw = "<p>Kelp of {}</p>".format
    panels.register(Panel("strategy.kelp", "Kelp", 1, "system.view", lambda request, domain: draw(domain.id), "domain"))
    sign_in(client, judged, "caio")
    assert "Kelp of strategy" in read(client, STRATEGY)
    assert "Kelp" not in read(client, f"{HOME}security/")
    assert "Kelp" not in read(client, "/o/harbour/systems/1/")


def test_an_eleventh_domain_has_its_page_too(client: Client, judged: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def hours(actor: Actor, now: datetime) -> Figure:
        return Figure(3.5, "hours", 7, 2, 1, "systems/", because="Two were timed.")

    toy = Domain(id="toy", title="Toy", question="How fast is it?", order=11, answer=hours)
    monkeypatch.setitem(registry.domains, "toy", toy)
    page = read(sign_in(client, judged, "caio"), f"{HOME}toy/")
    assert "How fast is it?" in page
    assert "Two were timed." in page
    assert f'href="{HOME}toy/"' in read(client, "/o/harbour/")


def test_a_kept_answer_goes_when_something_is_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []

    def counting(actor: Actor, now: datetime) -> Figure:
        asked.append(now)
        return Figure(float(len(asked)), "looks", 1, 1, 0, "")

    toy = Domain(id="toy", title="Toy", question="How often?", order=11, answer=counting)
    caio, now = cast.actor("caio"), timezone.now()

    def look(actor: Actor, *, wait: bool = True) -> float | None:
        [answer] = answers_at_hand(actor, now, [toy], wait=wait)
        return answer.figure.value if answer else None

    assert look(caio, wait=False) is None, "nothing is at hand, and nobody waits"
    assert (look(caio), look(caio), look(caio, wait=False)) == (1, 1, 1)
    system_create(actor=caio, name="Something new")
    assert kept(state_of(caio, now), toy) is None
    assert look(caio) == 2
    assert look(cast.actor("alice")) == 3, "who sees other systems has another answer"


def test_queries_are_constant(client: Client, judged: Cast, django_assert_max_num_queries: Any) -> None:
    sign_in(client, judged, "caio")
    for number in range(20, 60):
        System.objects.create(organisation=judged.organisation, number=number, name=str(number), stage="production")
    evaluate(judged.organisation.pk, None, timezone.now())
    client.get(STRATEGY)
    with django_assert_max_num_queries(45):
        client.get(STRATEGY)
    client.get(f"{HOME}answers/")
    with django_assert_max_num_queries(30):
        client.get(HOME)
