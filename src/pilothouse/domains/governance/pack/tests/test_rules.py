"""Judging items: by their dates, by role and class, and never better than what they rest on."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.domains.governance.pack.material import (
    Document,
    History,
    House,
    Material,
    Piece,
    Policy,
    Said,
    Subject,
    Usage,
)
from pilothouse.domains.governance.pack.rules import Standing, complete, counts, gaps, judge, judge_item, standing_of
from pilothouse.domains.governance.pack.sections import contents, read
from pilothouse.kernel.domain import registry

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LATER = {"governance.classification", "governance.fria", "governance.dpia", "governance.bias_policy"}
"""Kinds of document that the table names and that may not be there yet: then nothing of them is found."""
ITEMS = {item.id: item for section in contents().sections for item in section.items}
HIGH = Standing(frozenset({"provider", "deployer"}), "high", "Said so")


def subject(**changes):
    base = Subject("s", 1, "CV ranking", "idea", None, None, NOW, "high", "attested", "", "Alice", "", {})
    return replace(base, **changes)


def material(**changes):
    base = Material(
        as_of=NOW,
        house=House("h", "harbour", "Harbour", "UTC", "EUR"),
        system=subject(),
        documents=(),
        evidence=(),
        findings=(),
        rulings=(),
        events=(),
        policy=Policy(),
        usage=Usage(NOW, NOW),
        history=History("pilothouse/h", 3, 3, (("system.created", 1),)),
    )
    return replace(base, **changes)


def paper(kind, key="", **body):
    return Document(f"{kind}{key}", kind, "Paper", "x", key, 1, "sealed", "sha256:0", body, NOW, "Alice")


def piece(effective, expires, standing="current"):
    return Piece(
        "e", "file", "Report", ("governance.controls_evidenced",), "00", "r.txt", "text/plain", 1, "", {}, effective,
        expires, NOW, "Alice", standing,
    )  # fmt: skip


def control(**body):
    return paper("governance.control", **body)


def test_it_works():
    one = judge_item(ITEMS["7.1"], material(documents=(paper("security.threat_model", review_by="2027-06-01"),)), HIGH)
    assert (one.state, one.because) == ("current", "Paper, version 1, until 2027-06-01.")


def test_nothing_there():
    one = judge_item(ITEMS["7.1"], material(), HIGH)
    assert (one.state, one.because, one.role) == ("missing", "There is no sealed threat model.", "ciso")


@pytest.mark.parametrize(
    ("until", "state"),
    [("2026-11-28", "stale"), ("2026-11-29", "due"), ("2026-12-29", "due"), ("2026-12-30", "current")],
)
def test_by_its_day(until, state):
    papers = (paper("security.threat_model", review_by=until),)
    assert judge_item(ITEMS["7.1"], material(documents=papers), HIGH).state == state


def test_the_worst_entry_of_a_register_counts():
    papers = (control(next_test="2030-01-01"), replace(control(next_test="2026-01-01"), id="other"))
    assert judge_item(ITEMS["16.1"], material(documents=papers), HIGH).state == "stale"


def test_each_kind_is_needed_where_the_table_says_so():
    some = (paper("mlops.monitor"),)
    assert judge_item(ITEMS["3.3"], material(documents=some), HIGH).because == "There is no sealed runbook."
    both = (*some, paper("mlops.runbook"))
    assert judge_item(ITEMS["3.3"], material(documents=both), HIGH).state == "current"


def test_role_class_and_day():
    deployer = Standing(frozenset({"deployer"}), "high", "")
    assert judge_item(ITEMS["12.1"], material(), deployer).state == "not_applicable"
    limited = Standing(frozenset({"provider"}), "limited", "")
    assert "limited risk" in judge_item(ITEMS["12.1"], material(), limited).because
    assert judge_item(ITEMS["12.1"], material(), HIGH).because == "It is asked from 2 December 2027 on."
    then = material(as_of=datetime(2027, 12, 2, tzinfo=UTC))
    assert judge_item(ITEMS["12.1"], then, HIGH).state == "missing"


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"state": "in_place", "review_by": "2030-01-01"}, "current"),
        ({"state": "in_place", "review_by": "2026-01-01"}, "stale"),
        ({"state": "open", "due": "2027-01-01"}, "due"),
        ({"state": "open", "due": "2026-01-01"}, "missing"),
        ({"state": "not_applicable", "not_because": "Bought as a whole"}, "not_applicable"),
        ({"state": "not_applicable", "not_because": "Bought", "review_by": "2026-01-01"}, "stale"),
    ],
)
def test_an_obligation_answers_for_its_article(body, state):
    said = paper("governance.obligation", regime="eu_ai_act", citation="Article 43(1)", **body)
    assert judge_item(ITEMS["12.1"], material(documents=(said,)), HIGH).state == state


def test_another_law_does_not_answer():
    said = paper("governance.obligation", regime="gdpr", citation="Article 43", state="in_place")
    then = material(as_of=datetime(2028, 1, 1, tzinfo=UTC), documents=(said,))
    assert judge_item(ITEMS["12.1"], then, HIGH).state == "missing"


def test_unknown_asks_for_everything():
    assert standing_of(material()).asks_as == "high"
    assert standing_of(material()).roles == {"provider", "deployer"}
    said = paper("governance.risk_classification", risk_class="limited", our_role="deployer")
    assert standing_of(material(documents=(said,))).asks_as == "limited"
    assert standing_of(material(documents=(said,))).roles == {"deployer"}


def test_a_check_that_read_what_has_run_out_since():
    said = Said(
        "governance.responsibilities_named", "met", "sealed", "Named.", (("records.record", "p", ""),), NOW, None
    )
    policy = replace(paper("governance.policy", review_by="2026-11-01"), id="p")
    held = material(findings=(said,), documents=(policy,))
    assert judge_item(ITEMS["8.3"], held, HIGH).state == "stale"


days = st.dates(date(2024, 1, 1), date(2030, 1, 1))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001
FIELDS = ("review_by", "valid_until", "next_test")
KINDS = sorted({kind for item in ITEMS.values() for kind in item.records} | {"governance.obligation"})


@st.composite
def anything(draw):
    """Documents, evidence and findings with days of all sorts, at any moment."""
    papers = tuple(
        replace(
            paper(kind, **{field: draw(days).isoformat() for field in draw(st.sets(st.sampled_from(FIELDS)))}),
            id=f"p{number}",
        )
        for number, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), max_size=12)))
    )
    papers = tuple(
        replace(one, body=dict(one.body) | {"state": "in_place", "regime": "eu_ai_act", "citation": "Article 43, 47"})
        for one in papers
    )
    begins = draw(days)
    pieces = tuple(
        replace(piece(begins, begins + timedelta(days=draw(st.integers(0, 900)))), id=f"e{number}")
        for number in range(draw(st.integers(0, 3)))
    )
    findings = tuple(
        Said(check, draw(st.sampled_from(["met", "in_progress", "not_met"])), "sealed", "", (), NOW, None)
        for check in draw(st.sets(st.sampled_from(["governance.controls_evidenced", "governance.risk_classified"])))
    )
    moment = draw(moments)
    pieces = tuple(replace(one, standing="expired" if one.expires_on < moment.date() else "current") for one in pieces)
    return material(as_of=moment, documents=papers, evidence=pieces, findings=findings)


@given(anything())
def test_nothing_is_current_on_what_has_expired(held):
    sections = judge(held, contents(), HIGH)
    by_id = {one.id: one for one in held.documents}
    for section in sections:
        for one in section.items:
            if one.state != "current":
                continue
            live = [source for source in one.sources if source.state != "not_applicable"]
            assert live
            assert all(source.state == "current" for source in live)
            assert all(source.until is None or source.until >= held.day for source in live)
            for source in live:  # and by what the rows say themselves, however the source was judged
                row = by_id.get(source.id.partition(":")[2])
                ends = [date.fromisoformat(row.body[name]) for name in FIELDS if name in row.body] if row else []
                assert all(day >= held.day for day in ends)
    assert complete(sections) == (not gaps(sections))
    assert sum(counts(sections).values()) == len(ITEMS)


@given(anything(), st.integers(1, 2000))
def test_time_alone_never_mends_anything(held, later):
    """The same papers on a later day: nothing that was stale is current again."""
    after = replace(held, as_of=held.as_of + timedelta(days=later), evidence=())
    before = replace(held, evidence=())
    rank = {"current": 0, "due": 1, "stale": 2, "missing": 3, "not_applicable": -1}
    for item in ITEMS.values():
        first, second = judge_item(item, before, HIGH), judge_item(item, after, HIGH)
        assert rank[second.state] >= rank[first.state]


def test_the_table_names_what_there_is():
    kinds = {kind for item in ITEMS.values() for kind in item.records}
    assert kinds - registry.records.keys() <= LATER
    checks = {check for item in ITEMS.values() for check in (*item.checks, *item.evidence)}
    assert checks <= registry.checks.keys()
    assert len(contents().sections) == 19
    for item in ITEMS.values():
        assert item.records or item.checks or item.articles or item.facts or item.shows, item.id
        assert item.roles <= {"provider", "deployer"}
        assert item.classes <= {"any", "high", "limited"}


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('id = "0.2"', 'id = "0.1"', "one id"),
        ('facts = ["owner"]', 'fact = ["owner"]', "unknown fact"),
        ('from = "annex_iii"', 'from = "some_day"', "unknown day"),
    ],
)
def test_a_table_that_cannot_be_read(old, new, word):
    from pilothouse.domains.governance.pack.sections import FILE

    text = FILE.read_text().replace(old, new, 1)
    with pytest.raises(ValueError, match=word):
        read(text.encode())
