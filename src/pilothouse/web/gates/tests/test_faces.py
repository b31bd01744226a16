"""Gates through pages, the API and the command line."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from pilothouse.kernel.checks.actions import rulebook_adopt
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.clock import now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.gaps import gaps_tick
from pilothouse.kernel.gates.models import BreakGlass, Gap, Incident, Restriction, Waiver
from pilothouse.kernel.gates.tests.conftest import complete, found_running
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.site.cli import run

PAGE = "/o/harbour/systems/1/gates/"


@pytest.fixture
def rulebook(cast):
    return rulebook_adopt(actor=cast.actor("caio"), base="enterprise")


@pytest.fixture
def system(cast, rulebook):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", purpose="Read faster", owner_id=alice.person_id)


def text(response):
    return response.content.decode()


def act(name, **fields):
    return {"act": name} | {f"{name}-{key}": value for key, value in fields.items()}


def sign(browse, who, decision, verdict="approve"):
    decision = Decision.objects.get(pk=decision.pk)
    given = {"verdict": verdict, "reason": "Sound", "content_hash": decision.content_hash, "idempotency": who}
    return browse(who).post(f"/o/harbour/inbox/{decision.pk}/", given, follow=True)


class TestPages:
    def test_a_shut_gate_shows_what_blocks_and_its_remedy(self, browse, system):
        page = text(browse("alice").get(PAGE))
        for words in (
            "Must not run",
            "has not passed the gate",
            "A business outcome",
            "edit/?gate=1#outcome",
            "It cannot be asked",
        ):
            assert words in page
        shut = browse("alice").post(PAGE, act("request", to_stage="development", reason="Now", idempotency="k"))
        assert shut.status_code == 422
        assert "stays shut" in text(shut)

    def test_it_works(self, cast, browse, system):
        complete(cast, system)
        asked = browse("alice").post(
            PAGE, act("request", to_stage="development", reason="Ready", idempotency="k"), follow=True
        )
        assert "The evidence" in text(asked)
        decision = Decision.objects.get(kind="gate")
        assert "Approved" in text(sign(browse, "caio", decision))
        assert System.objects.get().stage == "development"
        page = text(browse("alice").get(PAGE))
        assert "Idea → <strong>Development" in page

    def test_a_reason_stands_beside_its_field(self, cast, browse, system):
        complete(cast, system)
        page = browse("alice").post(PAGE, act("request", to_stage="development", reason="", idempotency="k"))
        assert page.status_code == 422
        assert "Say why" in text(page)

    def test_an_inherited_system_shows_its_dated_gaps(self, cast, browse, rulebook):
        found_running(cast)
        gaps_tick(now())
        page = text(browse("alice").get(PAGE))
        for words in ("May run", "Inherited", "to close, the next", "Due in"):
            assert words in page
        assert "gaps are closed" in text(browse("alice").get("/o/harbour/systems/1/"))

    def test_a_waiver(self, browse, system):
        asked = act("waiver", check_id="inventory.outcome", days=30, reason="Later", compensation="A log")
        page = browse("alice").post(PAGE, asked, follow=True)
        assert "You decide because it protects your role" in text(page)
        waiver = Waiver.objects.get()
        sign(browse, "cfo", waiver.decision)
        assert "In force" in text(browse("alice").get(PAGE))
        assert "CV summary" in text(browse("alice").get("/o/harbour/waivers/"))
        browse("alice").post(PAGE, act("waiver_end", waiver=str(waiver.pk), reason="Done"))
        assert Waiver.objects.get().state == "ended"
        assert "CV summary" in text(browse("alice").get("/o/harbour/waivers/", {"show": "past"}))
        bad = browse("alice").post(PAGE, asked | {"waiver-days": 400})
        assert bad.status_code == 422

    def test_break_glass(self, browse, system):
        assert browse("alice").post(PAGE, act("glass", hours=4, reason="Now")).status_code == 422
        browse("ciso").post(PAGE, act("glass", hours=4, reason="The hospital needs it"))
        glass = BreakGlass.objects.get()
        page = text(browse("alice").get(PAGE))
        assert "Break-glass" in page
        assert "May run" in page
        sign(browse, "caio", glass.decision, "refuse")
        assert "was not ratified" in text(browse("risk").get(PAGE))
        assert "was not ratified" in text(browse("risk").get("/o/harbour/break-glass/"))
        incident = Incident.objects.get()
        closing = act("incident", incident=str(incident.pk), resolution="Nothing was harmed")
        assert browse("ciso").post(PAGE, closing).status_code == 422
        browse("risk").post(PAGE, closing)
        assert Incident.objects.get().closed_at

    def test_break_glass_ends_early(self, browse, system):
        browse("ciso").post(PAGE, act("glass", hours=4, reason="The hospital needs it"))
        browse("ciso").post(PAGE, act("glass_end", glass=str(BreakGlass.objects.get().pk), reason="Over"))
        assert BreakGlass.objects.get().ended_because == "closed"

    def test_restricting_and_lifting(self, cast, browse, rulebook):
        found_running(cast)
        assert browse("risk").post(PAGE, act("restrict", kind="restrict", reason="x")).status_code == 422
        browse("risk").post(PAGE, act("restrict", kind="suspend", reason="A complaint"))
        row = Restriction.objects.get()
        page = text(browse("alice").get(PAGE))
        assert "A complaint" in page
        assert "Must not run" in page
        browse("alice").post(PAGE, act("lift", restriction=str(row.pk), reason="Settled"))
        decision = Decision.objects.get(kind="restriction.lift")
        for who in ("ciso", "caio"):
            sign(browse, who, decision)
        assert "May run" in text(browse("alice").get(PAGE))

    def test_correcting_and_going_back(self, cast, browse, system):
        browse("alice").post(PAGE, act("correct", to_stage="pilot", reason="It runs already"))
        sign(browse, "risk", Decision.objects.get())
        assert System.objects.get().stage == "pilot"
        browse("alice").post(PAGE, act("back", to_stage="rejected", reason="No use"))
        assert System.objects.get().stage == "rejected"

    def test_the_outsider_finds_nothing(self, browse, system):
        for path in (PAGE, "/o/harbour/waivers/", "/o/harbour/break-glass/"):
            assert browse("charlie").get(path).status_code == 404
        assert browse("charlie").post(PAGE, act("request", to_stage="development", reason="x")).status_code == 404
        assert browse("alice").post(PAGE, {"act": "explode"}).status_code == 404
        assert browse("employee").get(PAGE).status_code in (403, 404)

    def test_empty_lists_say_what_belongs_there(self, browse, system):
        assert "No waivers here" in text(browse("caio").get("/o/harbour/waivers/"))
        assert "The glass is whole" in text(browse("caio").get("/o/harbour/break-glass/"))

    def test_every_kind_of_evidence_is_drawn(self, cast, browse, rulebook):
        system = found_running(cast)
        gaps_tick(now())
        with time_machine.travel(timezone.now() + timedelta(days=31)):
            gaps_tick(now())
            decision = Decision.objects.get(kind="gap.overdue")
            page = text(browse("risk").get(f"/o/harbour/inbox/{decision.pk}/"))
            for words in ("What is overdue", "Extend once", "Restrict", "Suspend", "Retire"):
                assert words in page
        assert Gap.objects.filter(system=system, state="open").exists()

    def test_the_page_takes_few_queries(self, browse, system, django_assert_max_num_queries):
        alice = browse("alice")
        alice.get(PAGE)
        with django_assert_max_num_queries(60):
            alice.get(PAGE)


class TestApi:
    def test_it_works(self, cast, rest, system):
        alice = rest("alice")
        run_ = alice.get("gates/systems/1/may-run").json()
        assert (run_["system"], run_["allowed"]) == ("S-1", False)
        report = alice.get("gates/systems/1/report", to_stage="development").json()
        assert report["blocked"]
        shut = alice.post("gates/systems/1/requests", {"to_stage": "development", "reason": "Now"})
        assert (shut.status_code, shut.json()["code"]) == (409, "blocked")
        complete(cast, system)
        asked = alice.post("gates/systems/1/requests", {"to_stage": "development", "reason": "Now"}).json()
        assert asked["decision"]
        decision = Decision.objects.get(pk=asked["decision"])
        body = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash}
        assert rest("alice").post(f"decisions/{decision.pk}/signatures", body).json()["code"] == "own_request"
        assert rest("caio").post(f"decisions/{decision.pk}/signatures", body).status_code == 200
        assert alice.get("gates/systems/1/may-run").json()["stage"] == "development"

    def test_lists_and_acts(self, cast, rest, rulebook):
        found_running(cast)
        gaps_tick(now())
        assert rest("alice").get("gates/gaps").json()["items"][0]["system"] == "S-1"
        assert rest("alice").get("gates/gaps", overdue=True).json()["items"] == []
        waiver = rest("alice").post(
            "gates/systems/1/waivers", {"check": "inventory.outcome", "days": 30, "reason": "Later"}
        )
        assert waiver.json()["state"] == "asked"
        assert len(rest("alice").get("gates/waivers", state="asked").json()["items"]) == 1
        assert rest("alice").get("gates/waivers", state="odd").status_code == 422
        glass = rest("ciso").post("gates/systems/1/break-glass", {"hours": 2, "reason": "Now"})
        assert glass.status_code == 200
        assert len(rest("ciso").get("gates/break-glass").json()["items"]) == 1
        stopped = rest("risk").post("gates/systems/1/restrictions", {"kind": "prohibit", "reason": "Article 5"})
        assert stopped.status_code == 200
        assert not rest("alice").get("gates/systems/1/may-run").json()["allowed"]

    def test_what_ends_and_goes_back(self, cast, rest, rulebook):
        found_running(cast)
        waiver = rest("alice").post(
            "gates/systems/1/waivers", {"check": "inventory.outcome", "days": 30, "reason": "Later"}
        )
        decision = Decision.objects.get(pk=waiver.json()["decision_id"])
        body = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash}
        rest("cfo").post(f"decisions/{decision.pk}/signatures", body)
        ended = rest("alice").post(f"gates/waivers/{waiver.json()['id']}/end", {"reason": "Built"})
        assert ended.json()["state"] == "ended"
        glass = rest("ciso").post("gates/systems/1/break-glass", {"hours": 2, "reason": "Now"}).json()
        over = rest("ciso").post(f"gates/break-glass/{glass['id']}/end", {"reason": "Over"})
        assert over.json()["ended_because"] == "closed"
        ratify = Decision.objects.get(pk=glass["decision_id"])
        body = {"verdict": "refuse", "reason": "No need", "content_hash": ratify.content_hash}
        rest("caio").post(f"decisions/{ratify.pk}/signatures", body)
        incident = rest("risk").get("gates/incidents").json()["items"][0]
        path = f"gates/incidents/{incident['id']}/close"
        assert rest("ciso").post(path, {"resolution": "Fine"}).status_code == 403
        assert rest("risk").post(path, {"resolution": "Nothing was harmed"}).json()["closed_at"]
        rest("risk").post("gates/systems/1/restrictions", {"kind": "suspend", "reason": "A complaint"})
        row = Restriction.objects.get()
        lifted = rest("alice").post(f"gates/restrictions/{row.pk}/lift-requests", {"reason": "Settled"})
        assert lifted.json()["decision"]
        corrected = rest("alice").post("gates/systems/1/corrections", {"to_stage": "idea", "reason": "It never ran"})
        assert corrected.json()["decision"]
        back = rest("alice").post("gates/systems/1/withdrawals", {"to_stage": "pilot", "reason": "Too early"})
        assert back.json()["stage"] == "pilot"

    def test_the_outsider_finds_nothing(self, rest, system):
        charlie = rest("charlie")
        assert charlie.get("gates/systems/1/may-run").status_code == 404
        assert charlie.post("gates/systems/1/requests", {"to_stage": "pilot", "reason": "x"}).status_code == 404
        assert charlie.get("gates/gaps").json()["items"] == []


class TestCli:
    def test_it_works(self, cast, system, capsys):
        assert run(["may-run", "S-1", "--org", "harbour", "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["allowed"] is False
        assert run(["gate", "report", "S-1", "development", "--org", "harbour"]) == 1
        request = ["gate", "request", "S-1", "development", "--org", "harbour", "--reason", "Ready", "--json"]
        assert run(request) == 4
        capsys.readouterr()
        complete(cast, system)
        assert run(request) == 0
        assert json.loads(capsys.readouterr().out)["decision"]
        assert run(["gate", "report", "S-1", "development", "--org", "harbour"]) == 0
        assert run(["gate", "tick", "--json"]) == 0
        assert run(["may-run", "--org", "harbour"]) == 0

    def test_gaps(self, cast, rulebook, capsys):
        system = found_running(cast)
        refresh(cast.actor("caio"), [system.pk])
        assert run(["gate", "tick"]) == 0
        assert run(["may-run", "1", "--org", "harbour"]) == 0
        capsys.readouterr()
        assert run(["gate", "gaps", "--org", "harbour", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) > 5
        assert run(["gate", "gaps", "--overdue", "--org", "harbour"]) == 0

    def test_refusals(self, system, capsys):
        assert run(["may-run", "S-9", "--org", "harbour"]) == 3
        assert run(["may-run", "nine", "--org", "harbour"]) == 2
        assert run(["may-run", "S-1", "--org", "nowhere"]) == 3
