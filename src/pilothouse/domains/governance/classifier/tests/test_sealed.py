"""A classification sealed from facts: the page's way, what a prohibition does, and what changed rules do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Forbidden, Invalid
from pilothouse.domains.governance.checks import judge_classified
from pilothouse.domains.governance.classifier import library, public
from pilothouse.domains.governance.classifier.actions import answers_save, classification_seal, edition_begin
from pilothouse.domains.governance.classifier.examples import examples
from pilothouse.domains.governance.classifier.kinds import RULE_SET
from pilothouse.domains.governance.classifier.prescreen import facts as proposed_facts
from pilothouse.domains.governance.classifier.prescreen import prescreen
from pilothouse.domains.governance.classifier.rules.sealing import facts_of, proposal
from pilothouse.domains.governance.classifier.selectors import papers_of, rerun, rule_sets_of
from pilothouse.domains.governance.classifier.wiring import classifications_tick
from pilothouse.domains.governance.schemas import RiskClassification
from pilothouse.kernel.checks.facts import system_facts
from pilothouse.kernel.gates.selectors import run_permissions
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.notify.models import Notice
from pilothouse.kernel.policy.actions.keys import key_issue, key_rotate
from pilothouse.kernel.policy.compile import compile_snapshot, compile_stops
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.loaders import latest_sealed
from pilothouse.kernel.records.schema import problems

BY_ID = {one.id: one for one in examples()}
HIGH, BANNED = BY_ID["iii_4_a"].facts, BY_ID["art5_f"].facts
KIND = "governance.risk_classification"


@pytest.fixture
def system(cast):
    return system_create(
        actor=cast.actor("caio"),
        name="CV filter",
        purpose="Filters the CVs of applicants",
        owner_id=cast.people["alice"].pk,
    )


def words(cast, **more):
    return {
        "decided_by": cast.people["caio"].email,
        "review_by": (timezone.now().date() + timedelta(days=300)).isoformat(),
        **more,
    }


def seal(cast, system, facts, **more):
    return classification_seal(actor=cast.actor("caio"), system=system, facts=facts, words=words(cast, **more))


@pytest.mark.parametrize("example", examples(), ids=[one.id for one in examples()])
def test_every_result_makes_a_whole_document(example):
    found = public.classify(example.facts, what_if=False)
    body = proposal(found) | {"decided_by": "someone@harbour.example", "review_by": "2027-11-22"}
    assert problems(RiskClassification, body) == {}
    assert facts_of(body) == json.loads(json.dumps(found.facts))


def test_it_works_on_the_pages(client, cast, system):
    client.force_login(cast.people["caio"].user)
    base = f"/o/harbour/systems/{system.number}/classification/"
    assert b"No facts yet" in client.get(base).content
    asked = client.get(f"{base}questions/").content.decode()
    assert "work out its outputs from its inputs" in asked
    assert "Employment: recruiting, managing" in asked  # proposed by the purpose's words
    assert "Proposal" in asked
    posted = {"kept": json.dumps(HIGH), "asked": ["human_review"], "a.human_review": "yes"}
    changed = client.post(f"{base}questions/", posted, headers={"HX-Request": "true"})
    assert b"High risk" in changed.content
    assert papers_of(cast.actor("caio"), system).draft is None  # looking keeps nothing
    assert client.post(f"{base}questions/", {**posted, "save": "yes"}).status_code == 302
    assert papers_of(cast.actor("caio"), system).facts["human_review"] == "yes"
    shown = client.get(base).content.decode()
    assert "Annex III, point 4(a)" in shown
    assert "2 December 2027" in shown
    assert "Seal as classification" in shown
    form = client.get(f"{base}seal/").content.decode()
    assert "Recruiting: It takes part in recruiting" in form
    refused = client.post(f"{base}seal/", {"reasons": "short", "our_role": "deployer"})
    assert refused.status_code == 422
    sealed = client.post(
        f"{base}seal/", {**words(cast), "our_role": "deployer", "reasons": "It ranks those who apply to us."}
    )
    assert sealed.status_code == 302, sealed.content
    row = papers_of(cast.actor("caio"), system).sealed
    assert (row.body["risk_class"], row.body["reasons"]) == ("high", "It ranks those who apply to us.")
    assert client.get(f"/o/harbour/systems/{system.number}/?tab=classification").status_code == 200
    assert b"come out otherwise" in client.get("/o/harbour/classifications/").content


def test_answers_that_cannot_be_read_are_told_and_the_rest_is_kept(client, cast, system):
    client.force_login(cast.people["caio"].user)
    posted = {"kept": json.dumps(HIGH), "asked": ["profiling"], "a.profiling": "perhaps", "save": "yes"}
    refused = client.post(f"/o/harbour/systems/{system.number}/classification/questions/", posted)
    assert refused.status_code == 422
    assert b"yes, no or unknown" in refused.content
    assert b"recruitment" in refused.content


def test_who_may_not_write_cannot_seal(client, cast, system):
    with pytest.raises(Forbidden):
        answers_save(actor=cast.actor("auditor"), system=system, facts=HIGH)
    with pytest.raises(Forbidden):
        classification_seal(actor=cast.actor("auditor"), system=system, facts=HIGH, words=words(cast))
    with pytest.raises(Invalid):
        seal(cast, system, {"areas": ["work"]})


def test_a_sealed_prohibition_takes_key_and_calls(cast, system):
    key = key_issue(actor=cast.actor("caio"), system=system, name="app")
    seal(cast, system, BANNED)
    moment = timezone.now()
    assert "prohibited" in run_permissions([system], moment)[system.pk].marks
    snapshot = compile_snapshot(system.organisation, moment)
    assert snapshot.systems[str(system.pk)].stop == "prohibited"
    assert f"system:{system.pk}" in compile_stops(system.organisation, snapshot).stopped
    with pytest.raises(Forbidden) as refused:
        key_issue(actor=cast.actor("caio"), system=system, name="another")
    assert refused.value.code == "prohibited"
    with pytest.raises(Forbidden):
        key_rotate(actor=cast.actor("caio"), key=key.key)
    seal(cast, system, HIGH)  # a later class does not lift it: two people do
    assert "prohibited" in run_permissions([system], moment)[system.pk].marks


def test_what_is_provisional_is_in_progress(cast, system):
    row = seal(cast, system, {**BY_ID["none_forecast"].facts, "exposed": "unknown"})
    assert row.body["from_facts"]["open"] == ["exposed", "crime_authorised"]
    about = system_facts(system.organisation_id, [system.pk])[0]
    paper = latest_sealed(KIND)(system.organisation_id, [system.pk])[system.pk]
    found = judge_classified(about, paper, timezone.now())
    assert found.status == "in_progress"
    assert "2 facts" in found.reason


def edition(cast, change):
    draft = edition_begin(actor=cast.actor("caio"), rule_set_id="eu_ai_act")
    assert edition_begin(actor=cast.actor("caio"), rule_set_id="eu_ai_act").pk == draft.pk
    body = {
        **draft.body,
        "text": change(draft.body["text"]),
        "why": "Our counsel reads the point on recruiting otherwise.",
        "adopted_by": cast.people["caio"].email,
    }
    draft = record_draft(actor=cast.actor("caio"), system=None, kind=RULE_SET, body=body)
    return record_seal(actor=cast.actor("caio"), record=draft)


def test_an_edition_of_ones_own_tells_who_is_affected(cast, cli, system):
    seal(cast, system, HIGH)
    assert [one.affected for one in rerun(cast.actor("caio"))] == [False]
    assert cli("classify", "--rerun", "--org", "harbour")[0] == 0
    assert classifications_tick(timezone.now())["told"] == 0
    edition(cast, lambda text: text.replace("{is: {employment: recruitment}}", "{is: {employment: management}}"))
    own = {one.id: one.hash for one in rule_sets_of(system.organisation_id)}
    assert own["eu_ai_act"] != {one.id: one.hash for one in library.shipped()}["eu_ai_act"]
    (again,) = rerun(cast.actor("caio"))
    assert (again.was, again.now, again.changed) == ("high", "minimal", ("EU AI Act",))
    code, out, _ = cli("classify", "--rerun", "--org", "harbour", "--json")
    assert code == 1
    assert json.loads(out)[0]["differs"][0] == {"was": "eu_risk: high", "now": "eu_risk: none"}
    assert classifications_tick(timezone.now())["told"] == 1
    assert classifications_tick(timezone.now())["told"] == 0  # nobody is told twice
    assert Notice.objects.filter(person=cast.people["alice"], text__contains="EU AI Act changed").count() == 1


def test_an_edition_that_does_not_read_is_refused_with_where(cast):
    with pytest.raises(Invalid) as refused:
        edition(cast, lambda text: text.replace("citation: [art3_1]", "citation: [art3_one]"))
    assert "no citation “art3_one”" in refused.value.fields["text"]


def test_rerun_asks_for_the_organisation(cli):
    assert cli("classify", "--rerun")[0] == 2


def test_the_prescreen_proposes_and_never_denies():
    found = prescreen({"name": "HireFast", "purpose": "Ranks the résumés of job candidates", "topic": ""})
    told = {(one.fact, one.answer): one for one in found}
    assert told["employment", "recruitment"].words == ("résumés", "job candidates")
    assert all(one.kind == "proposal" and one.answer not in ("no", "none") for one in found)
    said = proposed_facts(found)
    assert said["areas"] == ["employment", "unknown"]
    assert (
        public.classify({"ai_system": "yes", "eu_links": ["market"], **said}, what_if=False).axis("eu_risk").provisional
    )
    assert prescreen({"purpose": "Forecasts the wear of bearings"}) == ()
