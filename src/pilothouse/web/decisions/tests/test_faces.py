"""Decisions through pages, the API and the command line: everything that must be refused is refused there too."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from pilothouse.contracts.canonical import content_hash
from pilothouse.domains.strategy.tests.test_value_hypothesis import hypothesis
from pilothouse.kernel.access import secrets
from pilothouse.kernel.access.models import Token
from pilothouse.kernel.access.roles import PERMISSIONS
from pilothouse.kernel.base import new_id
from pilothouse.kernel.decisions.actions import decision_request
from pilothouse.kernel.decisions.kinds import DecisionKind, kinds
from pilothouse.kernel.decisions.models import Decision, HumanOnly, ReviewLink, Seat
from pilothouse.kernel.inventory.actions import system_change, system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.site.cli import run

INBOX = "/o/harbour/inbox/"


def _hash(decision):
    return content_hash({"purpose": System.objects.get(pk=decision.subject_id).purpose})


KIND = DecisionKind(id="test.page", title="A purpose", current_hash=_hash, standing=True, allow_lone=True)


@pytest.fixture(autouse=True)
def _kind():
    if KIND.id not in kinds:
        kinds.register(KIND)


@pytest.fixture
def system(cast):
    alice = cast.actor("alice")
    return system_create(actor=alice, name="CV summary", purpose="Read faster", owner_id=alice.person_id)


@pytest.fixture
def ask(cast, system):
    def run_(who="alice", groups=(("caio",),), **more):
        return decision_request(
            actor=cast.actor(who),
            kind=KIND.id,
            title="Approve the purpose",
            summary="It is time",
            subject=system,
            system=system,
            groups=groups,
            **more,
        )

    return run_


def text(response):
    return response.content.decode()


def url(decision):
    return f"{INBOX}{decision.pk}/"


def fill(decision, **more):
    given = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash, "idempotency": "k"}
    return given | more


def state(decision):
    return Decision.objects.get(pk=decision.pk).state


class TestPages:
    def test_it_works(self, browse, ask):
        decision = ask()
        caio = browse("caio")
        assert "Approve the purpose" in text(caio.get(INBOX))
        page = text(caio.get(url(decision)))
        for words in ("It is time", "Alice", "What is asked", "Your verdict", "Nothing changes; whoever asked is told"):
            assert words in page
        done = caio.post(url(decision), fill(decision), follow=True)
        assert "Approved" in text(done)
        assert state(decision) == "approved"
        assert "Nothing waits for you" in text(caio.get(INBOX))
        assert "Approve the purpose" in text(caio.get(INBOX, {"show": "closed"}))

    def test_the_form_carries_what_is_signed(self, browse, ask):
        decision = ask()
        page = text(browse("caio").get(url(decision)))
        assert re.search(rf'name="content_hash" value="{decision.content_hash}"', page)

    def test_a_missing_reason_stands_beside_its_field_and_nothing_is_lost(self, browse, ask):
        decision = ask()
        page = browse("caio").post(url(decision), fill(decision, reason=""))
        assert page.status_code == 422
        assert "Say why" in text(page)
        assert re.search(r'value="approve" checked', text(page))
        assert state(decision) == "open"

    def test_the_wrong_role(self, browse, ask):
        decision = ask()
        page = browse("ciso").post(url(decision), fill(decision))
        assert page.status_code == 422
        assert "waits for someone with one of these roles" in text(page)
        assert state(decision) == "open"

    def test_ones_own_request(self, browse, ask):
        decision = ask("caio")
        assert "Nobody decides on their own request" in text(browse("caio").get(url(decision)))
        assert browse("caio").post(url(decision), fill(decision)).status_code == 422
        assert state(decision) == "open"

    def test_late(self, browse, ask):
        decision = ask()
        with time_machine.travel(timezone.now() + timedelta(days=60)):
            page = browse("caio").post(url(decision), fill(decision))
        assert page.status_code == 422
        assert "expired" in text(page)

    def test_twice(self, browse, ask):
        decision = ask(groups=(("caio",), ("risk",)))
        browse("caio").post(url(decision), fill(decision))
        browse("caio").post(url(decision), fill(decision))
        assert decision.signatures.count() == 1
        page = browse("caio").post(url(decision), fill(decision, idempotency="other"))
        assert (page.status_code, decision.signatures.count()) == (422, 1)
        assert "signed this already" in text(page)

    def test_for_an_old_hash(self, browse, ask):
        decision = ask()
        page = browse("caio").post(url(decision), fill(decision, content_hash="sha256:old"))
        assert page.status_code == 422
        assert "not what is asked now" in text(page)

    def test_a_changed_record_voids(self, cast, browse, ask, system):
        decision = ask(groups=(("caio",), ("risk",)))
        browse("risk").post(url(decision), fill(decision))
        system_change(actor=cast.actor("alice"), system=system, changes={"purpose": "Rank people"})
        assert "It changed since it was asked" in text(browse("caio").get(url(decision)))
        assert browse("caio").post(url(decision), fill(decision)).status_code == 422
        assert state(decision) == "superseded"
        page = text(browse("caio").get(url(decision)))
        assert "Void" in page
        assert "changed before everyone had signed" in page

    def test_the_outsider_finds_nothing(self, browse, ask):
        decision = ask()
        assert browse("charlie").get(url(decision)).status_code == 404
        assert browse("charlie").get(INBOX).status_code == 404
        assert browse("charlie").post(url(decision), fill(decision)).status_code == 404
        assert Client().get(url(decision)).status_code == 302

    def test_without_a_csrf_token_nothing_is_signed(self, cast, ask):
        decision = ask()
        client = Client(enforce_csrf_checks=True)
        client.force_login(cast.people["caio"].user)
        assert client.post(url(decision), fill(decision)).status_code == 403
        assert state(decision) == "open"

    def test_it_can_be_taken_back(self, browse, ask):
        decision = ask()
        browse("alice").post(f"{url(decision)}withdraw/", {"withdraw-reason": "Not yet"})
        assert state(decision) == "withdrawn"

    def test_filters(self, browse, ask):
        ask()
        caio = browse("caio")
        assert "Nothing fits" in text(caio.get(INBOX, {"q": "nowhere"}))
        assert "Approve the purpose" in text(caio.get(INBOX, {"kind": KIND.id, "show": "open"}))
        assert "You have asked for nothing" in text(browse("risk").get(INBOX, {"show": "asked"}))

    def test_the_inbox_takes_a_constant_number_of_queries(self, browse, ask, django_assert_max_num_queries):
        first = ask()
        fields = {f.attname: getattr(first, f.attname) for f in Decision._meta.concrete_fields}
        copies = [Decision(**fields | {"id": n, "subject_id": n}) for n in _ids(40)]
        Decision.objects.bulk_create(copies)
        Seat.objects.bulk_create(
            Seat(organisation=first.organisation, decision=copy, group=0, role="caio") for copy in copies
        )
        caio = browse("caio")
        with django_assert_max_num_queries(45):
            assert len(caio.get(INBOX).context["rows"]) == 41


def _ids(count):
    return [new_id() for _ in range(count)]


class TestReview:
    @pytest.fixture
    def lone(self, ask):
        decision = ask()
        Decision.objects.filter(pk=decision.pk).update(state="approved", marks=["lone"])
        return Decision.objects.get(pk=decision.pk)

    def test_it_works(self, browse, lone):
        caio = browse("caio")
        page = caio.post(
            f"{url(lone)}review-link/",
            {"reviewer-name": "Ines", "reviewer-email": "ines@outside.example"},
            follow=True,
        )
        link = re.search(r"/review/([\w-]+)/", text(page))[0]
        assert link not in text(caio.get(url(lone)))  # told once
        outside = Client()
        assert "decided this alone" in text(outside.get(link))
        assert outside.post(link, {"verdict": "countersigned", "reason": ""}).status_code == 422
        assert "Thank you" in text(outside.post(link, {"verdict": "countersigned", "reason": "Sound"}))
        assert outside.get(link).status_code == 404
        assert ReviewLink.objects.get().verdict == "countersigned"
        assert "Countersigned from outside" in text(caio.get(url(lone)))

    def test_a_guess_and_an_old_link_find_nothing(self, browse, lone):
        assert Client().get("/review/guess/").status_code == 404
        browse("caio").post(
            f"{url(lone)}review-link/", {"reviewer-name": "Ines", "reviewer-email": "nowhere"}, follow=True
        )
        assert not ReviewLink.objects.exists()


class TestRegister:
    def test_it_works(self, browse):
        caio = browse("caio")
        page = text(caio.get("/o/harbour/human-decisions/"))
        assert "Built in" in page
        caio.post("/o/harbour/human-decisions/", {"title": "Rejecting an applicant", "why": "It changes a life"})
        entry = HumanOnly.objects.get()
        caio.post(f"/o/harbour/human-decisions/{entry.pk}/remove/", {"reason": "Too slow"})
        assert Decision.objects.get(kind="human_only.remove").state == "open"
        assert "Asked to be taken out" in text(caio.get("/o/harbour/human-decisions/"))

    def test_refusals(self, browse):
        assert browse("caio").post("/o/harbour/human-decisions/", {"title": "", "why": ""}).status_code == 422
        assert browse("alice").post("/o/harbour/human-decisions/", {"title": "x", "why": "y"}).status_code == 403
        assert browse("charlie").get("/o/harbour/human-decisions/").status_code == 404


class TestApi:
    def test_it_works(self, rest, ask):
        decision = ask()
        caio = rest("caio")
        assert [row["id"] for row in caio.get("decisions/").json()["items"]] == [str(decision.pk)]
        whole = caio.get(f"decisions/{decision.pk}").json()
        assert (whole["groups"], whole["system"]) == ([["caio"]], "S-1")
        body = {"verdict": "approve", "reason": "Sound", "content_hash": whole["content_hash"]}
        done = caio.post(f"decisions/{decision.pk}/signatures", body, Idempotency_Key="k1")
        assert (done.status_code, done.json()["state"]) == (200, "approved")
        assert done.json()["signatures"][0]["person"] == "Caio"
        again = caio.post(f"decisions/{decision.pk}/signatures", body, Idempotency_Key="k1")
        assert again.status_code == 200
        assert decision.signatures.count() == 1
        assert caio.post(f"decisions/{decision.pk}/signatures", body, Idempotency_Key="k2").status_code == 409

    def test_refusals(self, cast, rest, ask, system):
        decision = ask()
        path = f"decisions/{decision.pk}/signatures"
        body = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash}
        assert rest("charlie").get(f"decisions/{decision.pk}").status_code == 404
        assert rest("charlie").post(path, body).status_code == 404
        assert rest("ciso").post(path, body).json()["code"] == "wrong_role"
        assert rest("alice").post(path, body).json()["code"] == "own_request"
        assert rest("caio").post(path, body | {"content_hash": "sha256:old"}).json()["code"] == "changed"
        assert rest("caio").post(path, body | {"verdict": "perhaps"}).status_code == 422
        with time_machine.travel(timezone.now() + timedelta(hours=12)):
            system_change(actor=cast.actor("alice"), system=system, changes={"purpose": "Rank people"})
            assert rest("caio").post(path, body).json()["code"] == "closed"
        assert state(decision) == "superseded"

    def test_late(self, rest, ask):
        decision = ask(expires_at=timezone.now() + timedelta(hours=1))
        body = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash}
        with time_machine.travel(timezone.now() + timedelta(hours=2)):
            assert rest("caio").post(f"decisions/{decision.pk}/signatures", body).json()["code"] == "late"

    def test_it_can_be_taken_back(self, rest, ask):
        decision = ask()
        assert rest("caio").post(f"decisions/{decision.pk}/withdrawal", {"reason": "No"}).status_code == 403
        done = rest("alice").post(f"decisions/{decision.pk}/withdrawal", {"reason": "Not yet"})
        assert done.json()["state"] == "withdrawn"

    def test_lists(self, rest, ask):
        ask()
        for query, count in (({"show": "open"}, 1), ({"show": "closed"}, 0), ({"show": "all", "system": 2}, 0)):
            assert len(rest("caio").get("decisions/", **query).json()["items"]) == count

    def test_the_register(self, rest):
        caio = rest("caio")
        assert all(line["enforced"] for line in caio.get("decisions/register/").json())
        added = caio.post("decisions/register/", {"title": "Rejecting", "why": "It changes a life"}).json()
        removal = caio.post(f"decisions/register/{added['id']}/removals", {"reason": "Too slow"}).json()
        assert (removal["kind"], removal["state"]) == ("human_only.remove", "open")
        body = {"verdict": "approve", "reason": "Sound", "content_hash": removal["content_hash"]}
        refused = rest("risk").post(f"decisions/{removal['id']}/signatures", body)
        assert refused.json()["code"] == "human_only"
        assert rest("alice").post("decisions/register/", {"title": "x", "why": "y"}).status_code == 403

    def test_signing_off_a_document(self, cast, rest, system):
        alice = cast.actor("alice")
        draft = record_draft(actor=alice, system=system, kind="strategy.value_hypothesis", body=hypothesis())
        sealed = record_seal(actor=alice, record=draft)
        path = f"decisions/records/{sealed.pk}/sign-offs"
        asked = rest("alice").post(path, {"groups": [["cfo"]], "reason": "Before we spend"}).json()
        body = {"verdict": "approve", "reason": "Sound", "content_hash": asked["content_hash"]}
        assert rest("cfo").post(f"decisions/{asked['id']}/signatures", body).json()["state"] == "approved"
        assert rest("charlie").post(path, {"groups": [["cfo"]], "reason": "x"}).status_code == 404


class TestCli:
    def token(self, person):
        secret, prefix, digest = secrets.mint()
        Token.objects.create(
            organisation=person.organisation,
            person=person,
            name="cli",
            prefix=prefix,
            hash=digest,
            scopes=list(PERMISSIONS),
            expires_at=timezone.now() + timedelta(days=1),
        )
        return secret

    def test_it_works(self, cast, ask, capsys):
        decision = ask()
        assert run(["decisions", "list", "--org", "harbour", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)[0]["id"] == str(decision.pk)
        assert run(["decisions", "show", str(decision.pk), "--org", "harbour", "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        signing = ["decisions", "sign", str(decision.pk), "approve", "--reason", "Sound", "--org", "harbour"]
        signing += ["--hash", shown["content_hash"]]
        assert run(signing) == 1  # the operator is no signer
        assert run([*signing, "--token", self.token(cast.people["alice"])]) == 1
        assert run([*signing, "--token", "ph_wrong"]) == 1
        assert run([*signing, "--token", self.token(cast.people["caio"])]) == 0
        assert state(decision) == "approved"

    def test_what_is_not_there(self, cast, ask, capsys):
        ask()
        assert run(["decisions", "show", "nothing", "--org", "harbour"]) == 3
        assert run(["decisions", "list", "--org", "nowhere"]) == 3
        assert run(["decisions", "tick", "--json"]) == 0


class TestSignOff:
    @pytest.fixture
    def sealed(self, cast, system):
        alice = cast.actor("alice")
        draft = record_draft(actor=alice, system=system, kind="strategy.value_hypothesis", body=hypothesis())
        return record_seal(actor=alice, record=draft)

    def test_it_works(self, cast, browse, system, sealed):
        path = f"/o/harbour/records/{sealed.pk}/"
        assert "Nobody has been asked to sign this version" in text(browse("alice").get(path))
        page = browse("alice").post(f"{path}sign-off/", {"roles": ["cfo"], "reason": "Before we spend"}, follow=True)
        assert "What you sign" in text(page)
        decision = Decision.objects.get(kind="record.signoff")
        browse("cfo").post(url(decision), fill(decision))
        assert state(decision) == "approved"
        assert "Void" not in text(browse("alice").get(path))
        alice = cast.actor("alice")
        body = hypothesis(target="40")
        record_seal(
            actor=alice,
            record=record_draft(actor=alice, system=system, kind="strategy.value_hypothesis", body=body),
        )
        page = text(browse("alice").get(path))
        assert "Void" in page
        assert "What was signed has changed since" in page
        assert "Void" in text(browse("cfo").get(url(decision)))

    def test_refusals(self, browse, sealed):
        path = f"/o/harbour/records/{sealed.pk}/sign-off/"
        browse("alice").post(path, {"roles": ["pope"], "reason": ""})
        assert not Decision.objects.filter(kind="record.signoff").exists()
        assert browse("charlie").post(path, {"roles": ["cfo"], "reason": "x"}).status_code == 404
        assert browse("auditor").post(path, {"roles": ["cfo"], "reason": "x"}).status_code == 403
