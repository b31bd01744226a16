"""The graph is counted by hand, opens exactly what it counts, and shows no more than one may see."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from conftest import Cast
from django.test import Client
from django.utils import timezone

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.directory.actions import token_issue
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.inventory.selectors import systems_matching
from pilothouse.programme.interdependence.cli import interdependence as command
from pilothouse.programme.interdependence.drawing import draw
from pilothouse.programme.interdependence.rules import Strength, Table, Verdict
from pilothouse.programme.interdependence.selectors import Link, interdependence
from pilothouse.programme.interdependence.tests.conftest import Write

URL = "/o/harbour/interdependence/"


@pytest.fixture
def hurt(write: Write) -> dict[str, list[int]]:
    """Strategy is weak, and where it is, economics suffers."""
    return {
        "both": write(18, "not_met", "in_progress"),
        "strategy": write(6, "in_progress", "met"),
        "economics": write(3, "met", "not_met"),
        "neither": [*write(11, "met", "met"), *write(1, "met", "waived")],
        "unknown": [*write(4, "unknown", "not_met"), *write(2, "met", "unknown")],
        "elsewhere": [*write(5, "not_met"), *write(1, "not_applicable", "met")],
    }


def edge(actor: Actor, name: str = "strategy.economics") -> Link:
    return next(link for link in interdependence(actor).links if link.edge.id == name)


def numbers(actor: Actor, query: str) -> list[int]:
    return sorted(systems_matching(actor, SystemQuery.parse(query)).values_list("number", flat=True))


def sign_in(client: Client, cast: Cast, who: str) -> Client:
    user = cast.people[who].user
    assert user is not None
    client.force_login(user)
    return client


def test_it_is_counted_by_hand(cast: Cast, hurt: dict[str, list[int]]) -> None:
    link = edge(cast.actor("caio"))
    assert link.table == Table(18, 6, 3, 12)
    assert (link.unknown, link.verdict) == (6, Verdict.LIT)
    assert link.table.ratio == pytest.approx(0.75 / 0.2)
    strengths = {node.domain.id: node.strength for node in interdependence(cast.actor("caio")).nodes}
    assert strengths["strategy"] == Strength(met=17, asked=50, unknown=4)
    assert strengths["strategy"].weak
    assert edge(cast.actor("caio"), "economics.strategy").table == Table(18, 3, 6, 12)


def test_every_number_opens_its_systems(cast: Cast, hurt: dict[str, list[int]]) -> None:
    caio = cast.actor("caio")
    link = edge(caio)
    assert numbers(caio, link.both_rows) == hurt["both"]
    assert numbers(caio, link.target_only_rows) == hurt["economics"]
    assert numbers(caio, link.with_gap_rows) == sorted(hurt["both"] + hurt["strategy"])
    assert numbers(caio, link.without_rows) == sorted(hurt["economics"] + hurt["neither"])
    unknown = numbers(caio, "standing=strategy:unknown") + numbers(caio, "standing=economics:unknown")
    assert sorted(unknown) == hurt["unknown"]
    assert numbers(caio, "standing=strategy") == numbers(caio, "standing=strategy:weak")
    for wrong in ("nothing", "strategy:bad"):
        with pytest.raises(Invalid):
            numbers(caio, f"standing={wrong}")


def test_what_goes_together_without_a_weak_source_is_not_lit(cast: Cast, write: Write) -> None:
    write(18, "not_met", "not_met")
    write(60, "met", "met")
    found = edge(cast.actor("caio"))
    assert found.verdict is Verdict.TOGETHER
    assert not interdependence(cast.actor("caio")).lit


def test_silence_lights_nothing(cast: Cast, write: Write) -> None:
    write(200, "unknown", "unknown")
    graph = interdependence(cast.actor("caio"))
    assert {link.verdict for link in graph.links} == {Verdict.FEW}
    assert {node.strength.value for node in graph.nodes} == {None}


def test_one_sees_only_ones_own(cast: Cast, hurt: dict[str, list[int]], write: Write) -> None:
    write(7, "not_met", "met", owner=cast.people["alice"])
    assert edge(cast.actor("alice")).table == Table(0, 7, 0, 0)
    assert edge(cast.actor("caio")).table.source_only == 13
    assert edge(cast.actor("charlie")).table == Table()


def test_queries_do_not_grow(cast: Cast, hurt: dict[str, list[int]], django_assert_num_queries: Any) -> None:
    caio = cast.actor("caio")
    with django_assert_num_queries(1):
        interdependence(caio)


def test_the_page_shows_the_edge(client: Client, cast: Cast, hurt: dict[str, list[int]]) -> None:
    page = sign_in(client, cast, "caio").get(URL).content.decode()
    assert "2 weak links pull another domain down" in page, "either is weak, and gaps go together both ways"
    assert "3.8 times" in page, "the plainest lit edge is open"
    assert page.count('class="edge edge-lit') == 2
    assert "node-weak" in page
    assert "See the 18 systems with both gaps" in page
    other = client.get(f"{URL}?edge=economics.strategy").content.decode()
    assert "Which two systems would we stop" in other
    for href in set(re.findall(r'href="(/o/harbour/systems/\?standing[^"]*)"', page + other)):
        assert client.get(href.replace("&amp;", "&")).status_code == 200
    assert client.get(f"{URL}?edge=nonsense").status_code == 200


def test_an_empty_organisation_is_told_why_nothing_is_lit(client: Client, cast: Cast, pair: None) -> None:
    page = sign_in(client, cast, "caio").get(URL).content.decode()
    assert "Too little is known" in page
    assert "Nothing to compare yet" in page


def test_who_may_not_see_systems_is_refused(client: Client, cast: Cast, pair: None) -> None:
    assert sign_in(client, cast, "employee").get(URL).status_code == 403
    assert sign_in(client, cast, "charlie").get(URL).status_code == 404


def test_all_installed_domains_stand_on_the_ring(cast: Cast) -> None:
    graph = interdependence(cast.actor("caio"))
    drawn = draw(graph, URL, "/o/harbour/domains/", None)
    assert drawn.count('<a class="node ') == len(graph.nodes)
    assert drawn.count('<a class="edge ') == len(graph.links)


def test_the_api_and_the_command_line_say_the_same(
    cast: Cast, hurt: dict[str, list[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    command(org="harbour", json=True)
    told = json.loads(capsys.readouterr().out)
    found = next(one for one in told["edges"] if one["source"] == "strategy")
    assert (found["verdict"], found["both"], found["with_gap"], found["unknown"]) == ("lit", 18, 24, 6)
    assert found["rows_url"] == "/o/harbour/systems/?standing=strategy:weak&standing=economics:weak"
    assert found["share_with_interval"][0] < found["share_with"] < found["share_with_interval"][1]
    command(org="harbour")
    assert "lit" in capsys.readouterr().out
    issued = token_issue(
        actor=cast.actor("auditor"),
        name="board pack",
        scopes=["organisation.view", "system.view"],
        expires_at=timezone.now() + timedelta(days=1),
    )
    client = Client(headers={"Authorization": f"Bearer {issued.secret}"})
    assert client.get("/api/v1/interdependence").json() == told
    assert Client().get("/api/v1/interdependence").status_code == 401
