"""security.review: how it is judged, from the form to the CISO's signature."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from pydantic import ValidationError

from pilothouse.contracts.errors import Conflict, Forbidden
from pilothouse.domains.security import facts as loaders
from pilothouse.domains.security.checks import judge_review
from pilothouse.domains.security.schemas import SecurityReview
from pilothouse.domains.security.tests.papers import review, threat, threat_model
from pilothouse.domains.security.tests.test_threat_model import facts, sealed, signature
from pilothouse.kernel.access.models import Membership
from pilothouse.kernel.checks.engine import refresh
from pilothouse.kernel.decisions.actions import decision_sign
from pilothouse.kernel.decisions.models import Decision
from pilothouse.kernel.decisions.signoff import record_signoff_request
from pilothouse.kernel.domain import Grade, ShareMet, Status, registry
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import component_add, relation_add, system_create
from pilothouse.kernel.inventory.loading import Used
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import record_draft, record_seal
from pilothouse.kernel.records.models import Record
from pilothouse.site.cli import run

NOW = datetime(2026, 11, 23, tzinfo=UTC)
KIND = "security.review"
QUESTIONS = ("affects_people", "safety", "personal_data", "acts_alone", "outside_people")
RISKS = registry.checks["security.residual_accepted"]


def judge(body=None, *, signed=True, model=1, used=(), **changes):
    paper = sealed(body or review(**changes), KIND, version=2)
    model_paper = sealed(threat_model(), version=model) if model else None
    return judge_review(facts(), (paper, signature(paper) if signed else None, model_paper, used), NOW)


class TestJudgement:
    """security.review_signed"""

    def test_signed_and_current_is_met(self):
        finding = judge()
        assert (finding.status, finding.grade) == (Status.MET, Grade.SEALED)
        expected = "Version 2 of its security review is signed off by the CISO and holds until 30 November 2027."
        assert finding.reason == expected
        assert [ref.type for ref in finding.refs] == ["records.record", "decisions.decision"]

    def test_nothing_is_not_met(self):
        assert judge_review(facts(), (None, None, None, None), NOW).status == Status.NOT_MET
        assert judge_review(facts(inherited=True), (None, None, None, None), NOW).status == Status.UNKNOWN

    def test_unsigned_is_in_progress(self):
        finding = judge(signed=False)
        assert finding.status == Status.IN_PROGRESS
        assert "the CISO has not signed it off" in finding.reason

    def test_a_signature_on_another_version_does_not_count(self):
        paper = sealed(review(), KIND)
        loaded = (paper, signature(sealed(review(), KIND)), None, ())
        assert judge_review(facts(), loaded, NOW).status == Status.IN_PROGRESS

    def test_it_may_not_run(self):
        assert judge(conclusion="may_not_run").status == Status.NOT_MET

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"valid_until": "2026-11-22"}, "held until 22 November 2026"),
            ({"model": 2}, "version 2 is sealed since"),
            ({"model": None}, "version 1 of its threat model, which is not sealed"),
            ({"threat_model": 3}, "version 3 of its threat model, which is not sealed"),
            ({"used": (Used(uuid4(), "model", "summary MODEL", "2026-11-01"),)}, "not the version that was reviewed"),
            (
                {"weaknesses": [{"what": "x" * 10, "severity": "low", "state": "open", "mend_by": "2026-11-01"}]},
                "was to be mended by 1 November 2026",
            ),
        ],
    )
    def test_no_longer_of_what_runs(self, changes, words):
        finding = judge(**changes)
        assert finding.status == Status.IN_PROGRESS
        assert words in finding.reason

    def test_the_same_version_and_unknown_parts_are_no_reason(self):
        same = Used(uuid4(), "model", "Summary model", "2026-08-06")
        assert judge(used=(same, Used(uuid4(), "tool", "Search", "9"))).status == Status.MET

    def test_a_mended_weakness_is_no_reason(self):
        mended = [{"what": "x" * 10, "severity": "low", "state": "mended", "mend_by": "2026-11-01"}]
        assert judge(weaknesses=mended).status == Status.MET

    def test_a_stand_in_and_a_lone_signer_are_named(self):
        paper = sealed(review(), KIND)
        by = replace(signature(paper), roles=("operations",), instead=True, lone=True)
        reason = judge_review(facts(), (paper, by, sealed(threat_model()), None), NOW).reason
        assert "signed off as operations, as nobody is CISO, by one person alone" in reason

    def test_the_short_form_serves_the_low_tier_alone(self):
        body = {key: review()[key] for key in ("scope", "remaining", "conclusion", "conditions", "valid_until")}
        paper = sealed(body, KIND)
        loaded = (paper, signature(paper), sealed(threat_model()), ())
        assert judge_review(facts(tier="low"), loaded, NOW).status == Status.MET
        assert judge_review(facts(tier="high"), loaded, NOW).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": []},
        {"threat_model": 0},
        {"versions": []},
        {"attempts": []},
        {"weaknesses": [{"what": "Somebody can read it", "severity": "low", "state": "open"}]},
        {
            "conclusion": "may_run",
            "weaknesses": [
                {"what": "Anybody reads it", "severity": "high", "state": "open", "mend_by": "2027-01-01"},
            ],
        },
    ],
)
def test_what_is_no_review(changes):
    with pytest.raises(ValidationError):
        SecurityReview.model_validate(review(**changes))


def test_the_answer_counts_production():
    answer = registry.domains["security"].answer
    assert isinstance(answer, ShareMet)
    assert (answer.checks, answer.stages) == (("security.review_signed",), ("production",))


@pytest.fixture
def system(cast):
    return system_create(actor=cast.actor("alice"), name="CV summary", owner_id=cast.people["alice"].pk)


def seal(cast, system, who="alice", kind=KIND, body=None):
    if kind == KIND and not Record.objects.filter(system=system, kind=loaders.THREATS).exists():
        seal(cast, system, who, loaders.THREATS, threat_model())
    draft = record_draft(actor=cast.actor(who), system=system, kind=kind, body=body or review())
    return record_seal(actor=cast.actor(who), record=draft)


def sign(cast, who, decision, verdict="approve"):
    return decision_sign(
        actor=cast.actor(who),
        decision=decision,
        verdict=verdict,
        reason="I read it and tried it",
        content_hash=decision.content_hash,
    )


def judged(cast, system):
    found = [loader(cast.organisation.pk, None).get(system.pk) for loader in loaders.REVIEW_LOADERS]
    return judge_review(facts(tier="high"), tuple(found), NOW)


class TestSigning:
    def test_it_works(self, cast, system):
        record = seal(cast, system)
        assert judged(cast, system).status == Status.IN_PROGRESS
        decision = record_signoff_request(actor=cast.actor("alice"), record=record)
        assert [seat.role for seat in decision.seats.all()] == ["ciso"]
        assert judged(cast, system).status == Status.IN_PROGRESS
        sign(cast, "ciso", decision)
        finding = judged(cast, system)
        assert finding.status == Status.MET
        assert str(decision.pk) in [ref.id for ref in finding.refs]

    def test_signing_has_the_system_judged_anew(self, cast, system, monkeypatch):
        decision = record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system))
        told = []
        monkeypatch.setattr(hooks, "_listeners", [lambda actor, ids: told.extend(ids)])
        sign(cast, "ciso", decision)
        assert told == [system.pk]

    def test_a_new_version_needs_a_new_signature(self, cast, system):
        sign(cast, "ciso", record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system)))
        assert judged(cast, system).status == Status.MET
        seal(cast, system, body=review(remaining="Less than there was before"))
        assert judged(cast, system).status == Status.IN_PROGRESS

    def test_a_new_version_of_a_model_needs_a_new_review(self, cast, system):
        sign(cast, "ciso", record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system)))
        caio = cast.actor("caio")
        model = component_add(actor=caio, kind="model", name="Summary model", version="2027-02-01")
        relation_add(actor=caio, system=system, kind="uses", component=model)
        assert "2027-02-01" in judged(cast, system).reason

    def test_refused_is_not_signed(self, cast, system):
        decision = record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system))
        assert sign(cast, "ciso", decision, "refuse").state == "refused"
        assert judged(cast, system).status == Status.IN_PROGRESS

    def test_nobody_else_signs_for_the_ciso(self, cast, system):
        record = seal(cast, system)
        with pytest.raises(Forbidden, check=lambda e: e.code == "wrong_role"):
            sign(cast, "caio", record_signoff_request(actor=cast.actor("alice"), record=record))

    def test_another_approval_is_no_sign_off(self, cast, system):
        decision = record_signoff_request(
            actor=cast.actor("alice"), record=seal(cast, system), groups=(("risk",),), reason="Have a look"
        )
        assert sign(cast, "risk", decision).state == "approved"
        assert judged(cast, system).status == Status.IN_PROGRESS

    def test_where_the_ciso_wrote_it_nobody_is_left(self, cast, system):
        with pytest.raises(Conflict, check=lambda e: e.code == "nobody_left"):
            record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system, "ciso"))
        assert not Decision.objects.exists()

    def test_where_nobody_is_ciso_an_officer_other_than_the_writer_signs(self, cast, system):
        Membership.objects.filter(role__key="ciso").delete()
        decision = record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system))
        assert {seat.role for seat in decision.seats.all()} == {"ciso", "caio"}  # no other officer's role exists here
        sign(cast, "caio", decision)
        assert "signed off as caio, as nobody is CISO" in judged(cast, system).reason

    def test_that_ends_when_somebody_becomes_ciso(self, cast, system):
        role = Membership.objects.get(role__key="ciso").role
        Membership.objects.filter(role__key="ciso").delete()
        sign(cast, "caio", record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system)))
        Membership.objects.create(organisation=cast.organisation, person=cast.people["bob"], role=role)
        assert judged(cast, system).status == Status.IN_PROGRESS

    def test_a_ciso_who_left_signed_all_the_same(self, cast, system):
        sign(cast, "ciso", record_signoff_request(actor=cast.actor("alice"), record=seal(cast, system)))
        Membership.objects.filter(role__key="ciso").delete()
        assert "signed off by the CISO" in judged(cast, system).reason

    def test_the_queries_do_not_grow(self, cast, system, django_assert_max_num_queries):
        for number in range(4):
            one = system_create(actor=cast.actor("alice"), name=f"CV {number}", owner_id=cast.people["alice"].pk)
            sign(cast, "ciso", record_signoff_request(actor=cast.actor("alice"), record=seal(cast, one)))
            limit = 4
            with django_assert_max_num_queries(limit):
                assert len(loaders.review_signed(cast.organisation.pk, None)) == number + 1
        with django_assert_max_num_queries(limit):
            assert list(loaders.review_signed(cast.organisation.pk, [one.pk])) == [one.pk]


class TestFaces:
    """The remedy leads to the form, then to the button, and the button to the CISO's inbox."""

    @pytest.fixture
    def way(self, system):
        return f"/o/harbour/systems/{system.number}/{registry.checks['security.review_signed'].remedy}"

    def test_it_works(self, cast, browse, system, way):
        alice = browse("alice")
        assert alice.get(way).url == f"/o/harbour/systems/{system.number}/records/{loaders.THREATS}/edit/"
        seal(cast, system, kind=loaders.THREATS, body=threat_model())
        form = alice.get(way)
        assert form.url == f"/o/harbour/systems/{system.number}/records/{KIND}/edit/?threat_model=1"
        assert 'name="threat_model" value="1"' in alice.get(form.url).content.decode()
        record = seal(cast, system)
        page = alice.get(way, follow=True)
        assert page.redirect_chain[-1][0] == f"/o/harbour/records/{record.pk}/#signatures"
        assert "To be signed off by: Chief information security officer." in page.content.decode()
        assert "Ask for the signature" in page.content.decode()
        asked = alice.post(f"/o/harbour/records/{record.pk}/sign-off/", {}, follow=True).content.decode()
        assert "What you sign" in asked
        assert "Ask for the signature" not in alice.get(way, follow=True).content.decode()
        decision = Decision.objects.get()
        fill = {"verdict": "approve", "reason": "Sound", "content_hash": decision.content_hash, "idempotency": "k"}
        browse("ciso").post(f"/o/harbour/inbox/{decision.pk}/", fill)
        assert judged(cast, system).status == Status.MET
        done = alice.get(way, follow=True).content.decode()
        assert "Ask for the signature" not in done
        assert "approve as ciso" in done

    def test_a_draft_or_a_stale_review_leads_to_the_form(self, cast, browse, system, way):
        record = seal(cast, system, body=review(valid_until="2020-01-01"))
        assert browse("alice").get(way).url.endswith("/edit/")
        seal(cast, system)
        assert "/records/" in browse("alice").get(way).url
        record_draft(actor=cast.actor("alice"), system=system, kind=KIND, body={"scope": "Anew"})
        assert "/edit/" in browse("alice").get(way).url
        assert record.version == 1

    def test_who_may_only_read_is_shown_the_document(self, cast, browse, system, way):
        assert browse("auditor").get(way).url == f"/o/harbour/systems/{system.number}/records/{loaders.THREATS}/"
        seal(cast, system)
        page = browse("auditor").get(way, follow=True).content.decode()
        assert "Ask for the signature" not in page

    def test_the_outsider(self, browse, way):
        assert browse("charlie").get(way).status_code == 404

    def test_whoever_could_sign_wrote_it(self, cast, browse, system):
        record = seal(cast, system, "ciso")
        page = browse("alice").post(f"/o/harbour/records/{record.pk}/sign-off/", {}, follow=True).content.decode()
        assert "Nobody is left who could sign this" in page

    def test_rest(self, cast, rest, system):
        record = seal(cast, system)
        answer = rest("alice").post(f"decisions/records/{record.pk}/sign-offs")
        assert answer.status_code == 200
        assert answer.json()["title"].startswith("Sign off AI security review, version 1 of S-")

    def test_command_line(self, cast, system, capsys):
        record = seal(cast, system)
        assert run(["decisions", "ask", str(record.pk), "--org", "harbour", "--json"]) == 0
        assert "Sign off AI security review" in capsys.readouterr().out
        assert run(["decisions", "ask", str(record.pk), "--org", "harbour"]) == 4
        assert run(["decisions", "ask", str(uuid4()), "--org", "harbour"]) == 3


class TestRisks:
    """security.residual_accepted leads to the threat model, then to the button."""

    def test_it_works(self, cast, browse, system):
        way = f"/o/harbour/systems/{system.number}/{RISKS.remedy}"
        form = f"/o/harbour/systems/{system.number}/records/{loaders.THREATS}/edit/"
        assert browse("alice").get(way).url == form
        risky = threat(residual="high")
        seal(cast, system, kind=loaders.THREATS, body=threat_model(injection=risky))
        assert browse("alice").get(way).url == form
        borne = {"accepted_because": "Until the vendor mends it in May", "accepted_by": "ciso@harbour.example"}
        record = seal(cast, system, kind=loaders.THREATS, body=threat_model(injection=risky | borne))
        assert browse("alice").get(way).url == f"/o/harbour/records/{record.pk}/#signatures"
        sign(cast, "ciso", record_signoff_request(actor=cast.actor("alice"), record=record))
        found = tuple(loader(cast.organisation.pk, None).get(system.pk) for loader in RISKS.loaders)
        assert RISKS.judge(facts(), found, NOW).status == Status.MET

    def test_the_outsider(self, browse, system):
        assert browse("charlie").get(f"/o/harbour/systems/{system.number}/security/risks/").status_code == 404


def test_the_one_page_form_has_the_review_until_it_is_sealed(cast, browse, system):
    System.objects.filter(pk=system.pk).update(stage="pilot", intake=dict.fromkeys(QUESTIONS, "no"))
    refresh(cast.actor("caio"), [system.pk])
    path, field = f"/o/harbour/systems/{system.number}/sheet/", 'name="security.review:new-scope"'
    assert field in browse("alice").get(path).content.decode()
    seal(cast, system)
    page = browse("alice").get(path).content.decode()
    assert field not in page
    assert f"/systems/{system.number}/security/review/" in page
