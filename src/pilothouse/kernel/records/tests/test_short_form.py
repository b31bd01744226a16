"""The short form that the low tier is asked for, and what happens to it when the tier rises."""

import pytest

from pilothouse.contracts.errors import Invalid
from pilothouse.kernel import clock
from pilothouse.kernel.domain import Status, registry
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import system_create
from pilothouse.kernel.inventory.models import System
from pilothouse.kernel.records.actions import kind_of, record_draft, record_seal, records_seal, schema_for
from pilothouse.kernel.records.judging import absent, day, needs, sealed, spoken, today
from pilothouse.kernel.records.schema import full_fields, lines, problems, same, short_form
from pilothouse.kernel.records.selectors import entries, latest_sealed, problems_of
from pilothouse.kernel.records.tests.toys import CARD, PIECE, Card, card, piece

pytestmark = pytest.mark.usefixtures("toys")
SHORT = {"purpose": "It sums up letters."}


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(caio, monkeypatch):
    monkeypatch.setattr(hooks, "_listeners", [])  # the tier stays what the test says
    made = system_create(actor=caio, name="CV summary")
    return in_tier(made, "low")


def in_tier(system, tier):
    System.objects.filter(pk=system.pk).update(tier=tier)
    system.tier = tier
    return system


class Judged:
    """What a judgement may know of a system."""

    inherited = False

    def __init__(self, tier):
        self.tier = tier
        self.intake = {}


@needs("Nothing is written.")
def judge(system, loaded, now):
    return sealed(Status.MET, "All is well.", *(loaded if isinstance(loaded, tuple) else (loaded,)))


def test_the_low_tier_is_asked_for_less(caio, system):
    draft = record_draft(actor=caio, system=system, kind=CARD, body=SHORT)
    assert problems_of(draft) == {}
    row = record_seal(actor=caio, record=draft)
    assert (row.body["limits"], row.body["tested"]) == (None, None)
    paper = latest_sealed(CARD)(system.organisation_id, None)[system.pk]
    assert paper.short
    assert judge(Judged("low"), paper, clock.now()).status == Status.MET


def test_after_the_tier_rises_it_is_asked_for_in_full(caio, system):
    record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=CARD, body=SHORT))
    in_tier(system, "medium")
    paper = latest_sealed(CARD)(system.organisation_id, None)[system.pk]
    found = judge(Judged("medium"), paper, clock.now())
    assert (found.status, found.refs) == (Status.IN_PROGRESS, (paper.ref,))
    again = record_draft(actor=caio, system=system, kind=CARD, body=SHORT)
    assert set(problems_of(again)) == {"owner", "limits", "tested"}
    with pytest.raises(Invalid):
        record_seal(actor=caio, record=again)
    record_seal(actor=caio, record=record_draft(actor=caio, system=system, kind=CARD, body=card()))
    paper = latest_sealed(CARD)(system.organisation_id, None)[system.pk]
    assert not paper.short
    assert judge(Judged("high"), paper, clock.now()).status == Status.MET


def test_entries_in_the_short_form_are_named(caio, system):
    bodies = [(system, {"name": "Reader"}), (system, piece("Writer"))]
    records_seal(actor=caio, kind=PIECE, bodies=bodies)
    found = entries(PIECE)(system.organisation_id, None)[system.pk]
    assert judge(Judged("low"), found, clock.now()).status == Status.MET
    finding = judge(Judged("high"), found, clock.now())
    assert finding.status == Status.IN_PROGRESS
    assert "“Reader”" in finding.reason
    assert "Writer" not in finding.reason


def test_what_is_absent_is_unknown_where_nobody_was_asked():
    assert judge(Judged("low"), None, clock.now()).status == Status.NOT_MET
    assert judge(Judged("low"), (), clock.now()).status == Status.NOT_MET
    found_running = Judged("high")
    found_running.inherited = True
    assert absent(found_running, "Nothing is written.").status == Status.UNKNOWN
    found_running.intake = {"safety": "unknown"}  # its owner was asked
    assert absent(found_running, "Nothing is written.").status == Status.NOT_MET


def test_the_form_of_a_tier(system):
    assert full_fields(Card) == {"owner", "limits", "tested"}
    assert schema_for(kind_of(CARD), system) is short_form(Card)
    assert schema_for(kind_of(CARD), None) is Card
    assert schema_for(kind_of(CARD), in_tier(system, "high")) is Card
    assert set(problems(short_form(Card), {})) == {"purpose"}
    assert "limits" in problems(short_form(Card), SHORT | {"limits": "Short"}), "what is said must still be right"
    assert short_form(Card).__name__ == "Card"


def test_every_short_form_bears_what_is_left_open():
    """A validator that compares what the short form leaves open would fail on the low tier."""
    for kind in registry.records.values():
        if kind.of_system:
            assert isinstance(problems(short_form(kind.schema), {}), dict)


def test_days():
    assert spoken(day("2027-03-31")) == "31 March 2027"
    assert day(None) is None
    assert today(clock.now()) == clock.now().date()


def test_lines_say_what_they_refer_to():
    told = {line.path: line for line in lines(Card, card(uses=["Small 3", "Large 1"], next_to=[7]))}
    assert (told["uses"].refers, told["uses"].keys) == ("toys.model", ("Small 3", "Large 1"))
    assert (told["next_to"].refers, told["next_to"].keys) == ("system", ("7",))
    assert told["purpose"].keys == ()


def test_the_same_is_said_with_or_without_what_is_empty():
    assert same({"a": "x ", "b": None, "c": [{"d": ""}]}, {"a": "x", "c": [{}]})
    assert not same({"a": False}, {})
