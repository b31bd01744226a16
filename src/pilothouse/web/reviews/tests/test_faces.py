"""The queue, a review, stored texts: on pages, over REST and on the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from pilothouse.contracts.policy.texts import Edited, Kept, Label, Outcome, Piece
from pilothouse.kernel.base import new_id
from pilothouse.kernel.ledger.models import Content, Entry
from pilothouse.kernel.policy.actions.settings import system_policy_save
from pilothouse.kernel.policy.selectors import setting_of
from pilothouse.kernel.reviews.models import Review
from pilothouse.kernel.reviews.tests.conftest import SAID, taken_in
from pilothouse.kernel.texts import store
from pilothouse.kernel.traffic import places
from pilothouse.kernel.warehouse import writer
from pilothouse.kernel.warehouse.tables import rows_of
from pilothouse.kernel.warehouse.tests import events
from pilothouse.web.reviews.cli import app

pytestmark = pytest.mark.usefixtures("_home")
QUEUE = "/o/harbour/reviews/"


def at(review: Review) -> str:
    return f"{QUEUE}{review.pk}/"


def form(review: Review, verdict: str = "release", **more: str) -> dict[str, str]:
    assert review.decision is not None
    said = {"verdict": verdict, "reason": "Read.", "content_hash": review.decision.content_hash, "idempotency": "once"}
    return said | {"text_0": SAID} | more


def text_of(response: Any) -> str:
    return response.content.decode()


class TestPages:
    def test_it_works(self, cast, browse, review, django_capture_on_commit_callbacks):
        client = browse("risk")
        page = text_of(client.get(QUEUE))
        assert "Planner" in page
        assert SAID not in page
        page = text_of(client.get(at(review)))
        assert SAID in page
        assert "When does the tide turn?" in page
        assert "E-mail addresses: 1" in page
        assert "data-draft" not in page.split('id="decide-form"')[1][:200]  # no text stays in a browser
        with django_capture_on_commit_callbacks(execute=True):
            done = client.post(at(review), form(review))
        assert done.status_code == 302
        assert done["Location"] == QUEUE
        assert store.read(str(cast.organisation.pk), review.call, Outcome)[1].verdict == "released"
        page = text_of(client.get(f"{QUEUE}?show=decided"))
        assert "Released" in page
        assert "By system" in page

    def test_a_verdict_leads_to_the_next(self, cast, browse, hold, review):
        other = taken_in(cast, hold())
        client = browse("risk")
        client.get(at(review))
        assert client.post(at(review), form(review))["Location"] == at(other)

    def test_it_is_released_changed(self, cast, browse, review):
        client = browse("risk")
        client.get(at(review))
        client.post(at(review), form(review, "edit", text_0="The tide turned."))
        assert Review.objects.get().state == "edited"
        assert store.read(str(cast.organisation.pk), review.call, Edited)[1].texts == ("The tide turned.",)
        page = text_of(client.get(at(review)))
        assert "What was released instead" in page
        assert "The tide turned." in page

    def test_a_change_is_never_dropped(self, browse, review):
        client = browse("risk")
        answer = client.post(at(review), form(review, text_0="Other"))
        assert answer.status_code == 422
        assert "You changed the answer" in text_of(answer)
        assert "Other" in text_of(answer)
        assert Review.objects.get().state == "waiting"

    @pytest.mark.parametrize("wrong", [{"verdict": ""}, {"reason": ""}, {"verdict": "shrug"}, {"content_hash": "old"}])
    def test_what_is_missing_is_said(self, browse, review, wrong):
        client = browse("risk")
        answer = client.post(at(review), form(review) | wrong)
        assert answer.status_code == 422
        assert "Not decided" in text_of(answer)
        assert Review.objects.get().state == "waiting"

    def test_a_text_that_is_gone(self, cast, browse, review):
        store.remove(str(cast.organisation.pk), review.call, ("held",))
        page = text_of(browse("risk").get(at(review)))
        assert "The text is gone" in page
        assert "decide-form" not in page

    def test_whoever_asked_reads_why_they_cannot(self, cast, browse, hold):
        own = taken_in(cast, hold(person=cast.people["risk"].email))
        page = text_of(browse("risk").get(at(own)))
        assert "Nobody decides on their own request" in page
        assert "decide-form" not in page

    @pytest.mark.parametrize(("who", "status"), [("alice", 403), ("auditor", 403), ("legal", 403), ("charlie", 404)])
    def test_others_see_nothing(self, browse, review, who, status):
        for path in (QUEUE, at(review)):
            answer = browse(who).get(path)
            assert answer.status_code == status
            assert SAID not in text_of(answer)

    def test_the_inbox_leads_there(self, browse, review):
        page = text_of(browse("risk").get(f"/o/harbour/inbox/{review.decision_id}/"))
        assert at(review) in page
        assert SAID not in page
        assert "shown to those who may review it" in text_of(
            browse("alice").get(f"/o/harbour/inbox/{review.decision_id}/")
        )

    def test_an_empty_queue_says_what_belongs_there(self, browse):
        for show in ("mine", "open", "decided", "nonsense"):
            assert browse("risk").get(QUEUE, {"show": show}).status_code == 200

    def test_queries_do_not_grow(self, cast, browse, hold, django_assert_max_num_queries):
        for _ in range(8):
            taken_in(cast, hold())
        client = browse("risk")
        client.get(QUEUE)
        with django_assert_max_num_queries(24):
            client.get(QUEUE)


@pytest.fixture
def kept(cast, system) -> str:
    """A call whose text is stored."""
    system_policy_save(actor=cast.actor("caio"), system=system, body={"storage": {"on": True}})
    call, organisation = str(new_id()), str(cast.organisation.pk)
    label = Label(kind="kept", organisation=organisation, call=call, at=timezone.now(), system=str(system.pk))
    store.write(label, Kept(prompt=(Piece("messages 1 (user)", "Ahoy?"),), answer=(Piece("answer", "Ahoy!"),)))
    told = events.settlement(organisation=organisation, system=str(system.pk), call=call, at=timezone.now())
    writer.append(places.warehouse(), "told", rows_of(told))
    return call


class TestStoredTexts:
    def test_a_page_reads_it_with_a_reason(self, browse, kept):
        client = browse("legal")
        page = text_of(client.get(f"/o/harbour/traffic/calls/{kept}/"))
        assert "Stored text" in page
        assert "Ahoy" not in page
        assert not Entry.objects.filter(action="text.read").exists()
        page = text_of(client.post(f"/o/harbour/traffic/calls/{kept}/text/", {"reason": "A complaint."}))
        assert "Ahoy?" in page
        assert "Ahoy!" in page
        entry = Entry.objects.get(action="text.read")
        assert "A complaint." in Content.objects.get(entry=entry).body

    def test_no_reason_no_text(self, browse, kept):
        answer = browse("legal").post(f"/o/harbour/traffic/calls/{kept}/text/", {"reason": " "})
        assert answer.status_code == 302
        assert not Entry.objects.filter(action="text.read").exists()

    @pytest.mark.parametrize("who", ["caio", "ciso", "auditor"])
    def test_others_are_not_told_that_it_is_there(self, browse, kept, who):
        assert "Stored text" not in text_of(browse(who).get(f"/o/harbour/traffic/calls/{kept}/"))
        assert browse(who).post(f"/o/harbour/traffic/calls/{kept}/text/", {"reason": "Why"}).status_code == 403

    def test_over_rest(self, rest, kept):
        answer = rest("legal").post(f"reviews/texts/{kept}", {"reason": "A complaint."})
        assert answer.json()["answer"] == [{"where": "answer", "text": "Ahoy!"}]
        assert rest("caio").post(f"reviews/texts/{kept}", {"reason": "Why"}).status_code == 404
        assert rest("legal").post(f"reviews/texts/{kept}", {}).status_code == 422


class TestRest:
    def test_it_works(self, cast, rest, review):
        risk = rest("risk")
        (row,) = risk.get("reviews/").json()["items"]
        assert (row["system"], row["state"], row["why"]) == (review.system.ref, "waiting", "every")
        assert SAID not in json.dumps(row)
        body = {
            "verdict": "edit",
            "reason": "Tense.",
            "texts": ["The tide turned."],
            "content_hash": row["content_hash"],
        }
        assert risk.post(f"reviews/{row['id']}/decision", body | {"verdict": "release"}).status_code == 409  # unread
        whole = risk.get(f"reviews/{row['id']}").json()
        assert whole["answer"] == [{"where": "choices 1", "text": SAID}]
        done = risk.post(f"reviews/{row['id']}/decision", body)
        assert (done.status_code, done.json()["state"]) == (200, "edited")
        assert risk.get("reviews/figures").json()["overridden"] == 1
        assert len(risk.get("reviews/", show="decided").json()["items"]) == 1
        assert not risk.get("reviews/", show="waiting").json()["items"]
        assert len(risk.get("reviews/", show="all").json()["items"]) == 1

    def test_others_get_nothing(self, rest, review):
        assert rest("alice").get("reviews/").status_code == 403
        assert rest("charlie").get(f"reviews/{review.pk}").status_code == 404


class TestCommandLine:
    def run(self, *words: str) -> Any:
        return CliRunner().invoke(
            app, [*words, "--org", "harbour"] if words[0] not in ("bring-in", "tidy") else [*words]
        )

    def test_it_works(self, cast, rest, hold, tmp_path):
        hold()
        assert self.run("bring-in", "--json").exit_code == 0
        listed = json.loads(self.run("list", "--json").stdout)
        number = listed[0]["id"]
        token = rest("risk").client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        assert SAID in self.run("show", number, "--token", token, "--json").stdout
        changed = tmp_path / "answer.txt"
        changed.write_text("The tide turned.")
        done = self.run(
            "decide", number, "edit", "--reason", "Tense.", "--token", token, "--text", str(changed), "--json"
        )
        assert json.loads(done.stdout)["state"] == "edited"
        assert json.loads(self.run("figures", "--json").stdout)[0]["overridden"] == 1
        assert json.loads(self.run("list", "--show", "decided", "--token", token, "--json").stdout)
        assert self.run("list", "--show", "mine", "--token", token).exit_code == 0
        assert json.loads(self.run("tidy", "--json").stdout) == {"held": 0, "stored": 0}

    def test_reading_takes_a_persons_token(self, review, rest):
        charlie = rest("charlie").client.defaults["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
        for token in ((), ("--token", "nonsense"), ("--token", charlie)):
            answer = self.run("show", str(review.pk), *token)
            assert answer.exit_code != 0
            assert SAID not in answer.output


def test_the_page_of_a_systems_rules_sets_both(cast, browse, system):
    client = browse("caio")
    path = f"/o/harbour/systems/{system.number}/policy/"
    assert client.get(path).status_code == 200
    said = {
        "version": "0", "every": "on", "sample_per_mille": "10", "score_above_per_mille": "700", "hours": "4",
        "hold_days": "3", "deep_ms": "2000", "storage_on": "on", "storage_purposes": "audit, support", "days": "14",
        "human_hold": "hire", "human_refuse": "fire",
    }  # fmt: skip
    kinds = dict.fromkeys(_kinds(), "count")
    assert client.post(path, said | kinds).status_code == 302
    rules, _ = setting_of(system)
    assert (rules.hold.every, rules.hold.sample_per_mille, rules.hold.score_above_per_mille) == (True, 10, 700)
    assert (rules.hold.hours, rules.hold.days) == (4, 3)
    assert (rules.storage.on, rules.storage.purposes, rules.storage.days) == (True, frozenset({"audit", "support"}), 14)
    assert rules.human == {"hire": "hold", "fire": "refuse"}
    page = text_of(client.get(f"/o/harbour/systems/{system.number}/?tab=calls"))
    assert "For every answer" in page
    assert "14 days" in page
    for wrong in ({"sample_per_mille": "1001"}, {"hours": "0"}, {"days": "0"}, {"score_above_per_mille": "1000"}):
        answer = client.post(path, said | kinds | wrong | {"version": "1"})
        assert answer.status_code == 422
    assert setting_of(system)[1] == 1


def _kinds() -> list[str]:
    from pilothouse.kernel.policy.rules import FINDABLE

    return [f"{side}_{kind}" for side in ("prompt", "answer") for kind in FINDABLE]


def test_what_if_tells_of_both(cast, browse, system):
    from pilothouse.kernel.policy.actions.keys import key_issue

    body = {"hold": {"every": True}, "storage": {"on": True, "days": 14}}
    system_policy_save(actor=cast.actor("caio"), system=system, body=body)
    issued = key_issue(actor=cast.actor("alice"), system=system, name="Nightly")
    page = text_of(browse("caio").get("/o/harbour/gateway/what-if/", {"key": str(issued.key.pk), "endpoint": "check"}))
    assert "every answer of the system" in page
    assert "for 14 days" in page


def test_the_register_takes_what_gateways_do(browse):
    client = browse("caio")
    client.post("/o/harbour/human-decisions/", {"title": "Hiring people", "why": "A life.", "calls": "hold"})
    assert "A reviewer first" in text_of(client.get("/o/harbour/human-decisions/"))


def test_deadlines_are_of_the_systems_rules(cast, system, hold):
    system_policy_save(actor=cast.actor("caio"), system=system, body={"hold": {"every": True, "hours": 5}})
    review = taken_in(cast, hold())
    assert review.decision.deadline == review.taken_at + timedelta(hours=5)
