"""“My AI”: what an employee sees and does, and what stays shut."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.domains.experience.actions import feedback_give, reply_give, rules_acknowledge, tool_ask
from pilothouse.domains.experience.selectors.mine import me, mine, rule_sets, tools
from pilothouse.domains.experience.tests.papers import PAPERS
from pilothouse.kernel import clock
from pilothouse.kernel.access.actor import system_actor
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.gates.actions.restrictions import gate_restrict
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.ledger.models import Entry
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.actions.keeping import entry_keep
from pilothouse.kernel.records.models import Record
from pilothouse.kernel.records.selectors import records

ADOPTION, RULES = "experience.adoption", "experience.rules"
REPORT = {"what": "It gave a berth of 8 m for a ship of 9 m", "wrong": "wrong", "harm": False}


@pytest.fixture(autouse=True)
def _calm():
    cache.clear()


@pytest.fixture
def employee(cast):
    return cast.actor("employee")


@pytest.fixture
def planner(cast):
    """A system that runs, with Alice as its owner."""
    made = system_create(actor=cast.actor("caio"), name="Berth planner", owner_id=cast.people["alice"].pk)
    System.objects.filter(pk=made.pk).update(stage="production", inherited_at=clock.now())
    return System.objects.get(pk=made.pk)


@pytest.fixture
def seal(cast, planner):
    def do(kind, **changes):
        about = None if kind == RULES else planner
        return records_seal(actor=cast.actor("caio"), kind=kind, bodies=[(about, PAPERS[kind] | changes)])[0]

    return do


@pytest.fixture
def quay(cast):
    harbour = Unit.objects.create(organisation=cast.organisation, name="Harbour office")
    unit = Unit.objects.create(organisation=cast.organisation, name="Quay", parent=harbour)
    cast.people["employee"].unit = unit
    cast.people["employee"].save()
    return unit


def mine_to_use(actor):
    return tools(actor, me(actor), clock.now())


def test_it_works(cast, employee, planner, seal, client):
    seal(ADOPTION)
    seal(RULES)
    client.force_login(cast.people["employee"].user)
    base = f"/o/{cast.organisation.slug}/my-ai/"
    shown = client.get(base).content.decode()
    assert "Berth planner" in shown
    assert "Draw plans for ships that are announced" in shown
    assert "Plans for dangerous cargo" in shown
    assert "You answer for what you send" in shown
    rules = Record.objects.get(kind=RULES)
    client.post(f"{base}rules/{rules.pk}/", {"hash": rules.hash})
    assert "Rules that you acknowledged" in client.get(base).content.decode()
    sent = client.post(
        f"{base}report/", {"number": planner.number, "what": REPORT["what"], "wrong": "wrong", "harm": "no"}
    )
    assert sent.status_code == 302
    asked = client.post(
        f"{base}ask/", {"tool": "A translator", "purpose": "Twenty letters a week", "goes_in": "internal"}
    )
    assert asked.status_code == 302
    shown = client.get(base).content.decode()
    assert REPORT["what"] in shown
    assert "A translator" in shown
    assert "Waits for a reply" in shown


def test_an_employee_sees_no_systems_besides(cast, employee, planner, client):
    client.force_login(cast.people["employee"].user)
    base = f"/o/{cast.organisation.slug}/"
    assert "Berth planner" not in client.get(f"{base}my-ai/").content.decode()
    for path in ("systems/", "experience/use/", "experience/reports/", "experience/rules/", "records/"):
        assert client.get(base + path).status_code == 403, path


@pytest.mark.parametrize("stage", ["idea", "development", "retired", "unknown"])
def test_what_does_not_run_is_no_tool(employee, planner, seal, stage):
    seal(ADOPTION)
    assert [tool.system for tool in mine_to_use(employee)] == [planner]
    System.objects.filter(pk=planner.pk).update(stage=stage)
    assert mine_to_use(employee) == []


def test_a_suspended_system_is_no_tool_and_a_restricted_one_says_how(cast, employee, planner, seal):
    seal(ADOPTION)
    caio = cast.actor("caio")
    gate_restrict(actor=caio, system=planner, kind="restrict", reason="Fog", conditions="Only by day")
    assert "Only by day" in mine_to_use(employee)[0].conditions
    gate_restrict(actor=caio, system=planner, kind="suspend", reason="Wrong plans")
    assert mine_to_use(employee) == []


def test_a_tool_is_for_units_and_all_below_them(employee, planner, seal, quay):
    seal(ADOPTION, units=["Harbour office"])
    assert len(mine_to_use(employee)) == 1
    Unit.objects.create(organisation=quay.organisation, name="Pilots")
    seal(ADOPTION, units=["Pilots"])
    assert mine_to_use(employee) == []


def test_a_report_is_kept_and_told(cast, employee, planner, seal, quay):
    seal(ADOPTION)
    kept = feedback_give(actor=employee, number=planner.number, **REPORT)
    assert (kept.state, kept.key, kept.system) == ("sealed", "1", planner)
    assert (kept.body["by"], kept.body["unit"]) == ("employee@harbour.example", "Quay")
    assert Entry.objects.get(action="record.sealed", subject_id=kept.pk).content.person_id == employee.person_id
    assert Notice.objects.get(person=cast.people["alice"]).text == "Somebody reports a bad answer of Berth planner."
    assert mine(employee, me(employee))[0] == [kept]
    assert feedback_give(actor=employee, number=planner.number, **REPORT).key == "2"


def test_a_report_without_a_name_names_nobody(employee, planner, seal, quay):
    seal(ADOPTION)
    kept = feedback_give(actor=employee, number=planner.number, named=False, **REPORT)
    assert (kept.body["by"], kept.body["unit"], kept.written_by, kept.sealed_by) == (None, None, None, None)
    entry = Entry.objects.get(action="record.sealed", subject_id=kept.pk)
    assert (entry.content.person_id, entry.request_id) == (None, "")
    assert "Employee" not in entry.content.body
    assert mine(employee, me(employee)) == ([], [])


def test_no_report_of_a_tool_that_is_not_theirs(employee, planner):
    with pytest.raises(NotFound):
        feedback_give(actor=employee, number=planner.number, **REPORT)


def test_a_report_is_whole(employee, planner, seal):
    seal(ADOPTION)
    with pytest.raises(Invalid) as refused:
        feedback_give(actor=employee, number=planner.number, what="Bad", wrong="sour", harm=False)
    assert set(refused.value.fields) == {"what", "wrong"}


def test_a_form_loses_nothing_and_says_what_is_wrong(cast, planner, seal, client):
    seal(ADOPTION)
    client.force_login(cast.people["employee"].user)
    base = f"/o/{cast.organisation.slug}/my-ai/"
    answer = client.post(f"{base}report/", {"number": planner.number, "what": "Too bad", "wrong": "", "harm": "yes"})
    assert answer.status_code == 422
    assert "Too bad" in answer.content.decode()
    assert answer.content.decode().count("field-error") == 2
    answer = client.post(f"{base}ask/", {"tool": "X"})
    assert answer.status_code == 422
    System.objects.update(stage="retired")
    answer = client.post(f"{base}report/", {"number": planner.number, **REPORT})
    assert "No tool is there for you" in answer.content.decode()


def test_asking_for_a_tool(employee, cast):
    kept = tool_ask(actor=employee, tool="A translator", purpose="Twenty letters a week", data="internal")
    assert (kept.kind, kept.system, kept.body["by"]) == ("experience.tool_request", None, "employee@harbour.example")
    assert list(records(cast.actor("caio"), kind="experience.tool_request")) == [kept]


def test_acknowledging_and_what_is_new_since(cast, employee, seal):
    first = seal(RULES)
    assert [one.read for one in rule_sets(employee, me(employee))] == [0]
    rules_acknowledge(actor=employee, record=first, read_hash=first.hash)
    assert rule_sets(employee, me(employee))[0].done
    second = seal(RULES, rules=[*PAPERS[RULES]["rules"], "Say when a text is made by AI"])
    (now,) = rule_sets(employee, me(employee))
    assert (now.done, now.read) == (False, 1)
    assert [rule for rule, new in now.lines if new] == ["Say when a text is made by AI"]
    with pytest.raises(Conflict):
        rules_acknowledge(actor=employee, record=first, read_hash=first.hash)
    other = seal(RULES, title="Pictures made by AI")
    rules_acknowledge(actor=employee, record=other, read_hash=other.hash)
    kept = rules_acknowledge(actor=employee, record=second, read_hash=second.hash)
    assert [(read["rules"], read["version"]) for read in kept.body["read"]] == [
        ("Pictures made by AI", 1),
        ("Using AI at work", 2),
    ]
    assert kept.version == 3


def test_rules_of_other_units_are_not_theirs(cast, employee, seal, quay):
    Unit.objects.create(organisation=cast.organisation, name="Pilots")
    made = seal(RULES, units=["Pilots"])
    assert rule_sets(employee, me(employee)) == []
    with pytest.raises(NotFound):
        rules_acknowledge(actor=employee, record=made, read_hash=made.hash)


def test_without_an_address_nothing_can_be_acknowledged(cast, employee, seal):
    made = seal(RULES)
    cast.people["employee"].email = ""
    cast.people["employee"].save()
    with pytest.raises(Invalid):
        rules_acknowledge(actor=employee, record=made, read_hash=made.hash)


def test_nobody_is_behind_a_service(cast):
    with pytest.raises(NotFound):
        me(system_actor(cast.organisation.pk, "A job"))


def test_an_outsider_gets_nothing(cast, planner, seal):
    seal(ADOPTION)
    made = seal(RULES)
    outsider = cast.actor("charlie")
    with pytest.raises(NotFound):
        feedback_give(actor=outsider, number=planner.number, **REPORT)
    with pytest.raises(NotFound):
        rules_acknowledge(actor=outsider, record=made, read_hash=made.hash)


@pytest.mark.parametrize("permission", ["feedback.give", "rules.acknowledge"])
def test_without_the_permission_nothing_is_done(cast, planner, seal, permission):
    made = seal(RULES)
    role = cast.people["employee"].memberships.get().role
    del role.permissions[permission]
    role.save()
    employee = cast.actor("employee")
    do = {
        "feedback.give": lambda: tool_ask(
            actor=employee, tool="A translator", purpose="Twenty letters", data="internal"
        ),
        "rules.acknowledge": lambda: rules_acknowledge(actor=employee, record=made, read_hash=made.hash),
    }
    with pytest.raises(Forbidden):
        do[permission]()


def test_entry_keep_refuses_what_is_not_whole(employee, planner):
    with pytest.raises(Invalid):
        entry_keep(employee, "experience.feedback", planner, {"what": "Too little"})
    with pytest.raises(Invalid):
        entry_keep(employee, "experience.feedback", planner, PAPERS["experience.feedback"] | {"by": "nobody@x.example"})


def test_my_ai_takes_a_constant_number_of_queries(cast, employee, planner, seal, django_assert_max_num_queries):
    seal(ADOPTION)
    for number in range(6):
        made = system_create(actor=cast.actor("caio"), name=f"Tool {number}")
        System.objects.filter(pk=made.pk).update(stage="pilot", inherited_at=clock.now())
        records_seal(actor=cast.actor("caio"), kind=ADOPTION, bodies=[(made, PAPERS[ADOPTION])])
    who = me(employee)
    with django_assert_max_num_queries(10):
        assert len(tools(employee, who, clock.now())) == 7


REPLY = {"verdict": "confirmed", "reply": "The draught sheet was old; it is read anew every night now"}


def test_a_reply_reaches_whoever_reported(cast, employee, planner, seal):
    seal(ADOPTION)
    report = feedback_give(actor=employee, number=planner.number, **REPORT)
    kept = reply_give(actor=cast.actor("alice"), record=report, **REPLY)
    assert (kept.key, kept.version, kept.body["replied_on"]) == ("1", 2, f"{clock.now():%Y-%m-%d}")
    assert (
        Notice.objects.get(person=cast.people["employee"]).text == "There is a reply to your report of Berth planner."
    )
    assert mine(employee, me(employee))[0][0].body["reply"] == REPLY["reply"]
    with pytest.raises(Conflict):
        reply_give(actor=cast.actor("alice"), record=kept, **REPLY)
    with pytest.raises(Conflict):
        reply_give(actor=cast.actor("alice"), record=report, **REPLY)


def test_a_request_is_answered_with_the_system_it_led_to(cast, employee, planner):
    asked = tool_ask(actor=employee, tool="A translator", purpose="Twenty letters a week", data="internal")
    with pytest.raises(Invalid) as refused:
        reply_give(actor=cast.actor("caio"), record=asked, verdict="granted", reply="Yes", number=999)
    assert set(refused.value.fields) == {"reply"}
    kept = reply_give(
        actor=cast.actor("caio"), record=asked, verdict="granted", reply="From Monday on", number=planner.number
    )
    assert kept.body["system"] == planner.number
    assert Notice.objects.get(person=cast.people["employee"]).text == "There is a reply to your request: A translator."


def test_who_may_not_write_replies_to_nothing(cast, employee, planner, seal):
    adoption = seal(ADOPTION)
    report = feedback_give(actor=employee, number=planner.number, **REPORT)
    with pytest.raises(Forbidden):
        reply_give(actor=employee, record=report, **REPLY)
    with pytest.raises(NotFound):
        reply_give(actor=cast.actor("charlie"), record=report, **REPLY)
    with pytest.raises(NotFound):
        reply_give(actor=cast.actor("caio"), record=adoption, **REPLY)


def test_replying_on_the_page(cast, employee, planner, seal, client):
    seal(ADOPTION)
    report = feedback_give(actor=employee, number=planner.number, named=False, **REPORT)
    asked = tool_ask(actor=employee, tool="A translator", purpose="Twenty letters a week", data="internal")
    base = f"/o/{cast.organisation.slug}/experience/"
    client.force_login(cast.people["alice"].user)
    assert f"replies/{report.pk}/" in client.get(f"{base}reports/").content.decode()
    assert "sent without a name" in client.get(f"{base}replies/{report.pk}/").content.decode()
    answer = client.post(f"{base}replies/{report.pk}/", {"verdict": "confirmed", "reply": "Short"})
    assert (answer.status_code, "Short" in answer.content.decode()) == (422, True)
    assert client.post(f"{base}replies/{report.pk}/", REPLY).status_code == 302
    shown = client.get(f"{base}replies/{report.pk}/").content.decode()
    assert REPLY["reply"] in shown
    assert "Send the reply" not in shown
    assert client.get(f"{base}replies/{asked.pk}/").status_code == 403
    client.force_login(cast.people["caio"].user)
    assert f"replies/{asked.pk}/" in client.get(f"{base}reports/?show=asked").content.decode()
    said = {"verdict": "refused", "reply": "Letters hold what customers trust us with", "number": ""}
    assert client.post(f"{base}replies/{asked.pk}/", said)["Location"] == f"{base}reports/?show=asked"
    assert "Letters hold what customers trust us with" in client.get(f"{base}reports/?show=asked").content.decode()
    adoption = Record.objects.get(kind=ADOPTION)
    assert client.get(f"{base}replies/{adoption.pk}/").status_code == 404
