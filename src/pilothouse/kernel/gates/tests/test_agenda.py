"""Material change: the agenda, documents to be looked at again, and models that nobody approved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.papers import papers

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.checks.selectors import findings_now
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.gates.actions.agenda import agenda_add, agenda_close, called_compare
from pilothouse.kernel.gates.models import AgendaItem
from pilothouse.kernel.gates.rules.called import is_approved, not_approved
from pilothouse.kernel.gates.selectors import agenda, pending_models
from pilothouse.kernel.gates.tests.test_manifests import running, someone, states, use  # noqa: F401
from pilothouse.kernel.inventory.actions import relation_remove
from pilothouse.kernel.inventory.models import Relation
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.records.actions import record_confirm, record_draft, record_seal, records_reopen, records_settle
from pilothouse.kernel.records.models import Record

KIND = "security.threat_model"
BARE = [{"name": "small 3", "version": ""}]


def threat_model(system):
    return Record.objects.get(system=system, kind=KIND, state="sealed")


def test_it_works(cast, running):  # noqa: F811
    use(cast, running, "model", "large")
    item = AgendaItem.objects.get()
    assert (item.source, item.then, item.closed_at) == ("register", "resign", None)
    assert item.title == "The model large was added."
    assert KIND in set(Record.objects.exclude(look_again=None).values_list("kind", flat=True))
    assert threat_model(running).look_again == item.title
    assert "AI threat model" in [one["title"] for one in item.reopened]
    assert "large was added" in Notice.objects.get(person=cast.people["alice"], text__contains="large").text


def test_what_needs_only_a_notice_reopens_nothing(cast, running):  # noqa: F811
    caio = cast.actor("caio")
    relation = Relation.objects.get(system=running, component__name="gpt")
    relation_remove(actor=caio, system=running, relation=relation)
    item = AgendaItem.objects.get()
    assert (item.then, item.title, item.reopened) == ("notify", "The model gpt was removed.", [])
    assert not Record.objects.exclude(look_again=None).exists()


def test_a_change_taken_back_is_settled(cast, running):  # noqa: F811
    relation = use(cast, running, "tool", "send e-mail")
    assert agenda(cast.actor("caio")).count() == 1
    relation_remove(actor=cast.actor("caio"), system=running, relation=relation)
    assert agenda(cast.actor("caio")).count() == 0
    assert "changed again or back" in AgendaItem.objects.get().outcome
    assert not Record.objects.exclude(look_again=None).exists()


def test_a_refused_change_is_settled(cast, running, sign):  # noqa: F811
    use(cast, running, "tool", "send e-mail")
    decision = Decision.objects.get(kind="manifest")
    sign(someone(decision), decision, "refuse", "Too far")
    assert "refused" in AgendaItem.objects.get().outcome
    assert not Record.objects.exclude(look_again=None).exists()


def test_a_document_that_waits_is_not_met(cast, running):  # noqa: F811
    def status():
        lines = {
            line.check.id: line.standing.finding for line in findings_now(cast.actor("caio"), running) if line.check
        }
        return lines["governance.risk_classified"]

    assert status().status == "met"
    records_reopen(actor=cast.actor("caio"), system=running, because="The tool send e-mail was added.")
    assert status().status == "in_progress"
    assert "send e-mail was added" in status().reason
    classified = Record.objects.get(system=running, kind="governance.risk_classification", state="sealed")
    paper = record_confirm(actor=cast.actor("caio"), record=classified, reason="It is used for nothing else.")
    assert (paper.look_again, status().status) == (None, "met")


def test_a_new_version_is_looked_at(cast, running):  # noqa: F811
    caio = cast.actor("caio")
    records_reopen(actor=caio, system=running, because="The model large was added.")
    record_seal(actor=caio, record=record_draft(actor=caio, system=running, kind=KIND, body=papers()[KIND]))
    assert threat_model(running).look_again is None


def test_confirming_is_refused(cast, running):  # noqa: F811
    caio = cast.actor("caio")
    with pytest.raises(Conflict):
        record_confirm(actor=caio, record=threat_model(running), reason="Looked at")
    records_reopen(actor=caio, system=running, because="The model large was added.")
    assert records_reopen(actor=caio, system=running, because="Something else.") == []
    with pytest.raises(Invalid):
        record_confirm(actor=caio, record=threat_model(running), reason=" ")
    with pytest.raises(Forbidden):
        record_confirm(actor=cast.actor("auditor"), record=threat_model(running), reason="Looked at")


def test_the_review_takes_it_off(cast, running, browse):  # noqa: F811
    use(cast, running, "tool", "send e-mail")
    item = agenda(cast.actor("caio")).get()
    page = browse("caio")
    assert "send e-mail was added" in page.get("/o/harbour/agenda/").content.decode()
    with pytest.raises(Forbidden):
        agenda_close(actor=cast.actor("auditor"), system=running, item=item, outcome="Fine")
    page.post("/o/harbour/agenda/", {"item": str(item.pk), "outcome": " "})
    assert agenda(cast.actor("caio")).count() == 1
    page.post("/o/harbour/agenda/", {"item": str(item.pk), "outcome": "Signed off in the review of November."})
    assert agenda(cast.actor("caio")).count() == 0
    with pytest.raises(Conflict):
        agenda_close(actor=cast.actor("caio"), system=running, item=item, outcome="Again")
    assert page.post("/o/harbour/agenda/", {"item": "x"}).status_code == 404
    assert agenda(cast.actor("charlie"), open_only=False).count() == 0


def test_a_model_that_nobody_approved(cast, running):  # noqa: F811
    actor = system_actor(cast.organisation.pk)
    assert called_compare(actor=actor, called={running.pk: [("gpt", "gpt-1"), ("acme/gpt", "")]}) == 0
    strange = {running.pk: [("gpt", "gpt-1"), ("large-9", "large-9-2026")]}
    assert called_compare(actor=actor, called=strange) == 1
    assert called_compare(actor=actor, called=strange) == 0  # it is on the agenda already
    item = agenda(cast.actor("caio")).get()
    assert (item.source, item.then) == ("traffic", "resign")
    assert "the model large-9, which its approved manifest does not name" in item.title
    assert states(running) == ["approved"]  # what nobody wrote down is no candidate


def test_a_system_without_a_manifest_is_left_alone(cast, system):
    assert called_compare(actor=system_actor(cast.organisation.pk), called={system.pk: [("large-9", "")]}) == 0


def test_what_waits_for_a_signature(cast, running, django_assert_num_queries):  # noqa: F811
    with django_assert_num_queries(1):
        assert pending_models([running]) == {}
    use(cast, running, "model", "large", "9")
    found = pending_models([running])
    assert found == {running.pk: ([{"name": "gpt", "version": "1"}], [{"name": "large", "version": "9"}])}


@pytest.mark.parametrize(
    ("model", "approved"),
    [
        ("small 3", True),
        ("acme/Small-3", True),
        ("small-3-2026-05-01", True),
        ("small-3-v2", True),
        ("small-3-mini", False),
        ("small", False),
        ("large-3", False),
        ("", False),
    ],
)
def test_names_of_models(model, approved):
    assert is_approved(model, BARE) is approved


def test_another_that_answers():
    assert not_approved(BARE, [("small-3", "large-1")]) == ["large-1"]
    assert not_approved(BARE, [("small-3", "small-3-turbo")]) == []  # the same, said in full
    assert not_approved([], [("large", "")]) == []


@given(st.text(max_size=20), st.text(max_size=8))
def test_what_is_named_is_approved(name, version):
    row = {"name": name, "version": version}
    if any(sign.isascii() and sign.isalnum() for sign in name.rsplit("/", 1)[-1]):
        assert is_approved(name, [row])
        assert not_approved([row], [(name, name)]) == []


def test_the_same_change_is_said_once_while_it_is_open(cast, running):  # noqa: F811
    actor, said = system_actor(cast.organisation.pk), ["The tool send e-mail was added."]
    item = agenda_add(actor=actor, system=running, source="register", sentences=said, then="resign")
    assert item is not None
    assert agenda_add(actor=actor, system=running, source="register", sentences=said, then="resign") is None
    assert records_settle(actor=actor, system=running, because="Something else.") == 0
    assert records_settle(actor=actor, system=running, because=item.title) == len(item.reopened)
    assert not Record.objects.exclude(look_again=None).exists()
    assert called_compare(actor=actor, called={}) == 0
