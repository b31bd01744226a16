"""Everything that can be written of a system, with each refusal."""

from decimal import Decimal

import pytest
from django.utils import timezone

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid, NotFound
from pilothouse.kernel.access.models import Unit
from pilothouse.kernel.inventory import hooks
from pilothouse.kernel.inventory.actions import (
    BulkChange,
    allocate_numbers,
    bulk_preview,
    component_add,
    component_change,
    custom_field_add,
    custom_field_change,
    date_set,
    duplicate_decide,
    duplicates_find,
    owner_assign,
    owners_release,
    performance_add,
    practice_state,
    relation_add,
    relation_remove,
    saved_view_delete,
    saved_view_save,
    system_bulk_change,
    system_change,
    system_create,
    system_tag,
)
from pilothouse.kernel.inventory.models import DuplicateProposal, Practice, Relation, System
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.ledger.models import Entry


@pytest.fixture
def caio(cast):
    return cast.actor("caio")


@pytest.fixture
def system(cast, caio):
    return system_create(actor=caio, name="CV summary", owner_id=cast.people["alice"].pk, tags=["HR", " hr "])


def actions():
    return list(Entry.objects.order_by("seq").values_list("action", flat=True))


def test_a_new_system_is_an_idea_under_the_next_number(caio, system):
    second = system_create(actor=caio, name="  Invoice   reading ")
    assert (second.number, second.name, second.stage) == (2, "Invoice reading", "idea")
    assert system.tags == ["hr"]


def test_numbers_of_organisations_do_not_meet(cast, system):
    assert system_create(actor=cast.actor("charlie"), name="Elsewhere").number == 1


@pytest.mark.django_db(transaction=False)
def test_numbers_are_kept_for_the_transaction(cast, system):
    from django.db import transaction

    with transaction.atomic():
        assert list(allocate_numbers(cast.organisation.pk, 3)) == [2, 3, 4]


def test_an_owner_of_another_organisation_is_no_owner(cast, caio):
    with pytest.raises(Invalid) as error:
        system_create(actor=caio, name="A", owner_id=cast.people["charlie"].pk, unit_id=cast.people["charlie"].pk)
    assert set(error.value.fields) == {"owner_id", "unit_id"}


def test_someone_who_left_owns_nothing_new(cast, caio):
    cast.people["bob"].left_at = timezone.now()
    cast.people["bob"].save()
    with pytest.raises(Invalid, match="Owner"):
        system_create(actor=caio, name="A", owner_id=cast.people["bob"].pk)


def test_stage_and_tier_are_not_edited(caio, system):
    for key in ("stage", "tier", "number", "version"):
        with pytest.raises(Invalid):
            system_change(actor=caio, system=system, changes={key: "production"})


def test_who_may_not_change_is_refused(cast, system):
    for who in ("bob", "auditor"):
        with pytest.raises(Forbidden):
            system_change(actor=cast.actor(who), system=system, changes={"purpose": "Mine"})
    with pytest.raises(NotFound):
        system_change(actor=cast.actor("charlie"), system=system, changes={"purpose": "Mine"})


def test_an_empty_change_leaves_no_trace(caio, system):
    before = actions()
    assert system_change(actor=caio, system=system, changes={"name": "CV summary"}).version == 1
    assert actions() == before


def test_intake_and_custom_are_merged_key_by_key(caio, system):
    custom_field_add(actor=caio, title="Cost centre")
    custom_field_add(actor=caio, title="Room")
    system_change(actor=caio, system=system, changes={"custom": {"cost_centre": "A1", "room": "3"}})
    changed = system_change(actor=caio, system=system, changes={"custom": {"room": ""}, "intake": {"safety": "no"}})
    assert (changed.custom, changed.intake) == ({"cost_centre": "A1"}, {"safety": "no"})


def test_the_ledger_names_people_as_they_were_called(cast, caio, system):
    owner_assign(actor=caio, system=system, owner_id=cast.people["bob"].pk)
    body = Entry.objects.get(action="system.owner_assigned").content.body
    assert '"name":"Alice"' in body
    assert '"name":"Bob"' in body


def test_tags_come_and_go(caio, system):
    assert system_tag(actor=caio, system=system, add=["Pilot"], remove=["hr"]).tags == ["pilot"]
    with pytest.raises(Invalid):
        system_tag(actor=caio, system=system, add=['with "quotes"'])


def test_listeners_hear_of_every_change(caio, system, monkeypatch):
    heard = []
    monkeypatch.setattr(hooks, "_listeners", [lambda actor, ids: heard.append(list(ids))])
    system_change(actor=caio, system=system, changes={"purpose": "Read faster"})
    date_set(actor=caio, system=system, kind="implemented", text="2026")
    assert heard == [[system.pk], [system.pk]]


class TestBulk:
    def test_all_are_changed_in_few_queries(self, cast, caio, django_assert_max_num_queries, monkeypatch):
        monkeypatch.setattr(hooks, "_listeners", [])
        for n in range(60):
            system_create(actor=caio, name=f"System {n}")
        change = BulkChange({"vendor": "Calyx", "owner_id": str(cast.people["bob"].pk)}, add_tags=("new",))
        with django_assert_max_num_queries(16):
            rows = system_bulk_change(actor=caio, numbers=range(1, 61), change=change)
        assert all(row.after for row in rows)
        assert System.objects.filter(vendor="Calyx", owner=cast.people["bob"], version=2).count() == 60
        assert actions().count("system.changed") == 60

    def test_a_preview_changes_nothing(self, caio, system):
        rows = bulk_preview(caio, [1, 7], BulkChange({"vendor": "Calyx"}))
        assert (rows[0].before, rows[0].after) == ({"vendor": ""}, {"vendor": "Calyx"})
        assert rows[1].refused
        assert System.objects.get().vendor == ""

    def test_one_refusal_stops_all_and_says_which(self, cast, caio, system):
        system_create(actor=caio, name="Other")
        with pytest.raises(Invalid) as error:
            system_bulk_change(actor=caio, numbers=[1, 2, 9], change=BulkChange({"vendor": "Calyx"}))
        assert error.value.data["rows"] == [
            {"number": 9, "reason": "There is no such system, or it is not yours to see."}
        ]
        assert not System.objects.filter(vendor="Calyx").exists()

    @pytest.mark.parametrize("key", ["name", "purpose", "stage", "nonsense"])
    def test_some_fields_are_no_matter_for_many(self, caio, system, key):
        with pytest.raises(Invalid):
            system_bulk_change(actor=caio, numbers=[1], change=BulkChange({key: "x"}))

    def test_an_empty_change_is_refused(self, caio, system):
        with pytest.raises(Invalid):
            system_bulk_change(actor=caio, numbers=[1], change=BulkChange())

    @pytest.mark.parametrize("who", ["alice", "auditor", "employee"])
    def test_who_may_not_is_refused(self, cast, system, who):
        with pytest.raises(Forbidden):
            system_bulk_change(actor=cast.actor(who), numbers=[1], change=BulkChange({"vendor": "x"}))


class TestStatements:
    def test_dates_keep_their_precision_and_words(self, caio, system):
        fact = date_set(actor=caio, system=system, kind="implemented", text="Q1 2026")
        assert (fact.precision, fact.raw) == ("quarter", "Q1 2026")
        assert date_set(actor=caio, system=system, kind="implemented", text="") is None
        assert not system.dates.exists()

    @pytest.mark.parametrize(
        ("kind", "text"), [("birthday", "2026"), ("implemented", "one day"), ("retired", "3/4/2025")]
    )
    def test_what_is_no_date_is_refused(self, caio, system, kind, text):
        with pytest.raises(Invalid):
            date_set(actor=caio, system=system, kind=kind, text=text)

    def test_figures_are_stated_and_need_a_population(self, caio, system):
        row = performance_add(actor=caio, system=system, metric="Accuracy", value="0,93", population="1,200 CVs")
        assert (row.basis, row.value, row.source) == ("stated", Decimal("0.93"), "Caio")
        with pytest.raises(Invalid) as error:
            performance_add(actor=caio, system=system, metric="", value="good")
        assert set(error.value.fields) == {"metric", "value", "population"}

    def test_a_statement_replaces_the_one_before(self, caio, system):
        practice_state(actor=caio, system=system, key="monitoring", status="not_met")
        practice_state(actor=caio, system=system, key="monitoring", status="met", words="Weekly")
        assert Practice.objects.get().words == "Weekly"
        for wrong in ({"key": "dancing", "status": "met"}, {"key": "monitoring", "status": "fine"}):
            with pytest.raises(Invalid):
                practice_state(actor=caio, system=system, **wrong)

    def test_who_may_not_state_is_refused(self, cast, system):
        with pytest.raises(Forbidden):
            practice_state(actor=cast.actor("auditor"), system=system, key="monitoring", status="met")
        with pytest.raises(NotFound):
            date_set(actor=cast.actor("charlie"), system=system, kind="retired", text="2026")
        with pytest.raises(Forbidden):
            performance_add(actor=cast.actor("bob"), system=system, metric="A", value="1", population="x")


class TestParts:
    def test_a_component_is_one_however_often_it_is_added(self, caio):
        first = component_add(actor=caio, kind="model", name="Nord 2", version="1")
        assert component_add(actor=caio, kind="model", name=" Nord  2 ", version="1") == first
        with pytest.raises(Invalid):
            component_add(actor=caio, kind="planet", name="Nord")
        with pytest.raises(Invalid):
            component_add(actor=caio, kind="model", name=" ")

    def test_correcting_a_component_needs_the_right_to_change_many(self, cast, caio):
        model = component_add(actor=caio, kind="model", name="Nord 2", version="1")
        component_add(actor=caio, kind="model", name="Nord 3", version="1")
        assert component_change(actor=caio, component=model, changes={"version": "1.1"}).version == "1.1"
        with pytest.raises(Conflict):
            component_change(actor=caio, component=model, changes={"name": "Nord 3", "version": "1"})
        with pytest.raises(Invalid):
            component_change(actor=caio, component=model, changes={"kind": "tool"})
        with pytest.raises(Forbidden):
            component_change(actor=cast.actor("alice"), component=model, changes={"version": "2"})
        with pytest.raises(NotFound):
            component_change(actor=cast.actor("charlie"), component=model, changes={"version": "2"})

    def test_relations_come_and_go(self, cast, caio, system):
        other = system_create(actor=caio, name="Other")
        relation = relation_add(actor=caio, system=system, kind="feeds", other=other)
        assert relation_add(actor=caio, system=system, kind="feeds", other=other) == relation
        with pytest.raises(NotFound):
            relation_remove(actor=caio, system=other, relation=relation)
        relation_remove(actor=caio, system=system, relation=relation)
        assert not Relation.objects.exists()
        assert actions()[-2:] == ["system.related", "system.unrelated"]

    def test_what_makes_no_relation_is_refused(self, cast, caio, system):
        theirs = system_create(actor=cast.actor("charlie"), name="Theirs")
        part = component_add(actor=cast.actor("charlie"), kind="tool", name="Theirs")
        for wrong in ({"kind": "loves", "other": system}, {"kind": "feeds"}, {"kind": "feeds", "other": system}):
            with pytest.raises(Invalid):
                relation_add(actor=caio, system=system, **wrong)
        with pytest.raises(NotFound):
            relation_add(actor=caio, system=system, kind="feeds", other=theirs)
        with pytest.raises(NotFound):
            relation_add(actor=caio, system=system, kind="uses", component=part)


class TestViewsAndFields:
    def test_fields_are_added_and_changed(self, cast, caio):
        field = custom_field_add(actor=caio, title="Cost centre", kind="choice", choices=["A", "A", "B"])
        assert (field.key, field.choices) == ("cost_centre", ["A", "B"])
        assert custom_field_change(actor=caio, custom_field=field, changes={"active": False}).active is False
        with pytest.raises(Conflict):
            custom_field_add(actor=caio, title="Cost centre")
        for wrong in (
            {"title": ""},
            {"title": "X", "kind": "song"},
            {"title": "Y", "kind": "choice", "choices": ["A"]},
        ):
            with pytest.raises(Invalid):
                custom_field_add(actor=caio, **wrong)
        for changes in ({"kind": "text"}, {"title": " "}, {"choices": ["A"]}):
            with pytest.raises(Invalid):
                custom_field_change(actor=caio, custom_field=field, changes=changes)
        with pytest.raises(Forbidden):
            custom_field_add(actor=cast.actor("alice"), title="Mine")
        with pytest.raises(NotFound):
            custom_field_change(actor=cast.actor("charlie"), custom_field=field, changes={"title": "Theirs"})

    def test_views_are_ones_own_unless_shared(self, cast, caio):
        alice = cast.actor("alice")
        query = SystemQuery.parse("missing=owner&page=3")
        mine = saved_view_save(actor=alice, name="Mine", query=query)
        assert mine.query == "missing=owner"
        assert saved_view_save(actor=alice, name="Mine", query=SystemQuery()).pk == mine.pk
        with pytest.raises(Forbidden):
            saved_view_save(actor=alice, name="Ours", query=query, shared=True)
        shared = saved_view_save(actor=caio, name="Ours", query=query, shared=True)
        with pytest.raises(Forbidden):
            saved_view_delete(actor=alice, saved_view=shared)
        with pytest.raises(Forbidden):
            saved_view_delete(actor=caio, saved_view=mine)
        with pytest.raises(NotFound):
            saved_view_delete(actor=cast.actor("charlie"), saved_view=shared)
        with pytest.raises(Invalid):
            saved_view_save(actor=alice, name=" ", query=query)
        saved_view_delete(actor=alice, saved_view=mine)


class TestDuplicates:
    @pytest.fixture
    def pair(self, cast, caio):
        unit = Unit.objects.create(organisation=cast.organisation, name="People team")
        first = system_create(actor=caio, name="CV summary", purpose="Read applications faster", tags=["a"])
        second = system_create(
            actor=caio, name="CV Summary", purpose="Read applications faster.", unit_id=unit.pk, tags=["b"]
        )
        practice_state(actor=caio, system=second, key="monitoring", status="met")
        practice_state(actor=caio, system=second, key="testing", status="met")
        practice_state(actor=caio, system=first, key="testing", status="not_met")
        date_set(actor=caio, system=second, kind="implemented", text="2025")
        part = component_add(actor=caio, kind="model", name="Nord 2")
        relation_add(actor=caio, system=second, kind="uses", component=part)
        [proposal] = duplicates_find(actor=caio)
        return first, second, proposal

    def test_a_merge_keeps_both_numbers(self, caio, pair):
        first, second, proposal = pair
        duplicate_decide(actor=caio, proposal=proposal, verdict="merged", keep=first, note="Same contract")
        first.refresh_from_db()
        second.refresh_from_db()
        assert (second.stage, first.unit_id, first.tags) == ("retired", second.unit_id, ["a", "b"])
        assert dict(first.practices.values_list("key", "status")) == {"monitoring": "met", "testing": "not_met"}
        assert first.dates.count() == 1
        assert first.relations.get().component.name == "Nord 2"
        assert second.relations.get(kind="same_as").other == first
        assert {"system.merged", "system.merged_away"} <= set(actions())
        with pytest.raises(Conflict):
            duplicate_decide(actor=caio, proposal=proposal, verdict="distinct")
        assert duplicates_find(actor=caio) == []

    def test_the_other_verdicts_move_nothing(self, caio, pair):
        first, second, proposal = pair
        duplicate_decide(actor=caio, proposal=proposal, verdict="linked")
        assert first.relations.get(kind="same_as").other == second
        assert DuplicateProposal.objects.get().status == "linked"
        assert System.objects.filter(stage="idea").count() == 2

    def test_what_makes_no_verdict_is_refused(self, cast, caio, pair):
        proposal = pair[2]
        for wrong in ({"verdict": "maybe"}, {"verdict": "merged"}):
            with pytest.raises(Invalid):
                duplicate_decide(actor=caio, proposal=proposal, **wrong)
        with pytest.raises(NotFound):
            duplicate_decide(actor=cast.actor("charlie"), proposal=proposal, verdict="distinct")
        with pytest.raises(Forbidden):
            duplicate_decide(actor=cast.actor("alice"), proposal=proposal, verdict="distinct")
        with pytest.raises(Forbidden):
            duplicates_find(actor=cast.actor("alice"))


def test_a_leaver_leaves_their_systems_ownerless(cast, caio, system, django_assert_max_num_queries, monkeypatch):
    from django.db import transaction

    monkeypatch.setattr(hooks, "_listeners", [])
    for n in range(20):
        system_create(actor=caio, name=f"System {n}", owner_id=cast.people["alice"].pk, deputy_id=cast.people["bob"].pk)
    with django_assert_max_num_queries(14), transaction.atomic():
        assert owners_release(caio, cast.people["alice"]) == 21
    system.refresh_from_db()
    assert (system.owner_id, system.former_owner_id, system.version) == (None, cast.people["alice"].pk, 2)
    assert actions().count("system.owner_left") == 21
    named = owner_assign(actor=caio, system=system, owner_id=cast.people["bob"].pk)
    assert named.former_owner_id is None
