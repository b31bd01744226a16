"""Every status of every check of the model lifecycle, and what they read."""

from __future__ import annotations

from uuid import uuid4

import pytest
from tests.judged import NOW, a_paper, a_system

from pilothouse.domains.model_lifecycle.checks import (
    CHECKS,
    FINE_TUNING,
    MODEL,
    SELECTION,
    VERSION,
    judge_card,
    judge_fine_tuning,
    judge_provenance,
    judge_selection,
    judge_version,
)
from pilothouse.domains.model_lifecycle.domain import DOMAIN
from pilothouse.domains.model_lifecycle.schemas import FineTuning, Model, Selection, Version
from pilothouse.domains.model_lifecycle.tests.papers import PAPERS
from pilothouse.kernel.domain import Grade, ShareMet, Status, registry
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.records.actions import records_seal
from pilothouse.kernel.records.people import Here, people_here
from pilothouse.kernel.records.selectors import latest_sealed

HERE = Here({"bob@harbour.example": "Bob", "alice@harbour.example": "Alice"}, {"caio": 1})


def paper(of, /, *, short=False, **changes):
    return a_paper(of, PAPERS[of] | changes, short=short)


def version(**changes):
    return paper(VERSION, **changes)


def test_they_are_registered():
    assert registry.domains["model_lifecycle"] is DOMAIN
    assert [registry.checks[check.id] for check in CHECKS] == list(CHECKS)
    assert [check.id for check in CHECKS] == [
        "model_lifecycle.version_recorded",
        "model_lifecycle.provenance_known",
        "model_lifecycle.selection_sealed",
        "model_lifecycle.fine_tuning_justified",
        "model_lifecycle.card_kept",
    ]
    assert isinstance(DOMAIN.answer, ShareMet)
    assert DOMAIN.answer.stages == ("production",)


def test_fine_tuning_is_not_asked_about_before_a_version_is_recorded():
    assert judge_fine_tuning(a_system(), (None, None), NOW).status == Status.NOT_APPLICABLE


ASKED = [check for check in CHECKS if check.id != "model_lifecycle.fine_tuning_justified"]


@pytest.mark.parametrize("check", ASKED, ids=lambda check: check.id)
def test_nothing_recorded_is_a_gap_and_unknown_where_it_was_found_running(check):
    loaded = tuple(None for _ in check.loaders)
    assert check.judge(a_system(), loaded, NOW).status == Status.NOT_MET
    assert check.judge(a_system(inherited=True), loaded, NOW).status == Status.UNKNOWN


def test_version_recorded_is_met():
    finding = judge_version(a_system(), ((version(),), HERE), NOW)
    assert (finding.status, finding.grade) == (Status.MET, Grade.SEALED)
    assert finding.reason == "It runs tern-2-2026-06-01; Bob answers for it."


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"until": "2026-11-22"}, Status.NOT_MET, "none of them is in use today"),
        ({"since": "2026-11-24"}, Status.NOT_MET, "none of them is in use today"),
        ({"owner": "gone@harbour.example"}, Status.NOT_MET, "gone@harbour.example answered for"),
        ({"pinned": False}, Status.IN_PROGRESS, "may change tern-2-2026-06-01 without a word"),
    ],
)
def test_version_recorded_falls_short(changes, status, words):
    finding = judge_version(a_system(), ((version(**changes),), HERE), NOW)
    assert finding.status == status
    assert words in finding.reason


def test_the_short_form_serves_the_low_tier_alone():
    brief = {"since": None, "pinned": None, "fine_tuned": None}
    one = (version(short=True, **brief),)
    assert judge_version(a_system(tier="low"), (one, HERE), NOW).status == Status.MET
    assert judge_version(a_system(tier="high"), (one, HERE), NOW).status == Status.IN_PROGRESS
    assert judge_fine_tuning(a_system(tier="low"), (one, None), NOW).status == Status.NOT_APPLICABLE
    assert judge_card(a_system(tier="low"), (one, {"Tern 2": paper(MODEL)}), NOW).status == Status.MET


@pytest.mark.parametrize(
    ("models", "status", "words"),
    [
        ((), Status.NOT_MET, "Tern 2 is not in the register"),
        (({"licence_allows": "no"},), Status.NOT_MET, "does not allow this use"),
        (({"licence_allows": "unknown"},), Status.IN_PROGRESS, "Nobody has read"),
        (({},), Status.MET, "Tern 2 by Tern Models"),
    ],
)
def test_provenance_known(models, status, words):
    read = {one.key: one for one in (paper(MODEL, **changes) for changes in models)}
    finding = judge_provenance(a_system(), ((version(),), read), NOW)
    assert finding.status == status
    assert words in finding.reason


def test_provenance_of_what_does_not_run_is_no_matter():
    stopped = (version(until="2026-11-01"),)
    assert judge_provenance(a_system(), (stopped, {"Tern 2": paper(MODEL)}), NOW).status == Status.NOT_MET
    assert judge_card(a_system(inherited=True), (stopped, {"Tern 2": paper(MODEL)}), NOW).status == Status.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "runs", "status"),
    [
        ({}, True, Status.MET),
        ({}, False, Status.MET),
        ({"review_by": "2026-11-22"}, True, Status.IN_PROGRESS),
        ({"chosen": "Rules of the planning desk"}, True, Status.IN_PROGRESS),
    ],
)
def test_selection_sealed(changes, runs, status):
    loaded = (paper(SELECTION, **changes), (version(),) if runs else None)
    assert judge_selection(a_system(), loaded, NOW).status == status


def test_fine_tuning_justified():
    plain, tuned = (version(),), (version(fine_tuned=True),)
    assert judge_fine_tuning(a_system(), (plain, None), NOW).status == Status.NOT_APPLICABLE
    assert judge_fine_tuning(a_system(), (tuned, None), NOW).status == Status.NOT_MET
    assert judge_fine_tuning(a_system(inherited=True), (tuned, None), NOW).status == Status.UNKNOWN
    met = judge_fine_tuning(a_system(), (tuned, paper(FINE_TUNING)), NOW)
    assert met.status == Status.MET
    assert "Prompting reached 84 % of Plans without error, of 300, and 92 is needed." in met.reason
    late = paper(FINE_TUNING, review_by="2026-01-01")
    assert judge_fine_tuning(a_system(), (tuned, late), NOW).status == Status.IN_PROGRESS


def test_card_kept():
    bare = {"Tern 2": paper(MODEL, card=None)}
    assert judge_card(a_system(), ((version(),), {"Tern 2": paper(MODEL)}), NOW).status == Status.MET
    assert judge_card(a_system(), ((version(),), bare), NOW).status == Status.NOT_MET
    own = version(version="tern-2-own", card="https://models.example/own")
    assert judge_card(a_system(), ((own,), bare), NOW).status == Status.MET
    assert judge_card(a_system(), ((own, version()), bare), NOW).status == Status.IN_PROGRESS


@pytest.mark.parametrize(
    ("schema", "kind", "changes"),
    [
        (Model, MODEL, {"base": "Tern 2"}),
        (Model, MODEL, {"card": "a drawer"}),
        (Version, VERSION, {"until": "2026-06-30"}),
        (Selection, SELECTION, {"criteria": PAPERS[SELECTION]["criteria"][:4]}),
        (Selection, SELECTION, {"chosen": "Gull 7"}),
        (Selection, SELECTION, {"candidates": PAPERS[SELECTION]["candidates"][:1]}),
        (Selection, SELECTION, {"candidates": [PAPERS[SELECTION]["candidates"][0]] * 2}),
        (FineTuning, FINE_TUNING, {"prompting": "92"}),
        (FineTuning, FINE_TUNING, {"retrieval": "93"}),
        (FineTuning, FINE_TUNING, {"better": "lower"}),
    ],
)
def test_what_contradicts_itself_is_no_document(schema, kind, changes):
    with pytest.raises(ValueError, match=r"."):
        schema.model_validate(PAPERS[kind] | changes)


def test_what_is_read_takes_a_constant_number_of_queries(cast, django_assert_max_num_queries):
    caio = cast.actor("caio")
    records_seal(actor=caio, kind=MODEL, bodies=[(None, PAPERS[MODEL])])
    made = [system_create(actor=caio, name=f"Planner {number}") for number in range(5)]
    for kind in (VERSION, SELECTION, FINE_TUNING):
        records_seal(actor=caio, kind=kind, bodies=[(system, PAPERS[kind]) for system in made])
    loaders = dict.fromkeys(loader for check in CHECKS for loader in check.loaders)
    with django_assert_max_num_queries(6):
        found = {loader: loader(cast.organisation.pk, None) for loader in loaders}
    assert len(found[latest_sealed(SELECTION)]) == 5
    for check in CHECKS:
        loaded = tuple(found[loader].get(made[0].pk) for loader in check.loaders)
        assert check.judge(a_system(), loaded, NOW).status in (Status.MET, Status.NOT_APPLICABLE)


def test_who_left_is_not_here(cast):
    people = people_here(cast.organisation.pk, None).get(uuid4())
    assert people.called("bob@harbour.example") == "Bob"
    assert people.roles["caio"] == 1
    cast.people["bob"].left_at = NOW
    cast.people["bob"].save()
    people = people_here(cast.organisation.pk, None).get(uuid4())
    assert people.gone(["bob@harbour.example", None, "alice@harbour.example"]) == ["bob@harbour.example"]
    assert "engineer" not in people.roles
